/**
 * Keeps a process alive when the library that reads Parquet gives up.
 *
 * The library meets some damaged files with a trap of WebAssembly in a task of its own:
 * nothing can catch it, the promise of the task stays open, and the process would end.
 *
 * @module
 */
import process from "node:process";

type Fail = (error: Error) => void;

/** Turns traps into errors, from when it is made until it is disposed. */
export class TrapGuard implements Disposable {
  readonly #waiting = new Set<Fail>();
  readonly #stop: () => void;
  #trap: Error | undefined;

  /** Begins to watch for traps. */
  constructor() {
    this.#stop = watchErrors((error) => {
      if (!(error instanceof WebAssembly.RuntimeError)) return false;
      this.#trap = error;
      for (const fail of this.#waiting) fail(error);
      return true;
    });
  }

  /** Whether there was a trap, after which the library's objects are not used again. */
  get hasTrapped(): boolean {
    return this.#trap !== undefined;
  }

  /** What the promise gives; rejects when a trap comes, or came before. */
  race<T>(promise: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#trap !== undefined) reject(this.#trap);
      this.#waiting.add(reject);
      promise.then(resolve, reject).finally(() => this.#waiting.delete(reject));
    });
  }

  /** Ends the watch. */
  [Symbol.dispose](): void {
    this.#stop();
  }
}

/**
 * Asks, for each error that nothing has caught, whether it is known; all others are
 * treated as before. Gives what ends this.
 */
function watchErrors(isKnown: (error: unknown) => boolean): () => void {
  if ("Deno" in globalThis) {
    const onError = (event: ErrorEvent | PromiseRejectionEvent) => {
      const error = "reason" in event ? event.reason : event.error;
      if (isKnown(error)) event.preventDefault();
    };
    addEventListener("error", onError);
    addEventListener("unhandledrejection", onError);
    return () => {
      removeEventListener("error", onError);
      removeEventListener("unhandledrejection", onError);
    };
  }
  const onError = (error: unknown) => {
    // Without another listener the process ends, as it would have without this one.
    if (!isKnown(error) && process.listenerCount("uncaughtException") === 1) {
      throw error;
    }
  };
  process.on("uncaughtException", onError);
  return () => process.off("uncaughtException", onError);
}
