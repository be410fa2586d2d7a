/**
 * Something asynchronous for each of many items, several at a time.
 *
 * @module
 */

/**
 * What `map` gives for each item, in the items' order; at most `count` calls run at
 * a time. Left early, it waits until those that run have ended.
 */
export async function* mapAhead<T, R>(
  items: Iterable<T>,
  count: number,
  map: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const running: Promise<R>[] = [];
  try {
    for (const item of items) {
      const result = map(item);
      // An error is thrown when the item's turn comes.
      result.catch(() => {});
      running.push(result);
      if (running.length === count) yield await running.shift()!;
    }
    while (running.length > 0) yield await running.shift()!;
  } finally {
    await Promise.allSettled(running);
  }
}
