/**
 * A version of a table that is being read.
 *
 * @module
 */
import { FlightError } from "../flight/errors.ts";
import type { StoredTable, TableMessage, TableStore } from "./store.ts";

/** TableMessages as they come, or those that are in memory. */
export type TableMessages = AsyncIterable<TableMessage> | Iterable<TableMessage>;

/** How often a table is looked for that is replaced each time before it is read. */
const MAX_LOOKS = 20;

/**
 * A version of a table that is read to its end whatever becomes of the table, as its
 * first batch was read already. It has to be disposed of, though nobody reads on.
 */
export class TableReading implements AsyncDisposable {
  /** What is known of the table. */
  readonly entry: StoredTable;
  readonly #messages: TableMessages;
  readonly #end: () => Promise<unknown>;

  private constructor(
    entry: StoredTable,
    messages: TableMessages,
    end: () => Promise<unknown> = () => Promise.resolve(),
  ) {
    this.entry = entry;
    this.#messages = messages;
    this.#end = end;
  }

  /**
   * Begins to read this version.
   *
   * @throws {FlightError} ABORTED, when the version is gone; or what reading throws.
   */
  static async begin(table: StoredTable): Promise<TableReading> {
    const messages = table.messages();
    // What is in memory cannot go away.
    if (!(Symbol.asyncIterator in messages)) return new TableReading(table, messages);
    const iterator = messages[Symbol.asyncIterator]();
    const first: TableMessage[] = [];
    let isOver = false;
    while (!isOver && (first.at(-1)?.rows ?? 0) === 0) {
      const { value, done } = await iterator.next();
      if (done) isOver = true;
      else first.push(value);
    }
    const end = async () => await iterator.return?.();
    return new TableReading(table, new RestOf(first, iterator, end), end);
  }

  /** The same version, whose messages pass through a function. */
  through(pass: (messages: TableMessages) => TableMessages): TableReading {
    return new TableReading(this.entry, pass(this.#messages), this.#end);
  }

  /** The table's messages, once. */
  messages(): TableMessages {
    return this.#messages;
  }

  /** Ends reading. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end();
  }
}

/**
 * Begins to read the table of this name as it is now; undefined when there is none.
 *
 * @throws {FlightError} ABORTED, when it is replaced again and again.
 */
export async function readTable(
  store: TableStore,
  name: string,
): Promise<TableReading | undefined> {
  if (store.read !== undefined) return await store.read(name);
  for (let look = 1;; look++) {
    const table = await store.get(name);
    if (table === undefined) return undefined;
    try {
      return await TableReading.begin(table);
    } catch (error) {
      // It was replaced or dropped since it was found.
      if (!isGone(error) || look === MAX_LOOKS) throw error;
    }
  }
}

/** Whether a version of a table could not be read as it is not there any more. */
export function isGone(error: unknown): boolean {
  return error instanceof FlightError && error.code === "ABORTED";
}

/** The messages that were read already, and those that were not. */
class RestOf implements AsyncIterableIterator<TableMessage> {
  readonly #first: TableMessage[];
  readonly #rest: AsyncIterator<TableMessage>;
  readonly #end: () => Promise<unknown>;

  constructor(
    first: TableMessage[],
    rest: AsyncIterator<TableMessage>,
    end: () => Promise<unknown>,
  ) {
    this.#first = first;
    this.#rest = rest;
    this.#end = end;
  }

  async next(): Promise<IteratorResult<TableMessage>> {
    const value = this.#first.shift();
    return value === undefined ? await this.#rest.next() : { value, done: false };
  }

  async return(): Promise<IteratorResult<TableMessage>> {
    this.#first.length = 0;
    await this.#end();
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
