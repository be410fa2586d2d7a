/**
 * Several streams as one.
 *
 * @module
 */

/** What a stream gave, or that it has ended, or its error. */
type Step<T> =
  & { readonly stream: AsyncGenerator<T> }
  & (
    | { readonly result: IteratorResult<T> }
    | { readonly error: unknown }
  );

/**
 * What several streams give, as it comes; at most so many of them are open, and
 * each is one item ahead. At the end, or when it is left early, it aborts `left`,
 * and waits until all streams have ended.
 */
export async function* merge<T>(
  streams: readonly (() => AsyncGenerator<T>)[],
  maxOpen: number,
  left: AbortController,
): AsyncGenerator<T> {
  const waiting = [...streams];
  const open = new Set<AsyncGenerator<T>>();
  const arrived: Step<T>[] = [];
  let wake = () => {};
  const advance = async (stream: AsyncGenerator<T>) => {
    try {
      arrived.push({ stream, result: await stream.next() });
    } catch (error) {
      arrived.push({ stream, error });
    }
    wake();
  };
  try {
    while (waiting.length > 0 || open.size > 0) {
      while (open.size < maxOpen && waiting.length > 0) {
        const stream = waiting.shift()!();
        open.add(stream);
        advance(stream);
      }
      const step = arrived.shift();
      if (step === undefined) {
        await new Promise<void>((resolve) => wake = resolve);
        continue;
      }
      if ("error" in step) throw step.error;
      if (step.result.done) {
        open.delete(step.stream);
        continue;
      }
      // Before the item is given, so that the next one comes in meanwhile.
      advance(step.stream);
      yield step.result.value;
    }
  } finally {
    left.abort();
    await Promise.allSettled([...open].map((stream) => stream.return(undefined)));
  }
}
