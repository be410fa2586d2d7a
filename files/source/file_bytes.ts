/**
 * Bytes that can be read anywhere, as often as wanted.
 *
 * @module
 */
import type { FileHandle } from "node:fs/promises";

/** How many bytes are read at once when all are read in order. */
export const CHUNK_BYTES = 1 << 20;

/** The bytes of a file. */
export interface FileBytes {
  /** How many there are. */
  readonly size: number;
  /** The bytes from a position on: fewer than wanted only at the end. */
  read(position: number, length: number): Promise<Uint8Array>;
  /** Releases what holds them. */
  close(): Promise<void>;
}

/** All bytes in order, from a position on, in chunks; the next is read ahead. */
export async function* chunksOf(
  bytes: FileBytes,
  start = 0,
): AsyncGenerator<Uint8Array> {
  let position = start;
  const readNext = () => {
    if (position >= bytes.size) return undefined;
    const reading = bytes.read(position, CHUNK_BYTES);
    position += CHUNK_BYTES;
    // When no more chunks are wanted, nobody waits for the one that is read ahead.
    reading.catch(() => {});
    return reading;
  };
  for (let next = readNext(); next !== undefined;) {
    const chunk = await next;
    next = readNext();
    yield chunk;
  }
}

/** Bytes in memory. */
export class MemoryBytes implements FileBytes {
  readonly #bytes: Uint8Array;

  /** A reader of these bytes, which are not copied. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get size(): number {
    return this.#bytes.length;
  }

  read(position: number, length: number): Promise<Uint8Array> {
    return Promise.resolve(this.#bytes.subarray(position, position + length));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** The bytes of a Blob, such as a File of a web page. */
export class BlobBytes implements FileBytes {
  readonly #blob: Blob;

  /** A reader of this blob. */
  constructor(blob: Blob) {
    this.#blob = blob;
  }

  get size(): number {
    return this.#blob.size;
  }

  async read(position: number, length: number): Promise<Uint8Array> {
    const part = this.#blob.slice(position, position + length);
    return new Uint8Array(await part.arrayBuffer());
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** The bytes of an open file. */
export class HandleBytes implements FileBytes {
  readonly size: number;
  readonly #handle: FileHandle;
  readonly #onClose: () => Promise<void>;
  /** The reads that are under way. */
  readonly #reads = new Set<Promise<Uint8Array>>();

  /** A reader of this file, which has this size; it closes the handle in the end. */
  constructor(
    handle: FileHandle,
    size: number,
    onClose: () => Promise<void> = () => Promise.resolve(),
  ) {
    this.#handle = handle;
    this.size = size;
    this.#onClose = onClose;
  }

  async read(position: number, length: number): Promise<Uint8Array> {
    const reading = this.#read(position, Math.min(length, this.size - position));
    this.#reads.add(reading);
    try {
      return await reading;
    } finally {
      this.#reads.delete(reading);
    }
  }

  async close(): Promise<void> {
    // A file that is closed during a read may be another one's number by then.
    await Promise.allSettled(this.#reads);
    await this.#handle.close();
    await this.#onClose();
  }

  async #read(position: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(Math.max(0, length));
    let filled = 0;
    while (filled < bytes.length) {
      const { bytesRead } = await this.#handle.read(
        bytes,
        filled,
        bytes.length - filled,
        position + filled,
      );
      if (bytesRead === 0) return bytes.subarray(0, filled);
      filled += bytesRead;
    }
    return bytes;
  }
}
