/**
 * A limit for several together.
 *
 * @module
 */

/** What one of them takes of a limit that all share. */
export interface Share extends Disposable {
  /**
   * Sets how much this one takes now; after it was disposed of, that is nothing.
   *
   * @throws the limit's error, when all take too much together; then this one takes
   * nothing any more.
   */
  hold(amount: number): void;
}

/** A limit for several together. */
export class SharedLimit {
  readonly #most: number;
  readonly #refuse: (amount: number, most: number) => Error;
  #total = 0;

  /** A limit of so much, and the error for the one that asks for more. */
  constructor(most: number, refuse: (amount: number, most: number) => Error) {
    this.#most = most;
    this.#refuse = refuse;
  }

  /** The share of one of them, until it is disposed of. */
  open(): Share {
    let held = 0;
    let isOpen = true;
    const change = (amount: number) => {
      this.#total += amount - held;
      held = amount;
    };
    return {
      hold: (amount) => {
        if (!isOpen) return;
        const isMore = amount > held;
        change(amount);
        if (!isMore || this.#total <= this.#most) return;
        change(0);
        throw this.#refuse(amount, this.#most);
      },
      [Symbol.dispose]: () => {
        isOpen = false;
        change(0);
      },
    };
  }
}
