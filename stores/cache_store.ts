/**
 * Memory in front of a store that is slower.
 *
 * @module
 */
import { checkOptions, type OptionSet } from "../base/check_options.ts";
import { functionLike, MILLISECONDS, numberFrom } from "../base/value_kinds.ts";
import type { FlightDescriptor } from "../proto/messages.ts";
import { costOfMessage, costOfTable, ownCopy } from "./kept_messages.ts";
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

/** A table that has left the memory, and is still in the store. */
export interface Eviction {
  /** The table's name. */
  readonly name: string;
  /** The bytes of memory that it took. */
  readonly bytes: number;
}

/** How a {@linkcode CacheStore} uses memory. */
export interface CacheStoreOptions {
  /**
   * The most bytes of all tables in memory together, counted as the memory store
   * counts them. The least recently read leave first; a table that takes more than half
   * of it is not kept. @default 1 GiB
   */
  maxBytes?: number;
  /**
   * How long a table may be given from memory without asking the store whether it is
   * still the same, in milliseconds. What another process has changed is seen that
   * much later. @default 0
   */
  maxStaleness?: number;
  /** Called for each table that leaves the memory for another. @default not told */
  onEvict?: (eviction: Eviction) => void;
}

/** What a {@linkcode CacheStore} has done. */
export interface CacheStats {
  /** The tables in memory now. */
  readonly tables: number;
  /** The bytes that they take, with those that are being read or put. */
  readonly bytes: number;
  /** How many times a table was read from memory. */
  readonly hits: number;
  /** How many times a table was read from the store. */
  readonly misses: number;
  /** How many tables have left the memory for others. */
  readonly evictions: number;
}

const OPTIONS: OptionSet<CacheStoreOptions> = {
  of: "CacheStore",
  example: "{ maxBytes: 2 ** 30 }",
  kinds: {
    maxBytes: numberFrom(1),
    maxStaleness: MILLISECONDS,
    onEvict: functionLike("({ name }) => count(name)"),
  },
};
const DEFAULT_MAX_BYTES = 1024 ** 3;

/** A table in memory. */
interface Kept {
  readonly table: TableEntry;
  readonly messages: readonly TableMessage[];
  readonly bytes: number;
  /** When the store was last asked whether it is still the same. */
  checked: number;
}

/**
 * A store that keeps in memory what was read or put last of another store, which has
 * all tables. It asks that store each time which version it has, so that it gives none
 * that another process has replaced, and reads it only when it has not this version.
 *
 * @example Tables in a folder, and the hot ones in memory
 * ```ts
 * import { CacheStore } from "@tinyflight/flight/stores";
 * import { DirectoryStore } from "@tinyflight/flight/stores/directory";
 * import { TinyServer } from "@tinyflight/flight/server";
 *
 * const files = await DirectoryStore.open(await Deno.makeTempDir());
 * const store = new CacheStore(files, { maxBytes: 2 ** 30 });
 * await using server = await new TinyServer({ port: 0, store }).listen();
 * console.log(server.location, store.stats);
 * ```
 */
export class CacheStore implements TableStore {
  /** A piece of a table in the store behind, if that has pieces. */
  readonly getPiece: TableStore["getPiece"];
  /** Where clients have a table in the store behind, if they can reach it. */
  readonly locate: TableStore["locate"];
  readonly #store: TableStore;
  readonly #maxBytes: number;
  readonly #maxStaleness: number;
  readonly #onEvict: (eviction: Eviction) => void;
  /** The tables in memory, the least recently read first. */
  readonly #kept = new Map<string, Kept>();
  /** The revisions of the tables that are being read into memory. */
  readonly #filling = new Set<string>();
  #bytes = 0;
  #hits = 0;
  #misses = 0;
  #evictions = 0;

  /**
   * Memory in front of this store.
   *
   * @throws {TypeError} when an option has a wrong type or is not known.
   * @throws {RangeError} when a number is out of range.
   */
  constructor(store: TableStore, options: CacheStoreOptions = {}) {
    checkOptions(OPTIONS, options);
    const { maxBytes = DEFAULT_MAX_BYTES, maxStaleness = 0 } = options;
    this.#store = store;
    this.getPiece = store.getPiece?.bind(store);
    this.locate = store.locate?.bind(store);
    this.#maxBytes = maxBytes;
    this.#maxStaleness = maxStaleness;
    this.#onEvict = options.onEvict ?? (() => {});
  }

  /** What it has done until now. */
  get stats(): CacheStats {
    return {
      tables: this.#kept.size,
      bytes: this.#bytes,
      hits: this.#hits,
      misses: this.#misses,
      evictions: this.#evictions,
    };
  }

  /** Puts the table into the store, and keeps it in memory if there is room. */
  async put(
    name: string,
    descriptor: FlightDescriptor,
    messages: AsyncIterable<TableMessage>,
    options: StorePutOptions = {},
  ): Promise<TablePut> {
    using filling = new Filling(name, (...bytes) => this.#take(...bytes));
    const put = await this.#store.put(
      name,
      descriptor,
      filling.watch(messages),
      options,
    );
    this.#keep(put, filling);
    return put;
  }

