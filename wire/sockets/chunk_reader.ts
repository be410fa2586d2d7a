/**
 * Reads into the caller's memory, from a stream that pushes chunks of its own.
 *
 * @module
 */

/** How many bytes may wait before the stream is told to pause. */
const MAX_WAITING = 128 * 1024;
/** Memory of chunks from this size on is given back at once. */
const MIN_FREED = 4 * 1024;

/** A read that waits for bytes. */
interface PendingRead {
  readonly target: Uint8Array;
  resolve(length: number | null): void;
  reject(error: Error): void;
}

/** What has come from a stream and was not read yet. */
export class ChunkReader {
  readonly #setFlowing: (isFlowing: boolean) => void;
  readonly #chunks: Uint8Array[] = [];
  #waiting = 0;
  #isFlowing = true;
  #pending: PendingRead | undefined;
  #hasEnded = false;
  #error: Error | undefined;

  /** A reader that tells the stream when to push no more, and when to go on. */
  constructor(setFlowing: (isFlowing: boolean) => void) {
    this.#setFlowing = setFlowing;
  }

  /** Reads what is there, or else what comes next; null when the stream has ended. */
  read(target: Uint8Array): Promise<number | null> {
    if (this.#waiting > 0) return Promise.resolve(this.#take(target));
    if (this.#hasEnded) return Promise.resolve(null);
    if (this.#error !== undefined) return Promise.reject(this.#error);
    return new Promise((resolve, reject) => {
      this.#pending = { target, resolve, reject };
      this.#flow(true);
    });
  }

  /** Takes a chunk, which belongs to the reader from now on. */
  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#waiting += chunk.length;
    const pending = this.#pending;
    if (pending !== undefined) {
      this.#pending = undefined;
      pending.resolve(this.#take(pending.target));
    }
    if (this.#waiting >= MAX_WAITING) this.#flow(false);
  }

  /** Takes what was not read. */
  takeChunks(): Uint8Array[] {
    this.#waiting = 0;
    return this.#chunks.splice(0);
  }

  /** No more chunks come, and none is missing. */
  end(): void {
    this.#hasEnded = true;
    this.#pending?.resolve(null);
    this.#pending = undefined;
  }

  /** No more chunks come, for this reason. The first reason counts. */
  fail(error: Error): void {
    this.#error ??= error;
    this.#pending?.reject(this.#error);
    this.#pending = undefined;
  }

  #take(target: Uint8Array): number {
    let at = 0;
    while (at < target.length && this.#chunks.length > 0) {
      const [chunk] = this.#chunks;
      const room = target.length - at;
      if (chunk.length > room) {
        target.set(chunk.subarray(0, room), at);
        this.#chunks[0] = chunk.subarray(room);
        at += room;
      } else {
        target.set(chunk, at);
        this.#chunks.shift();
        at += chunk.length;
        freeMemory(chunk);
      }
    }
    this.#waiting -= at;
    if (this.#waiting < MAX_WAITING) this.#flow(true);
    return at;
  }

  #flow(isFlowing: boolean): void {
    if (this.#isFlowing === isFlowing) return;
    this.#isFlowing = isFlowing;
    this.#setFlowing(isFlowing);
  }
}

/**
 * Gives the memory of a chunk back, if it has memory of its own. Streams make a new
 * buffer for each 64 KiB: left to the garbage collector, thousands of them a second
 * cost as much time as all the rest.
 */
export function freeMemory(chunk: Uint8Array): void {
  const { buffer } = chunk;
  if (chunk.length < MIN_FREED || chunk.length !== buffer.byteLength) return;
  if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}
