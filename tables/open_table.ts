/**
 * A version of a table that is being read.
 *
 * @module
 */
import type { StoredTable, TableMessage } from "../stores/store.ts";

type Messages = AsyncIterable<TableMessage> | Iterable<TableMessage>;

/**
 * A version of a table whose first message was read, so that it is read to its end
 * whatever becomes of the table. It has to be disposed of, though nobody reads on.
 */
export class OpenTable implements AsyncDisposable {
  /** What is known of the table. */
  readonly entry: StoredTable;
  readonly #messages: Messages;
  readonly #iterator: AsyncIterator<TableMessage> | undefined;

  private constructor(
    entry: StoredTable,
    messages: Messages,
    iterator?: AsyncIterator<TableMessage>,
  ) {
    this.entry = entry;
    this.#messages = messages;
    this.#iterator = iterator;
  }

  /**
   * Reads the first message.
   *
   * @throws {FlightError} ABORTED, when the version is gone; or what reading throws.
   */
  static async begin(table: StoredTable): Promise<OpenTable> {
    const messages = table.messages();
    // What is in memory cannot go away.
    if (!(Symbol.asyncIterator in messages)) return new OpenTable(table, messages);
    const iterator = messages[Symbol.asyncIterator]();
    let first: IteratorResult<TableMessage> | undefined = await iterator.next();
    const all: AsyncIterableIterator<TableMessage> = {
      next: async () => {
        const result = first ?? await iterator.next();
        first = undefined;
        return result;
      },
      return: async () => {
        await iterator.return?.();
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]: () => all,
    };
    return new OpenTable(table, all, iterator);
  }

  /** The table's messages, once. */
  messages(): Messages {
    return this.#messages;
  }

  /** Ends reading. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#iterator?.return?.();
  }
}
