/**
 * Arrow IPC streams for the tests, taken apart into the messages that they hold.
 *
 * @module
 */
import type { ArrowMessage } from "../../../flight/arrow/format/arrow_message.ts";

const DATA = new URL("../../data/", import.meta.url);

/** The names of the streams that tests/data/make_streams.py wrote. */
export function streamNames(): string[] {
  return [...Deno.readDirSync(DATA)]
    .map((entry) => entry.name)
    .filter((name) => name.endsWith(".arrows"))
    .map((name) => name.slice(0, -".arrows".length))
    .sort();
}

/** The bytes of a stream that tests/data/make_streams.py wrote. */
export function readStream(name: string): Uint8Array {
  return Deno.readFileSync(new URL(`${name}.arrows`, DATA));
}

/** The messages of a stream; each is a view of its bytes. */
export function splitStream(bytes: Uint8Array): ArrowMessage[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const messages: ArrowMessage[] = [];
  let at = 0;
  while (at + 8 <= bytes.length) {
    const size = view.getInt32(at + 4, true);
    if (size === 0) break;
    const header = bytes.subarray(at + 8, at + 8 + size);
    at += 8 + size;
    const bodySize = bodyLength(header);
    messages.push({ header, body: bytes.subarray(at, at + bodySize) });
    at += bodySize;
  }
  return messages;
}

/** The stream of these messages. */
export function joinStream(messages: readonly ArrowMessage[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const { header, body } of messages) {
    const size = Math.ceil(header.length / 8) * 8;
    const framed = new Uint8Array(8 + size);
    framed.set([255, 255, 255, 255]);
    new DataView(framed.buffer).setInt32(4, size, true);
    framed.set(header, 8);
    parts.push(framed, body);
  }
  parts.push(new Uint8Array([255, 255, 255, 255, 0, 0, 0, 0]));
  const stream = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    stream.set(part, at);
    at += part.length;
  }
  return stream;
}

/** The length of body that a message's flatbuffer declares. */
function bodyLength(header: Uint8Array): number {
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  const table = view.getUint32(0, true);
  const vtable = table - view.getInt32(table, true);
  const slots = view.getUint16(vtable, true);
  const offset = slots > 10 ? view.getUint16(vtable + 10, true) : 0;
  return offset === 0 ? 0 : Number(view.getBigInt64(table + offset, true));
}
