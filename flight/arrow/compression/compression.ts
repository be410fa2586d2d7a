/**
 * Compresses and decompresses buffers of messages. A compressed buffer is its length
 * before compression, as a little-endian int64, and then the compressed bytes.
 *
 * @module
 */
import { FlightError, type FlightErrorCode } from "../../errors.ts";
import { lz4Decode } from "./lz4_decode.ts";
import { lz4Encode } from "./lz4_encode.ts";
import { zstdDecode, zstdEncode } from "./zstd.ts";

/** How a batch's buffers are compressed: the LZ4 frame format, or Zstandard. */
export type Compression = "lz4" | "zstd";

/** The codecs by their numbers in the format's Message.fbs. */
export const CODECS: readonly Compression[] = ["lz4", "zstd"];

/** How many bytes the length before a compressed buffer takes. */
export const LENGTH_PREFIX_BYTES = 8;
/** The length that says that the bytes after it are not compressed. */
export const NOT_COMPRESSED: number = -1;

/**
 * A buffer as a compressed message has it, in parts that follow each other. Bytes that do
 * not get smaller by compression are not compressed, and not copied.
 */
export function compressBuffer(
  buffer: Uint8Array,
  compression: Compression,
): readonly Uint8Array[] {
  if (buffer.length === 0) return [];
  const compressed = compression === "lz4" ? lz4Encode(buffer) : zstdEncode(buffer);
  return compressed.length < buffer.length
    ? [lengthPrefix(buffer.length), compressed]
    : [lengthPrefix(NOT_COMPRESSED), buffer];
}

/**
 * The bytes of a buffer of a compressed message, which has one frame or several. It takes
 * no more memory than the length in the buffer says, which the caller has checked.
 *
 * @throws {FlightError} with the given code when the bytes are damaged, or of another length.
 */
export async function decompressBuffer(
  buffer: Uint8Array,
  compression: Compression,
  code: FlightErrorCode,
): Promise<Uint8Array> {
  if (buffer.length === 0) return buffer;
  if (buffer.length < LENGTH_PREFIX_BYTES) throw failure(code, compression);
  const view = new DataView(buffer.buffer, buffer.byteOffset, LENGTH_PREFIX_BYTES);
  const length = Number(view.getBigInt64(0, true));
  const bytes = buffer.subarray(LENGTH_PREFIX_BYTES);
  if (length === NOT_COMPRESSED) return bytes;
  if (!Number.isSafeInteger(length) || length < 0) {
    throw failure(code, compression);
  }
  if (length === 0) return new Uint8Array(0);
  try {
    return compression === "lz4"
      ? lz4Decode(bytes, length)
      : await zstdDecode(bytes, length);
  } catch (cause) {
    throw failure(code, compression, cause);
  }
}

function lengthPrefix(length: number): Uint8Array {
  const prefix = new Uint8Array(LENGTH_PREFIX_BYTES);
  new DataView(prefix.buffer).setBigInt64(0, BigInt(length), true);
  return prefix;
}

function failure(
  code: FlightErrorCode,
  compression: Compression,
  cause?: unknown,
): FlightError {
  return new FlightError(
    code,
    `Cannot decompress a buffer: its bytes are not the ${compression} data that it announces`,
    { cause },
  );
}
