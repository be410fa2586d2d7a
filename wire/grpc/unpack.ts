/**
 * Messages that gRPC itself compresses ("Compression" in gRPC's documents).
 *
 * @module
 */
import { Readable } from "node:stream";
import { promisify } from "node:util";
import { constants, createGunzip, createInflate, gzip } from "node:zlib";
import { StatusError } from "../../rpc/status.ts";
import type { Encoding } from "./grpc_headers.ts";

/** An encoding that compresses. */
export type Compression = Exclude<Encoding, "identity">;

/** What {@linkcode unpack} may do. */
export interface UnpackOptions {
  /** How the message is compressed. */
  readonly encoding: Compression;
  /** The most bytes that it may become. */
  readonly maxBytes: number;
  /** Gives up, and rejects with its reason, when it is aborted. */
  readonly signal?: AbortSignal;
}

/** The compressed bytes that are taken in one go, so that other calls have their turn. */
const PIECE_BYTES = 4 * 1024;
/** The bytes that come out in one go. */
const CHUNK_BYTES = 64 * 1024;
/** Deflate makes no more than so many bytes from one. */
const MAX_RATIO = 1032;
/** What a gzip member has at least: its header and its trailer. */
const MIN_GZIP_BYTES = 18;

/**
 * Decompresses a message into memory of its own. The length is known before memory is
 * taken: gzip tells it in its last bytes, and what tells none, or the wrong one, is
 * decompressed twice, at first only to be counted.
 *
 * @throws {StatusError} RESOURCE_EXHAUSTED when it becomes larger than it may;
 * INTERNAL when it cannot be decompressed.
 */
export async function unpack(
  bytes: Uint8Array,
  options: UnpackOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const told = options.encoding === "gzip" ? readGzipLength(bytes) : undefined;
  if (
    told !== undefined && told <= Math.min(options.maxBytes, bytes.length * MAX_RATIO)
  ) {
    const target = new Uint8Array(told);
    if (await fill(bytes, target, options) === told) return target;
  }
  const target = new Uint8Array(await fill(bytes, undefined, options));
  await fill(bytes, target, options);
  return target;
}

/** Compresses a message by gzip, unless it would not get smaller; then gives undefined. */
export async function pack(bytes: Uint8Array): Promise<Uint8Array | undefined> {
  const packed = await promisify(gzip)(bytes, { level: constants.Z_BEST_SPEED });
  return packed.length < bytes.length ? packed : undefined;
}

/**
 * Decompresses into the target, if there is one, as far as it has room, and gives how
 * many bytes the whole has.
 */
async function fill(
  bytes: Uint8Array,
  target: Uint8Array | undefined,
  { encoding, maxBytes, signal }: UnpackOptions,
): Promise<number> {
  const create = encoding === "gzip" ? createGunzip : createInflate;
  const decompressor = create({ chunkSize: CHUNK_BYTES });
  const source = Readable.from(pieces(bytes));
  let length = 0;
  try {
    for await (const chunk of source.pipe(decompressor)) {
      signal?.throwIfAborted();
      if (length + chunk.length > maxBytes) throw tooLarge(maxBytes);
      if (target !== undefined && length < target.length) {
        target.set(chunk.subarray(0, target.length - length), length);
      }
      length += chunk.length;
    }
  } catch (error) {
    if (!isZlibError(error)) throw error;
    const message =
      `Cannot read the message: it is said to be compressed by ${encoding}, and is not`;
    throw new StatusError("INTERNAL", message, { cause: error });
  } finally {
    source.destroy();
    decompressor.destroy();
  }
  return length;
}

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    await new Promise((resolve) => setImmediate(resolve));
    yield bytes.subarray(at, at + PIECE_BYTES);
  }
}

/** Whether zlib refused the bytes: its errors have its names as codes (`Z_DATA_ERROR`). */
function isZlibError(error: unknown): boolean {
  return error instanceof Error && "code" in error && `${error.code}`.startsWith("Z_");
}

/** The length that the last four bytes of a gzip member tell (RFC 1952, 2.3.1). */
function readGzipLength(bytes: Uint8Array): number | undefined {
  if (bytes.length < MIN_GZIP_BYTES) return undefined;
  const { buffer, byteOffset, length } = bytes;
  return new DataView(buffer, byteOffset, length).getUint32(length - 4, true);
}

function tooLarge(maxBytes: number): StatusError {
  return new StatusError(
    "RESOURCE_EXHAUSTED",
    `Cannot accept the message: it decompresses to more than ${maxBytes} bytes; send it in parts`,
  );
}
