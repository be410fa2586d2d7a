/**
 * Middleware around a call.
 *
 * @module
 */

/** The middleware around `innermost`, the first of them outermost. */
export function compose<C>(
  middleware: readonly ((call: C, next: () => Promise<void>) => Promise<void>)[],
  call: C,
  innermost: () => Promise<void>,
): () => Promise<void> {
  return middleware.reduceRight<() => Promise<void>>(
    (next, outer) => async () => await outer(call, next),
    innermost,
  );
}
