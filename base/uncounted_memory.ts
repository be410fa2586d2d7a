/**
 * Memory that V8's garbage collector does not count.
 *
 * It counts the memory of every ArrayBuffer, and after each 64 MB it marks all objects
 * of the process, to find out what is garbage. For large messages that are kept that is
 * in vain, and it took half of the processor's time of a put. SharedArrayBuffers are
 * not counted. Those that are garbage are collected, too, but only when V8 looks for
 * garbage: it has to be asked.
 *
 * @module
 */

const MIB = 1024 * 1024;

/** So much may have become garbage before V8 is asked to look. */
const MIN_GARBAGE_BYTES: number = 64 * MIB;
/**
 * V8 looks when as much is counted anew as these have, and is no garbage at once. Nobody
 * reads or writes them, so that the system gives no memory for them.
 */
const ASKING_BYTES: number = 64 * MIB;
const ASKING_BUFFERS = 4;

/** Lets V8 look for garbage that it does not count. */
export class UncountedGarbage {
  #bytes = 0;
  /** Kept until the next time: what is garbage when it is young does not make V8 look. */
  #asking: readonly ArrayBuffer[] = [];

  /** So many bytes of memory that is not counted have become garbage. */
  add(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < MIN_GARBAGE_BYTES) return;
    this.#bytes = 0;
    this.#asking = Array.from(
      { length: ASKING_BUFFERS },
      () => new ArrayBuffer(ASKING_BYTES),
    );
  }
}

/** How many of the bytes are in memory that is not counted. */
export function uncountedBytes({ buffer, length }: Uint8Array): number {
  return buffer instanceof SharedArrayBuffer ? length : 0;
}
