/**
 * Middleware around a call.
 *
 * @module
 */

/**
 * The middleware around `innermost`, the first of them outermost. Each may go on
 * once: a call that was made cannot be made again.
 */
export function compose<C>(
  middleware: readonly ((call: C, next: () => Promise<void>) => Promise<void>)[],
  call: C,
  innermost: () => Promise<void>,
): () => Promise<void> {
  return middleware.reduceRight<() => Promise<void>>(
    (next, outer) => async () => await outer(call, once(next)),
    innermost,
  );
}

function once(next: () => Promise<void>): () => Promise<void> {
  let isCalled = false;
  return async () => {
    if (isCalled) {
      throw new TypeError("Cannot go on with the call: next() was called before");
    }
    isCalled = true;
    await next();
  };
}
