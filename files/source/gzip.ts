/**
 * Bytes compressed with gzip.
 *
 * @module
 */
import { pipeline, Readable } from "node:stream";
import { createGunzip, createGzip } from "node:zlib";
import { FileError } from "../file_error.ts";

/** The bytes after compression. */
export async function* gzip(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield* pipeline(Readable.from(chunks), createGzip(), () => {});
}

/**
 * The bytes after decompression.
 *
 * @throws {FileError} when they are not a whole file of gzip.
 */
export async function* gunzip(
  chunks: AsyncIterable<Uint8Array>,
  file: string | undefined,
): AsyncGenerator<Uint8Array> {
  try {
    yield* pipeline(Readable.from(chunks), createGunzip(), () => {});
  } catch (error) {
    const code = error instanceof Error ? Reflect.get(error, "code") : undefined;
    if (typeof code !== "string" || !code.startsWith("Z_")) throw error;
    throw new FileError("it is not a whole file of gzip", { file, cause: error });
  }
}
