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
}

const CONTINUATION = 0xffffffff;
/** Continuation marker and length; also the end marker's size, whose length is 0. */
const PREFIX_BYTES = 8;
/** Messages below this are joined, so that many small ones go out together. */
const SMALL_CHUNK = 64 * 1024;
/** What the first bytes of Arrow's file format say. */
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
  view.setUint32(0, CONTINUATION, true);
  view.setInt32(4, bytes.length - PREFIX_BYTES, true);
  bytes.set(header, PREFIX_BYTES);
  return bytes;
}

/** The bytes that a message takes in a stream. */
export function framedBytes({ header, body }: ArrowMessage): number {
  return framedLength(header) + body.length;
}

/** The bytes that a stream of these messages has. */
export function ipcStreamBytes(messages: Iterable<ArrowMessage>): number {
  let bytes = PREFIX_BYTES;
  for (const message of messages) bytes += framedBytes(message);
  return bytes;
}

/**
 * The stream of these messages, in chunks: small messages are joined, and a large
 * body is a chunk of its own that is not copied.
 */
export async function* writeIpcStream(
  messages: AsyncIterable<ArrowMessage> | Iterable<ArrowMessage>,
): AsyncGenerator<Uint8Array> {
  let small: Uint8Array[] = [];
  let size = 0;
  for await (const { header, body } of messages) {
    small.push(encapsulate(header));
    size += small[small.length - 1].length;
    if (body.length < SMALL_CHUNK) {
      small.push(body);
      size += body.length;
      if (size < SMALL_CHUNK) continue;
    }
    yield joinBytes(small);
    small = [];
    size = 0;
    if (body.length >= SMALL_CHUNK) yield body;
  }
  yield joinBytes([...small, encapsulate(new Uint8Array(0))]);
}

/**
 * The messages of a stream, each in memory of its own, its body at a multiple of 8.
 * They are not verified. A stream has to have its end marker, and nothing after it:
 * one that was cut between two messages would else pass for a shorter table.
 *
 * @throws {FlightError} with the code of the options, when the stream is cut off or
 * no such stream; RESOURCE_EXHAUSTED when a message is larger than is allowed.
 */
export async function* readIpcStream(
  reader: ByteReader,
  options: IpcStreamOptions = {},
): AsyncGenerator<ArrowMessage> {
  const {
    code = "INVALID_ARGUMENT",
    maxMessageBytes = 1024 ** 3,
    maxHeaderBytes = 16 * 1024 ** 2,
  } = options;
  if (await reader.isAtEnd()) {
    throw new FlightError(code, "Cannot read the stream: it is empty");
  }
  while (true) {
    const { length, isOld } = await readLength(reader, code);
    if (length === 0) break;
    // Few bytes are the continuation marker; all others may stand for a length.
    if (isOld && length > maxHeaderBytes) {
      throw new FlightError(code, "Cannot read the stream: it is none of Arrow's");
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
  if (!await reader.isAtEnd()) {
    throw new FlightError(
      code,
      "Cannot read the stream: more bytes follow after its end marker",
    );
  }
}

/** The length of the next header; 0 at the stream's end. Before Arrow 0.15 it came first. */
async function readLength(
  reader: ByteReader,
  code: FlightErrorCode,
): Promise<{ length: number; isOld: boolean }> {
  const first = await readWhole(reader, 4, code);
  const isOld = view(first).getUint32(0, true) !== CONTINUATION;
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
    `Cannot accept a ${what} of ${bytes} bytes: ${most} is the most (${limit}); send smaller batches`,
  );
}

function framedLength(header: Uint8Array): number {
  return PREFIX_BYTES + Math.ceil(header.length / 8) * 8;
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
