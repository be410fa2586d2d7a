/**
 * What all calls of a server take together.
 *
 * @module
 */
import { FlightError } from "../flight/errors.ts";

/** What one call takes of it. */
export interface Share extends Disposable {
  /**
   * Takes notice of how much it takes now; after it was disposed of, that is nothing.
   *
   * @throws {FlightError} RESOURCE_EXHAUSTED, when all calls take too much together;
   * then this one takes nothing any more.
   */
  hold(amount: number): void;
}

/** A limit for all calls together. */
export class SharedLimit {
  readonly #most: number;
  readonly #tell: (amount: number, most: number) => string;
  #total = 0;

  /** A limit of so much, and what is told to a call that asks for more. */
  constructor(most: number, tell: (amount: number, most: number) => string) {
    this.#most = most;
    this.#tell = tell;
  }

  /** The share of one call, until it is disposed of. */
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
        throw new FlightError("RESOURCE_EXHAUSTED", this.#tell(amount, this.#most));
      },
      [Symbol.dispose]: () => {
        isOpen = false;
        change(0);
      },
    };
  }
}
