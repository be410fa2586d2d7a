/**
 * Signals that end a call, or a wait.
 *
 * @module
 */
/** A signal that is aborted with the first of these; undefined is none. */
export function firstOf(...signals: (AbortSignal | undefined)[]): AbortSignal {
  return AbortSignal.any(signals.filter((signal) => signal !== undefined));
}

/**
 * What the promise gives, or the signal's reason as an error if that comes first.
 * Unlike a race with a promise that lives long, it leaves nothing behind.
 */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() =>
      signal.removeEventListener("abort", onAbort)
    );
  });
}