  /** The table of this name, with its messages from memory if they are there. */
  async get(name: string): Promise<StoredTable | undefined> {
    const before = this.#kept.get(name);
    if (before !== undefined && Date.now() - before.checked < this.#maxStaleness) {
      return { ...before.table, messages: () => this.#read(before) };
    }
    const table = await this.#store.get(name);
    const kept = this.#kept.get(name);
    if (kept !== undefined && kept.table.revision === table?.revision) {
      kept.checked = Date.now();
      return { ...table, messages: () => this.#read(kept) };
    }
    this.#forget(name);
    return table && {
      ...table,
      messages: () => this.#fill(table, () => table.messages()),
    };
  }

  /** Begins to read the table, from memory if it is there. */
  async read(name: string): Promise<TableReading | undefined> {
    if (this.#kept.has(name)) {
      const table = await this.get(name);
      if (table === undefined) return undefined;
      if (this.#kept.has(name)) return await TableReading.begin(table);
    }
    const reading = await readTable(this.#store, name);
    return reading?.through((messages) => this.#fill(reading.entry, () => messages));
  }

  /** The tables of the store. */
  list(prefix: string): AsyncIterable<TableEntry> | Iterable<TableEntry> {
    return this.#store.list(prefix);
  }

  /** Drops the table from the store, and from memory. */
  async drop(name: string, options: StoreDropOptions = {}): Promise<boolean> {
    const isDropped = await this.#store.drop(name, options);
    if (isDropped) this.#forget(name);
    return isDropped;
  }

  #read(kept: Kept): Iterable<TableMessage> {
    this.#hits++;
    const { name } = kept.table;
    if (this.#kept.delete(name)) this.#kept.set(name, kept);
    return kept.messages;
  }

  /** Reads the table from the store, and keeps it when it was read to its end. */
  async *#fill(
    table: TableEntry,
    read: StoredTable["messages"],
  ): AsyncGenerator<TableMessage> {
    this.#misses++;
    const { name, bytes, revision } = table;
    // One reader is enough, and there is no use in beginning what cannot fit.
    if (bytes > this.#maxBytes / 2 || this.#filling.has(revision)) {
      return yield* read();
    }
    using filling = new Filling(name, (...bytes) => this.#take(...bytes));
    this.#filling.add(revision);
    try {
      yield* filling.watch(read());
      this.#keep(table, filling);
    } finally {
      this.#filling.delete(revision);
    }
  }

  #keep(
    { name, descriptor, schema, rows, bytes, revision, modified, pieces }: TableEntry,
    filling: Filling,
  ): void {
    const taken = filling.finish();
    if (taken === undefined) return;
    this.#forget(name);
    const known = { name, descriptor, schema, rows, bytes, revision, modified };
    const table = pieces === undefined ? known : { ...known, pieces };
    this.#kept.set(name, { table, ...taken, checked: Date.now() });
  }

  #forget(name: string): void {
    const kept = this.#kept.get(name);
    if (kept === undefined) return;
    this.#kept.delete(name);
    this.#bytes -= kept.bytes;
  }

  /**
   * Takes bytes for a table that has so many with them, or gives some back; false when
   * it is too large, or there is no room even without others.
   */
  #take(bytes: number, ofTable: number): boolean {
    if (ofTable > this.#maxBytes / 2) return false;
    for (const [name, { bytes: freed }] of this.#kept) {
      if (this.#bytes + bytes <= this.#maxBytes) break;
      this.#forget(name);
      this.#evictions++;
      this.#onEvict({ name, bytes: freed });
    }
    if (this.#bytes + bytes > this.#maxBytes) return false;
    this.#bytes += bytes;
    return true;
  }
}

/** A table that comes into memory while somebody else reads it. */
class Filling implements Disposable {
  readonly #take: (bytes: number, ofTable: number) => boolean;
  #messages: TableMessage[] | undefined = [];
  #bytes = 0;

  /** A table of this name, for which `take` reserves memory. */
  constructor(name: string, take: (bytes: number, ofTable: number) => boolean) {
    this.#take = take;
    this.#add(costOfTable(name));
  }

  /** The messages as they come. */
  async *watch(
    messages: AsyncIterable<TableMessage> | Iterable<TableMessage>,
  ): AsyncGenerator<TableMessage> {
    for await (const message of messages) {
      if (this.#add(costOfMessage(message))) this.#messages?.push(ownCopy(message));
      yield message;
    }
  }

  /** All messages, which are not given back any more; undefined when there was no room. */
  finish(): { messages: readonly TableMessage[]; bytes: number } | undefined {
    const messages = this.#messages;
    if (messages === undefined) return undefined;
    const bytes = this.#bytes;
    this.#messages = undefined;
    this.#bytes = 0;
    return { messages, bytes };
  }

  /** Gives the memory back, unless the table has stayed. */
  [Symbol.dispose](): void {
    this.#messages = undefined;
    this.#take(-this.#bytes, 0);
    this.#bytes = 0;
  }

  #add(bytes: number): boolean {
    if (this.#messages === undefined) return false;
    if (this.#take(bytes, this.#bytes + bytes)) {
      this.#bytes += bytes;
      return true;
    }
    this[Symbol.dispose]();
    return false;
  }
}
