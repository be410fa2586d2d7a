/** Arrow IPC streams as bytes. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import type { ArrowMessage } from "../../flight/arrow/format/arrow_message.ts";
import { FlightError } from "../../flight/errors.ts";
import { ByteReader } from "../../flight/arrow/format/byte_reader.ts";
import {
  ipcStreamBytes,
  type IpcStreamOptions,
  readIpcStream,
  writeIpcStream,
} from "../../flight/arrow/format/ipc_stream.ts";
import {
  joinStream,
  readStream,
  splitStream,
  streamNames,
} from "../helpers/tables/arrow_stream.ts";

const END = new Uint8Array([255, 255, 255, 255, 0, 0, 0, 0]);

/** A stream of these bytes in chunks of so many. */
function inChunks(bytes: Uint8Array, size: number): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, at += size));
    },
  });
}

async function read(
  stream: ReadableStream<Uint8Array>,
  options?: IpcStreamOptions,
): Promise<ArrowMessage[]> {
  await using reader = new ByteReader(stream);
  return await Array.fromAsync(readIpcStream(reader, options));
}

async function write(messages: readonly ArrowMessage[]): Promise<Uint8Array> {
  const chunks = await Array.fromAsync(writeIpcStream(messages));
  return await new Blob(chunks as BlobPart[]).bytes();
}

/** A header of a message with a body of so many bytes, which nothing else is right in. */
function headerFor(bodyLength: number): Uint8Array {
  const bytes = new Uint8Array(40);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 20, true);
  // The vtable, with the body's length as its fourth slot, and then the table.
  [12, 16, 0, 0, 0, 4].forEach((value, slot) =>
    view.setUint16(4 + 2 * slot, value, true)
  );
  view.setInt32(20, 16, true);
  view.setBigInt64(24, BigInt(bodyLength), true);
  return bytes;
}

Deno.test("readIpcStream() reads what pyarrow wrote, in chunks of any size", async () => {
  for (const name of streamNames()) {
    const stream = readStream(name);
    const expected = splitStream(stream);
    for (const size of [1, 7, 64, 5000, stream.length]) {
      const found = await read(inChunks(stream, size));
      assertEquals(found, expected, `${name} in chunks of ${size}`);
      assert(found.every(({ body }) => body.byteOffset % 8 === 0));
    }
    // A stream of bytes, which can be read into place.
    assertEquals(await read(new Blob([stream as BlobPart]).stream()), expected);
  }
});

Deno.test("writeIpcStream() writes what pyarrow wrote, and ipcStreamBytes() counts it", async () => {
  for (const name of streamNames()) {
    const messages = splitStream(readStream(name));
    const bytes = await write(messages);
    assertEquals(bytes, joinStream(messages), name);
    assertEquals(ipcStreamBytes(messages), bytes.length);
  }
});

Deno.test("writeIpcStream() copies no large body, and joins small messages", async () => {
  const header = headerFor(0);
  const [large, small] = [new Uint8Array(100_000), new Uint8Array(1000)];
  const messages = [...Array(10).fill({ header, body: small }), {
    header,
    body: large,
  }];
  const chunks = await Array.fromAsync(writeIpcStream(messages));
  assertEquals(chunks.length, 3);
  assert(chunks[1] === large);
});

Deno.test("readIpcStream() reads large bodies over many chunks", async () => {
  const body = Uint8Array.from({ length: 5_000_000 }, (_, index) => index % 251);
  const bytes = await write([{ header: headerFor(body.length), body }]);
  for (const size of [1000, 65_536, 3_000_000]) {
    const [message] = await read(inChunks(bytes, size));
    assertEquals(message.body.length, body.length);
    assert(message.body.every((byte, index) => byte === index % 251));
  }
});

Deno.test("readIpcStream() sets no more aside than has come", async () => {
  const bytes = await write([{ header: headerFor(2 ** 29), body: new Uint8Array(8) }]);
  const before = Deno.memoryUsage().external;
  await assertRejects(() => read(inChunks(bytes, 100)), FlightError, "was cut off");
  assert(Deno.memoryUsage().external - before < 64 * 1024 * 1024);
});

Deno.test("readIpcStream() reads streams from before the continuation marker", async () => {
  const messages = splitStream(readStream("numbers"));
  const parts = messages.flatMap(({ header, body }) => {
    const prefix = new Uint8Array(4);
    new DataView(prefix.buffer).setInt32(0, header.length, true);
    return [prefix, header, body];
  });
  const bytes = await new Blob([...parts, new Uint8Array(4)] as BlobPart[]).bytes();
  assertEquals(await read(inChunks(bytes, 1000)), messages);
});

const stream = readStream("numbers");
const refused: [string, Uint8Array, string][] = [
  ["nothing", new Uint8Array(0), "is empty"],
  ["half a prefix", stream.slice(0, 6), "was cut off"],
  ["a header that is cut", stream.slice(0, 100), "was cut off"],
  ["no end marker", stream.slice(0, -8), "before its end marker"],
  ["half an end marker", stream.slice(0, -4), "was cut off"],
  ["bytes after the end", new Uint8Array([...stream, 0]), "more bytes follow"],
  [
    "a negative length",
    new Uint8Array([...END.slice(0, 4), ...END.slice(0, 4)]),
    "-1 bytes",
  ],
  ["the file format", new TextEncoder().encode("ARROW1\0\0......"), "file format"],
];
for (const [what, bytes, reason] of refused) {
  Deno.test(`readIpcStream() refuses ${what}`, async () => {
    const reading = read(inChunks(bytes, 50), { code: "DATA_LOSS" });
    const error = await assertRejects(() => reading, FlightError, reason);
    assertEquals(error.code, "DATA_LOSS");
  });
}

Deno.test("readIpcStream() refuses a body of a length below zero, or beyond the limit", async () => {
  const framed = async (length: number) =>
    await write([{ header: headerFor(length), body: new Uint8Array(0) }]);
  const negative = inChunks(await framed(-8), 50);
  await assertRejects(() => read(negative), FlightError, "a body of -8 bytes");
  const large = inChunks(await framed(2 ** 40), 50);
  const error = await assertRejects(
    () => read(large),
    FlightError,
    "it exceeds 1073741824",
  );
  assertEquals(error.code, "RESOURCE_EXHAUSTED");
});

Deno.test("readIpcStream() passes on why its source has failed", async () => {
  const reason = new Error("the disk is on fire");
  const failing = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(stream.slice(0, 300));
    },
    pull(controller) {
      controller.error(reason);
    },
  });
  await assertRejects(() => read(failing), Error, reason.message);
});
