/**
 * Reads Arrow's two formats: files and streams.
 *
 * @module
 */
import { ByteReader } from "../../flight/arrow/format/byte_reader.ts";
import type { ArrowMessage } from "../../flight/arrow/format/arrow_message.ts";
import { Finding } from "../../flight/arrow/format/finding.ts";
import {
  CONTINUATION_MARKER,
  readIpcStream,
} from "../../flight/arrow/format/ipc_stream.ts";
import { FlightError } from "../../flight/errors.ts";
import { FileError } from "../file_error.ts";
import type { FileBytes } from "../source/file_bytes.ts";
import {
  type Block,
  FILE_END_BYTES,
  FILE_START,
  type Footer,
  readFooter,
  schemaMessageOf,
  startsLikeFile,
} from "./file_layout.ts";

/** A message has to be smaller than this: bodies of files may be large. */
const MAX_MESSAGE_BYTES = 2 ** 32;
const MAX_HEADER_BYTES = 64 << 20;

/**
 * The messages of a stream, the schema first. They are not verified.
 *
 * @throws {FileError} when it is no whole stream.
 */
export async function* readStreamMessages(
  chunks: AsyncIterable<Uint8Array>,
  file: string | undefined,
): AsyncGenerator<ArrowMessage> {
  await using reader = new ByteReader(ReadableStream.from(chunks));
  try {
    yield* readIpcStream(reader, {
      maxMessageBytes: MAX_MESSAGE_BYTES,
      maxHeaderBytes: MAX_HEADER_BYTES,
    });
  } catch (error) {
    throw asFileError(error, file);
  }
}

/**
 * The messages of a file: the schema, the dictionaries, and the record batches in the
 * order of its footer. They are not verified.
 *
 * @throws {FileError} when it is no whole file.
 */
export async function* readFileMessages(
  bytes: FileBytes,
  file: string | undefined,
): AsyncGenerator<ArrowMessage> {
  const { footer, footerBytes, end } = await findFooter(bytes, file);
  const blocks = [...footer.dictionaries, ...footer.batches];
  // The schema stands first, with a length that only itself tells.
  const start = await bytes.read(FILE_START.length, 8);
  const length = headerLengthAt(start);
  if (length.bytes <= 0 || blocks.some(({ offset }) => offset === FILE_START.length)) {
    // apache-arrow for JavaScript writes the schema into the footer alone.
    yield schemaInFooter(footerBytes, file);
    for (const block of blocks) yield await readBlock(bytes, end, file, block);
    return;
  }
  yield await readBlock(bytes, end, file, {
    offset: FILE_START.length,
    headerLength: length.bytes + length.prefix,
    bodyLength: 0,
  });
  for (const block of blocks) yield await readBlock(bytes, end, file, block);
}

/** The error for what the codec has found in a file. */
export function asFileError(error: unknown, file: string | undefined): unknown {
  if (!(error instanceof FlightError || error instanceof Finding)) return error;
  const reason = /^Cannot [^:]+: (.*)$/s.exec(error.message)?.[1] ?? error.message;
  return new FileError(reason, { file, cause: error });
}

function schemaInFooter(footer: Uint8Array, file: string | undefined): ArrowMessage {
  try {
    return { header: schemaMessageOf(footer), body: new Uint8Array(0) };
  } catch (error) {
    throw asFileError(error, file);
  }
}

async function findFooter(
  bytes: FileBytes,
  file: string | undefined,
): Promise<{ footer: Footer; footerBytes: Uint8Array; end: number }> {
  const cutOff = new FileError("it is not a whole Arrow file: its end is missing", {
    file,
  });
  const end = bytes.size - FILE_END_BYTES;
  if (end < FILE_START.length) throw cutOff;
  const last = await bytes.read(end, FILE_END_BYTES);
  if (!startsLikeFile(last.subarray(4))) throw cutOff;
  const length = viewOf(last).getInt32(0, true);
  if (length <= 0 || length > end - FILE_START.length) {
    throw new FileError(`its footer has the impossible length ${length}`, { file });
  }
  try {
    const footerBytes = await bytes.read(end - length, length);
    return { footer: readFooter(footerBytes), footerBytes, end: end - length };
  } catch (error) {
    throw asFileError(error, file);
  }
}

async function readBlock(
  bytes: FileBytes,
  end: number,
  file: string | undefined,
  { offset, headerLength, bodyLength }: Block,
): Promise<ArrowMessage> {
  const refuse = (reason: string) => new FileError(reason, { file, offset });
  const bodyAt = offset + headerLength;
  const isInside = offset >= FILE_START.length && headerLength >= 8 &&
    bodyLength >= 0 && bodyAt + bodyLength <= end;
  if (!isInside) throw refuse("a message lies outside of the file");
  const framed = await bytes.read(offset, headerLength);
  const { prefix, bytes: length } = headerLengthAt(framed);
  if (length <= 0 || prefix + length > headerLength) {
    throw refuse(`a message declares a header of ${length} bytes`);
  }
  const body = bodyLength === 0
    ? new Uint8Array(0)
    : aligned(await bytes.read(bodyAt, bodyLength));
  return { header: framed.slice(prefix, prefix + length), body };
}

/** The length of a header, and of what stands before it: from before Arrow 0.15, no marker. */
function headerLengthAt(bytes: Uint8Array): { prefix: number; bytes: number } {
  const view = viewOf(bytes);
  if (view.byteLength < 8) return { prefix: 0, bytes: 0 };
  return view.getUint32(0, true) === CONTINUATION_MARKER
    ? { prefix: 8, bytes: view.getInt32(4, true) }
    : { prefix: 4, bytes: view.getInt32(0, true) };
}

/** The body at a multiple of 8, where views of all types fit. */
function aligned(body: Uint8Array): Uint8Array {
  return body.byteOffset % 8 === 0 ? body : body.slice();
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
