/**
 * Where the bytes of a file come from.
 *
 * @module
 */
import { type FileHandle, open } from "node:fs/promises";
import { joinBytes } from "../../base/join_bytes.ts";
import { FileError } from "../file_error.ts";
import { isGzipName } from "../file_format.ts";
import {
  BlobBytes,
  CHUNK_BYTES,
  chunksOf,
  type FileBytes,
  HandleBytes,
  MemoryBytes,
} from "./file_bytes.ts";
import { gunzip } from "./gzip.ts";
import { spool } from "./spool.ts";

/**
 * A file to read: its path, or its URL of the scheme `file:`, its bytes, a Blob, or a
 * stream, such as standard input or the body of a response. What can be read only once
 * and is needed twice goes to a temporary file when it is large.
 */
export type FileSource =
  | string
  | URL
  | Uint8Array
  | Blob
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>;

/** How {@linkcode OpenSource} opens and reads. */
export interface SourceOptions {
  /** The file's name, for messages, and for its ending. */
  name?: string;
  /** The folder for temporary files. */
  temporaryFolder?: string;
  /** Whether the bytes are compressed with gzip. @default by the name's ending */
  gzip?: boolean;
  /** Ends the reading. */
  signal?: AbortSignal;
  /** Told how far the file was read in order, of how many bytes. */
  onRead?: (position: number, size: number) => void;
}

/** A file that is open, and can be read. */
export class OpenSource implements AsyncDisposable {
  /** The file's name; undefined when it has none. */
  readonly name: string | undefined;
  readonly #options: SourceOptions;
  #isPacked: boolean;
  /** What can be read only once, and was not read yet. */
  #once: AsyncIterable<Uint8Array> | undefined;
  /** What can be read anywhere; compressed bytes cannot. */
  #bytes: FileBytes | undefined;
  /** What is closed in the end. */
  readonly #opened: FileBytes[] = [];

  private constructor(
    source: FileBytes | AsyncIterable<Uint8Array>,
    options: SourceOptions,
  ) {
    this.name = options.name;
    this.#options = options;
    this.#isPacked = options.gzip ?? isGzipName(options.name ?? "");
    if (!isFileBytes(source)) this.#once = source;
    else {
      this.#opened.push(source);
      if (this.#isPacked) this.#once = chunksOf(source);
      else this.#bytes = source;
    }
  }

  /**
   * Opens a source.
   *
   * @throws {FileError} when there is no such file, or it cannot be opened.
   * @throws {TypeError} when it is no source.
   */
  static async open(
    source: FileSource,
    options: SourceOptions = {},
  ): Promise<OpenSource> {
    options.signal?.throwIfAborted();
    if (typeof source === "string" || source instanceof URL) {
      const name = options.name ?? String(source);
      return new OpenSource(await openPath(source, name), { ...options, name });
    }
    if (source instanceof Uint8Array) {
      return new OpenSource(new MemoryBytes(source), options);
    }
    if (source instanceof Blob) {
      const name = options.name ?? ("name" in source ? String(source.name) : undefined);
      return new OpenSource(new BlobBytes(source), { ...options, name });
    }
    return new OpenSource(source, options);
  }

  /** The first bytes, which are read again later: fewer than wanted only at the end. */
  async peek(length: number): Promise<Uint8Array> {
    if (this.#bytes !== undefined) return await this.#bytes.read(0, length);
    const iterator = this.chunks()[Symbol.asyncIterator]();
    const first: Uint8Array[] = [];
    let size = 0;
    while (size < length) {
      const { value, done } = await iterator.next();
      if (done) break;
      first.push(value.slice());
      size += value.length;
    }
    const head = joinBytes(first);
    this.#once = new Rejoined(head, iterator);
    this.#isPacked = false;
    return head.subarray(0, length);
  }

  /** All bytes in order. What can be read only once is not kept. */
  chunks(): AsyncIterable<Uint8Array> {
    if (this.#bytes !== undefined) return this.#watched(this.#bytes);
    const once = this.#once;
    if (once === undefined) throw new TypeError("Cannot read the file twice");
    this.#once = undefined;
    return this.#checked(this.#isPacked ? gunzip(once, this.name) : once);
  }

  /** The bytes for reading anywhere; what can be read only once is kept for it. */
  async bytes(): Promise<FileBytes> {
    if (this.#bytes === undefined) {
      const folder = this.#options.temporaryFolder;
      this.#bytes = await spool(this.chunks(), { folder });
      this.#opened.push(this.#bytes);
    }
    return this.#bytes;
  }

  /** Closes the file, and the stream of one that was not read. */
  async close(): Promise<void> {
    await this.#once?.[Symbol.asyncIterator]().return?.();
    this.#once = undefined;
    for (const bytes of this.#opened.splice(0)) await bytes.close();
  }

  /** The same as {@linkcode OpenSource.close}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** All bytes in order; how many were read is told. */
  async *#watched(bytes: FileBytes): AsyncGenerator<Uint8Array> {
    let position = 0;
    for await (const chunk of this.#checked(chunksOf(bytes))) {
      position += chunk.length;
      this.#options.onRead?.(position, bytes.size);
      yield chunk;
    }
  }

  async *#checked(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const { signal } = this.#options;
    for await (const chunk of chunks) {
      signal?.throwIfAborted();
      yield chunk;
    }
  }
}

async function openPath(
  path: string | URL,
  name: string,
): Promise<FileBytes | AsyncIterable<Uint8Array>> {
  let handle;
  try {
    handle = await open(path, "r");
  } catch (error) {
    const code = error instanceof Error ? Reflect.get(error, "code") : undefined;
    const reason = code === "ENOENT" ? "there is no such file" : "it cannot be opened";
    throw new FileError(reason, { file: name, cause: error });
  }
  const stats = await handle.stat();
  if (stats.isFile()) return new HandleBytes(handle, stats.size);
  if (!stats.isDirectory()) return readInOrder(handle);
  await handle.close();
  throw new FileError("it is a folder", { file: name });
}

/** What was read, and then the rest. It can be closed before it was begun. */
class Rejoined implements AsyncIterableIterator<Uint8Array> {
  #head: Uint8Array | undefined;
  readonly #rest: AsyncIterator<Uint8Array>;

  constructor(head: Uint8Array, rest: AsyncIterator<Uint8Array>) {
    this.#head = head;
    this.#rest = rest;
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    const head = this.#head;
    this.#head = undefined;
    return head === undefined
      ? this.#rest.next()
      : Promise.resolve({ done: false, value: head });
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    await this.#rest.return?.();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array> {
    return this;
  }
}

/** The bytes of a pipe or a device, which has no size. */
async function* readInOrder(handle: FileHandle): AsyncGenerator<Uint8Array> {
  try {
    while (true) {
      const chunk = new Uint8Array(CHUNK_BYTES);
      const { bytesRead } = await handle.read(chunk, 0, chunk.length, null);
      if (bytesRead === 0) return;
      yield chunk.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

function isFileBytes(
  source: FileBytes | AsyncIterable<Uint8Array>,
): source is FileBytes {
  return "size" in source;
}
