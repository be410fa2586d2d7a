/**
 * How long to wait before something is tried again.
 *
 * @module
 */

/** The first wait, and the longest, in milliseconds; each is so many times the one before. */
const MIN_WAIT_MS = 50;
const MAX_WAIT_MS = 5000;
const FACTOR = 1.6;
/** The part by which a wait may be shorter, so that many clients do not come at once. */
const JITTER = 0.4;

/** Waits that get longer with each failure. */
export class Backoff {
  #wait: number = MIN_WAIT_MS;

  /** The next wait, in milliseconds. */
  next(): number {
    const wait = this.#wait * (1 - JITTER * Math.random());
    this.#wait = Math.min(this.#wait * FACTOR, MAX_WAIT_MS);
    return wait;
  }

  /** It went well: the next failure is the first one again. */
  reset(): void {
    this.#wait = MIN_WAIT_MS;
  }
}
