/**
 * The compression of a message's buffers, each by itself, as Arrow's format has
 * it: the uncompressed length as a little-endian int64, then the compressed bytes.
 *
 * @module
 */
import { FlightError, type FlightErrorCode } from "../../errors.ts";
import { lz4Decode } from "./lz4_decode.ts";
import { lz4Encode } from "./lz4_encode.ts";
import type { Compression } from "./verified_message.ts";
import { zstdDecode, zstdEncode } from "./zstd.ts";

/** The length that says that a buffer's bytes follow as they are. */
const NOT_COMPRESSED = -1n;
const PREFIX_LENGTH = 8;

/**
 * A buffer in the form that a compressed message has it, in parts that follow
 * each other. Bytes that do not get smaller stay as they are, uncopied.
 */
export function compressBuffer(
  buffer: Uint8Array,
  compression: Compression,
): readonly Uint8Array[] {
  if (buffer.length === 0) return [];
  const compressed = compression === "lz4" ? lz4Encode(buffer) : zstdEncode(buffer);
  return compressed.length < buffer.length
    ? [lengthPrefix(BigInt(buffer.length)), compressed]
    : [lengthPrefix(NOT_COMPRESSED), buffer];
}

/**
 * The bytes of a buffer that came compressed: in one frame or several. It allocates what
 * the buffer announces, which the caller has checked against a limit, and no more.
 *
 * @throws {FlightError} with the given code when the bytes are not what they announce.
 */
export async function decompressBuffer(
  buffer: Uint8Array,
  compression: Compression,
  code: FlightErrorCode,
): Promise<Uint8Array> {
  if (buffer.length === 0) return buffer;
  if (buffer.length < PREFIX_LENGTH) throw failure(code, compression);
  const view = new DataView(buffer.buffer, buffer.byteOffset, PREFIX_LENGTH);
  const announced = view.getBigInt64(0, true);
  const bytes = buffer.subarray(PREFIX_LENGTH);
  if (announced === NOT_COMPRESSED) return bytes;
  const length = Number(announced);
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

function lengthPrefix(length: bigint): Uint8Array {
  const prefix = new Uint8Array(PREFIX_LENGTH);
  new DataView(prefix.buffer).setBigInt64(0, length, true);
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
