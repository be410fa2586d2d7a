/**
 * Tables that are forgotten some time after they were put.
 *
 * @module
 */
import { checkOptions, type OptionSet } from "../base/check_options.ts";
import { MAX_TIMER, startInterval } from "../base/timer.ts";
import { functionLike, numberFrom } from "../base/value_kinds.ts";
import type { FlightDescriptor } from "../proto/messages.ts";
import type {
  StoreDropOptions,
  StoredTable,
  StorePutOptions,
  TableEntry,
  TableMessage,
  TablePut,
  TableStore,
} from "./store.ts";
import { readTable, TableReading } from "./table_reading.ts";

/** How an {@linkcode ExpiringStore} forgets tables. */
export interface ExpiringStoreOptions {
  /** How long a table is there after it was put, in milliseconds. */
  timeToLive: number;
  /**
   * How often all tables are looked at, in milliseconds, to drop those that nobody
   * asks for any more. @default a quarter of the time to live, at least a minute
   */
  sweepEvery?: number;
  /** Called for each table that is dropped as its time was over. @default not told */
  onExpire?: (table: TableEntry) => void;
  /** Called with what went wrong when all tables were looked at. @default not told */
  onError?: (error: unknown) => void;
}

const OPTIONS: OptionSet<ExpiringStoreOptions> = {
  of: "ExpiringStore",
  example: "{ timeToLive: 24 * 60 * 60 * 1000 }",
  kinds: {
    timeToLive: numberFrom(1, "a number of milliseconds, 1 or more"),
    sweepEvery: numberFrom(1, "a number of milliseconds, 1 or more"),
    onExpire: functionLike("({ name }) => count(name)"),
    onError: functionLike("(error) => report(error)"),
  },
};
const MINUTE = 60_000;

/**
 * A store whose tables have a time to live: from then on it gives and lists them no
 * more, and drops them, unless they were put again. It has a timer until it is closed.
 *
 * @example Tables for a day
 * ```ts
 * import { ExpiringStore, MemoryStore } from "@tinyflight/flight/stores";
 * import { TinyServer } from "@tinyflight/flight/server";
 *
 * const day = 24 * 60 * 60 * 1000;
 * using store = new ExpiringStore(new MemoryStore(), { timeToLive: day });
 * await using server = await new TinyServer({ port: 0, store }).listen();
 * console.log(server.location);
 * ```
 */
export class ExpiringStore implements TableStore, Disposable {
  /** A piece of a table in the store behind, if that has pieces. */
  readonly getPiece: TableStore["getPiece"];
  /** Whether the store behind keeps the memory of messages. */
  readonly keepsMemory: boolean;
  /** Where clients have a table in the store behind, if they can reach it. */
  readonly locate: TableStore["locate"];
  readonly #store: TableStore;
  readonly #timeToLive: number;
  readonly #onExpire: (table: TableEntry) => void;
  readonly #timer: Disposable;
  #expired = 0;

  /**
   * The tables of this store, as long as they live.
   *
   * @throws {TypeError} when an option has a wrong type or is not known.
   * @throws {RangeError} when a time is out of range.
   */
  constructor(store: TableStore, options: ExpiringStoreOptions) {
    checkOptions(OPTIONS, options);
    const { timeToLive, onExpire = () => {}, onError = () => {} } = options;
    const { sweepEvery = Math.max(timeToLive / 4, MINUTE) } = options;
    this.#store = store;
    this.keepsMemory = store.keepsMemory === true;
    this.getPiece = store.getPiece?.bind(store);
    this.locate = store.locate?.bind(store);
    this.#timeToLive = timeToLive;
    this.#onExpire = onExpire;
    this.#timer = startInterval(
      Math.min(sweepEvery, MAX_TIMER),
      () => this.sweep().catch(onError),
    );
  }

  /** How many tables were dropped as their time was over. */
  get expired(): number {
    return this.#expired;
  }

  /** Puts the table, whose time begins now. */
  put(
    name: string,
    descriptor: FlightDescriptor,
    messages: AsyncIterable<TableMessage>,
    options: StorePutOptions = {},
  ): Promise<TablePut> {
    return this.#store.put(name, descriptor, messages, options);
  }

  /** The table of this name; undefined when there is none, or its time is over. */
  async get(name: string): Promise<StoredTable | undefined> {
    const table = await this.#store.get(name);
    if (table === undefined || !this.#isOver(table)) return table;
    if (await this.#expire(table)) return undefined;
    // It was replaced meanwhile, or dropped.
    const other = await this.#store.get(name);
    return other === undefined || this.#isOver(other) ? undefined : other;
  }

  /** Begins to read the table; undefined when there is none, or its time is over. */
  async read(name: string): Promise<TableReading | undefined> {
    const reading = await readTable(this.#store, name);
    if (reading === undefined || !this.#isOver(reading.entry)) return reading;
    await reading[Symbol.asyncDispose]();
    const table = await this.get(name);
    return table && await TableReading.begin(table);
  }

  /** The tables whose names begin with the prefix, and whose time is not over. */
  async *list(prefix: string): AsyncGenerator<TableEntry> {
    for await (const table of this.#store.list(prefix)) {
      if (!this.#isOver(table)) yield table;
      else await this.#expire(table);
    }
  }

  /** Drops the table. */
  drop(name: string, options: StoreDropOptions = {}): Promise<boolean> {
    return this.#store.drop(name, options);
  }

  /** Looks at all tables, and drops those whose time is over. */
  async sweep(): Promise<void> {
    for await (const _ of this.list(""));
  }

  /** Stops the timer. */
  close(): void {
    this.#timer[Symbol.dispose]();
  }

  /** Stops the timer. */
  [Symbol.dispose](): void {
    this.close();
  }

  #isOver({ modified }: TableEntry): boolean {
    return Date.now() - modified.getTime() >= this.#timeToLive;
  }

  /** Drops the table; false when it is another version by now. */
  async #expire(table: TableEntry): Promise<boolean> {
    const { name, revision } = table;
    const isDropped = await this.#store.drop(name, { revision });
    if (isDropped) {
      this.#expired++;
      this.#onExpire(table);
    }
    return isDropped;
  }
}
