/**
 * Waiting that has an end: no test hangs for what does not come.
 *
 * @module
 */

/** How long one thing may take on a busy machine, in milliseconds. */
const MAX_WAIT = 60_000;

/** What the promise gives; an error that says what was waited for if it takes too long. */
export async function within<T>(
  promise: Promise<T>,
  what: string,
  milliseconds: number = MAX_WAIT,
): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Error(`Waited ${milliseconds} ms for ${what}`)),
    milliseconds,
  );
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** The reason of the signal, once it is aborted; at once when it was before. */
export function reasonOf(signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => {
    const onAbort = () => resolve(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  });
}

/** Things that come one by one, for a reader that waits for each. */
export class Queue<T> {
  readonly #items: T[] = [];
  readonly #readers: ((item: T) => void)[] = [];

  /** How many nobody has taken. */
  get size(): number {
    return this.#items.length;
  }

  /** Adds one. */
  push(item: T): void {
    const reader = this.#readers.shift();
    if (reader === undefined) this.#items.push(item);
    else reader(item);
  }

  /** The next one, however long it takes. */
  take(): Promise<T> {
    if (this.#items.length > 0) return Promise.resolve(this.#items.shift()!);
    return new Promise((resolve) => this.#readers.push(resolve));
  }

  /** The next one, or an error if it does not come. */
  next(): Promise<T> {
    return within(this.take(), "something that did not come");
  }
}
