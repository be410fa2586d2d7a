/**
 * A few at a time.
 *
 * @module
 */

/** So many may do something at a time; who comes later waits for its turn. */
export class Semaphore {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  /** A semaphore for so many. */
  constructor(count: number) {
    this.#free = count;
  }

  /** Waits for a turn; {@linkcode Semaphore.release} gives it back. */
  acquire(): Promise<void> {
    if (this.#free > 0) {
      this.#free--;
      return Promise.resolve();
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Lets the next one have the turn. */
  release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next();
  }
}
