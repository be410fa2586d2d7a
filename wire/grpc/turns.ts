/**
 * Work that is done one at a time.
 *
 * @module
 */

/** Does one work at a time; owners of several take turns, so that none keeps the others waiting. */
export class Turns {
  #isBusy = false;
  /** What each owner waits for; the first owner is the next. */
  readonly #waiting: Map<object, (() => void)[]> = new Map();

  /** Does the work when it is its turn. */
  async run<T>(owner: object, work: () => Promise<T>): Promise<T> {
    if (this.#isBusy) await this.#wait(owner);
    this.#isBusy = true;
    try {
      return await work();
    } finally {
      this.#next();
    }
  }

  #wait(owner: object): Promise<void> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(owner);
      if (waiting === undefined) this.#waiting.set(owner, [resolve]);
      else waiting.push(resolve);
    });
  }

  #next(): void {
    for (const [owner, waiting] of this.#waiting) {
      const first = waiting.shift();
      this.#waiting.delete(owner);
      if (waiting.length > 0) this.#waiting.set(owner, waiting);
      return first?.();
    }
    this.#isBusy = false;
  }
}
