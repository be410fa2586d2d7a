/**
 * The compression of a message's buffers, each by itself, as Arrow's format has
 * it: the uncompressed length as a little-endian int64, then the compressed bytes.
 *
 * @module
 */
import { constants, createZstdDecompress, zstdCompressSync } from "node:zlib";
import { FlightError, type FlightErrorCode } from "../../errors.ts";
import { lz4Decode, lz4Encode } from "./lz4.ts";
import type { Compression } from "./verified_message.ts";

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
 * The bytes of a buffer that came compressed. It allocates what the buffer
 * announces, which the caller has checked against a limit, and no more.
 *
 * @throws {FlightError} with the given code when the bytes are not what they announce.
 */
export function decompressBuffer(
  buffer: Uint8Array,
  compression: Compression,
  code: FlightErrorCode,
): Uint8Array {
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
    return compression === "lz4" ? lz4Decode(bytes, length) : zstdDecode(bytes, length);
  } catch (cause) {
    throw failure(code, compression, cause);
  }
}

function zstdEncode(bytes: Uint8Array): Uint8Array {
  return zstdCompressSync(bytes, {
    params: { [constants.ZSTD_c_compressionLevel]: 1 },
  });
}

function zstdDecode(bytes: Uint8Array, length: number): Uint8Array {
  const options = { maxOutputLength: length };
  const decompressor = createZstdDecompress(options) as unknown as ZstdDecompressor;
  try {
    const decoded = decompressor._processChunk(bytes, constants.ZSTD_e_end);
    if (decoded.length !== length) {
      throw new RangeError(`${decoded.length} bytes came out instead of ${length}`);
    }
    return new Uint8Array(decoded.buffer, decoded.byteOffset, length);
  } finally {
    decompressor._handle?.close();
  }
}

/**
 * What zstdDecompressSync uses of a decompressor. It does not close it when bytes are
 * damaged, and in Deno 2.9 each that is left so keeps 20 KB of memory, of which the
 * garbage collector does not know.
 */
interface ZstdDecompressor {
  _processChunk(bytes: Uint8Array, flush: number): Uint8Array<ArrayBuffer>;
  readonly _handle: { close(): void } | null;
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
