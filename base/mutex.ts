/**
 * One at a time.
 *
 * @module
 */

/** Runs asynchronous functions one after the other, in the order in which they come. */
export class Mutex {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs the function when those before it have ended, and gives what it gives. */
  run<T>(action: () => Promise<T>): Promise<T> {
    const result = this.#last.then(action);
    this.#last = result.catch(() => {});
    return result;
  }
}
