/**
 * Arrow IPC streams: messages one after the other, as files and HTTP bodies have
 * them ("Encapsulated message format" and "IPC streaming format" in the Arrow
 * columnar specification).
 *
 * @module
 */
import { joinBytes } from "../../../base/join_bytes.ts";
import { FlightError, type FlightErrorCode } from "../../errors.ts";
import type { ArrowMessage } from "./arrow_message.ts";
import type { ByteReader } from "./byte_reader.ts";
import { refuseWith } from "./finding.ts";
import { MessageHeader } from "./message_header.ts";

/** What {@linkcode readIpcStream} accepts. */
export interface IpcStreamOptions {
  /** The code of the error that a bad stream gives. @default "INVALID_ARGUMENT" */
  readonly code?: FlightErrorCode;
  /** The most bytes of a message, header and body. @default 1 GiB */
  readonly maxMessageBytes?: number;
  /** The most bytes of a message's header. @default 16 MiB */
  readonly maxHeaderBytes?: number;
  /** Whether bytes may follow after the end marker; they are not read. @default false */
  readonly mayHaveMore?: boolean;
}

/** What stands before the length of an encapsulated message. */
export const CONTINUATION_MARKER = 0xffffffff;
/** The bytes of continuation marker and length; the end marker is one whose length is 0. */
const MESSAGE_PREFIX_BYTES = 8;
/** A chunk has at least so many bytes: smaller messages are joined. */
const MIN_CHUNK = 64 * 1024;
/** The first bytes of Arrow's file format. */
const FILE_MAGIC = "ARROW1";

/**
 * A message without a body in the form that a stream in a file has: the
 * continuation marker, the length, and the flatbuffer padded to 8 bytes.
 *
 * @example From the header of the first FlightData
 * ```ts
 * import { encapsulate, encode } from "@tinyflight/flight/flight";
 * import { tableFromArrays } from "apache-arrow";
 *
 * for await (const { dataHeader } of encode(tableFromArrays({ day: [1, 2] }))) {
 *   const schema = encapsulate(dataHeader!);
 *   console.log(schema.length % 8); // 0
 *   break;
 * }
 * ```
 */
export function encapsulate(header: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(framedLength(header));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, CONTINUATION_MARKER, true);
  view.setInt32(4, bytes.length - MESSAGE_PREFIX_BYTES, true);
  bytes.set(header, MESSAGE_PREFIX_BYTES);
  return bytes;
}

/** The bytes that a message takes in a stream. */
export function framedBytes({ header, body }: ArrowMessage): number {
  return framedLength(header) + body.length;
}

/**
 * The bytes that a stream of these messages has.
 *
 * @example A message with a header of 16 bytes and a body of 64, and the end marker
 * ```ts
 * import { ipcStreamBytes } from "@tinyflight/flight/stores";
 *
 * const message = { header: new Uint8Array(16), body: new Uint8Array(64) };
 * console.log(ipcStreamBytes([message])); // 96
 * ```
 */
export function ipcStreamBytes(messages: Iterable<ArrowMessage>): number {
  let bytes = MESSAGE_PREFIX_BYTES;
  for (const message of messages) bytes += framedBytes(message);
  return bytes;
}

/**
 * The stream of these messages, in chunks: small messages are joined; a large body is a
 * chunk of its own, which is not copied.
 */
export async function* writeIpcStream(
  messages: AsyncIterable<ArrowMessage> | Iterable<ArrowMessage>,
): AsyncGenerator<Uint8Array> {
  let small: Uint8Array[] = [];
  let size = 0;
  for await (const { header, body } of messages) {
    small.push(encapsulate(header));
    size += small[small.length - 1].length;
    if (body.length < MIN_CHUNK) {
      small.push(body);
      size += body.length;
      if (size < MIN_CHUNK) continue;
    }
    yield joinBytes(small);
    small = [];
    size = 0;
    if (body.length >= MIN_CHUNK) yield body;
  }
  yield joinBytes([...small, encapsulate(new Uint8Array(0))]);
}

/**
 * The messages of a stream, each in memory of its own, its body at a multiple of 8. They
 * are not verified. The stream has to have its end marker, and nothing after it: without
 * the marker, a stream that was cut off between two messages could not be told from a
 * shorter one.
 *
 * @throws {FlightError} with the code of the options, when the stream is cut off, or
 * of another format; RESOURCE_EXHAUSTED when a message is larger than is allowed.
 */
export async function* readIpcStream(
  reader: ByteReader,
  options: IpcStreamOptions = {},
): AsyncGenerator<ArrowMessage> {
  const {
    code = "INVALID_ARGUMENT",
    maxMessageBytes = 1024 ** 3,
    maxHeaderBytes = 16 * 1024 ** 2,
    mayHaveMore = false,
  } = options;
  if (await reader.isAtEnd()) {
    throw new FlightError(code, "Cannot read the stream: it is empty");
  }
  while (true) {
    const { length, isOld } = await readLength(reader, code);
    if (length === 0) break;
    // Any four bytes can be a length, but few of them one of a header.
    if (isOld && length > maxHeaderBytes) {
      throw new FlightError(
        code,
        "Cannot read the stream: it is not an Arrow IPC stream",
      );
    }
    checkSize("maxHeaderBytes", length, maxHeaderBytes);
    const header = await readWhole(reader, length, code);
    const bodyLength = refuseWith(code, () => new MessageHeader(header).bodyLength);
    if (!(bodyLength >= 0)) {
      throw new FlightError(
        code,
        `Cannot read the stream: a message declares a body of ${bodyLength} bytes`,
      );
    }
    checkSize("maxMessageBytes", length + bodyLength, maxMessageBytes);
    yield { header, body: await readWhole(reader, bodyLength, code) };
  }
  if (!mayHaveMore && !await reader.isAtEnd()) {
    throw new FlightError(
      code,
      "Cannot read the stream: more bytes follow after its end marker",
    );
  }
}

/**
 * The length of the next header; 0 for the end marker. Before Arrow 0.15 a message had no
 * continuation marker: such a length is old.
 */
async function readLength(
  reader: ByteReader,
  code: FlightErrorCode,
): Promise<{ length: number; isOld: boolean }> {
  const first = await readWhole(reader, 4, code);
  const isOld = view(first).getUint32(0, true) !== CONTINUATION_MARKER;
  const bytes = isOld ? first : await readWhole(reader, 4, code);
  const length = view(bytes).getInt32(0, true);
  if (isOld && FILE_MAGIC.startsWith(String.fromCharCode(...first))) {
    throw new FlightError(
      code,
      "Cannot read the stream: it is in Arrow's file format, and the stream format is needed",
    );
  }
  if (length < 0) {
    throw new FlightError(
      code,
      `Cannot read the stream: a message declares a header of ${length} bytes`,
    );
  }
  return { length, isOld };
}

async function readWhole(
  reader: ByteReader,
  length: number,
  code: FlightErrorCode,
): Promise<Uint8Array> {
  const bytes = await reader.read(length);
  if (bytes.length === length) return bytes;
  throw new FlightError(
    code,
    "Cannot read the stream: it was cut off before its end marker",
  );
}

function checkSize(limit: string, bytes: number, most: number): void {
  if (bytes <= most) return;
  const what = limit === "maxHeaderBytes" ? "message's header" : "message";
  throw new FlightError(
    "RESOURCE_EXHAUSTED",
    `Cannot accept a ${what} of ${bytes} bytes: it exceeds ${most} (${limit}); send smaller batches`,
  );
}

function framedLength(header: Uint8Array): number {
  return MESSAGE_PREFIX_BYTES + Math.ceil(header.length / 8) * 8;
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
