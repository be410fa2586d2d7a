/**
 * The memory that all calls of a server use together for what has come.
 *
 * @module
 */

/** Counts bytes against a limit that several calls have together. */
export class ByteBudget {
  /** The most bytes. */
  readonly most: number;
  #used = 0;

  /** A budget of so many bytes. */
  constructor(most: number) {
    this.most = most;
  }

  /** Uses so many bytes more. False when that exceeds the limit; they count even so. */
  take(bytes: number): boolean {
    this.#used += bytes;
    return this.#used <= this.most;
  }

  /** Uses so many bytes less. */
  give(bytes: number): void {
    this.#used -= bytes;
  }
}
