/**
 * Rests, in which an event loop looks at its sockets.
 *
 * @module
 */

/** How long much may be read and written without a rest, in milliseconds. */
const MAX_BUSY_MS = 2;

/**
 * Lets the connections of a server rest at the same time, for a turn of the event loop.
 * As long as one of them has more to read or to write at once, the loop has no time to
 * find out what has come for others: Deno's looks when it has nothing else to do, and
 * else once in 61 turns.
 */
export class Rests {
  #last = 0;
  #resting: Promise<void> | undefined;

  /** Whether it is time for a rest, or one has begun. */
  get isDue(): boolean {
    return this.#resting !== undefined || performance.now() - this.#last > MAX_BUSY_MS;
  }

  /** Rests. */
  take(): Promise<void> {
    return this.#resting ??= new Promise((resolve) => {
      setImmediate(() => {
        this.#resting = undefined;
        this.#last = performance.now();
        resolve();
      });
    });
  }
}
