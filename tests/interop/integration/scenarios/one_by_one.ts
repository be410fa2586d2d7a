/**
 * Streams in lock-step.
 *
 * @module
 */

/**
 * Calls a method that takes a stream and gives one, and sends each item only when the
 * answer to the one before it has come. Gives each item with its answer.
 *
 * @throws {Error} when there are fewer answers than items, or more.
 */
export async function* oneByOne<Item, Answer>(
  items: readonly Item[],
  call: (items: AsyncIterable<Item>) => AsyncIterable<Answer>,
): AsyncGenerator<[Item, Answer]> {
  let answered = Promise.withResolvers<void>();
  async function* send(): AsyncGenerator<Item> {
    for (const item of items) {
      yield item;
      await answered.promise;
      answered = Promise.withResolvers();
    }
  }
  let count = 0;
  for await (const answer of call(send())) {
    if (count === items.length) throw new Error("There are more answers than items");
    yield [items[count++], answer];
    answered.resolve();
  }
  if (count < items.length) {
    throw new Error(`There are ${count} answers to ${items.length} items`);
  }
}
