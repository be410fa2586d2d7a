/**
 * A store in memory: tables last as long as the process.
 *
 * @module
 */
import type { FlightDescriptor } from "../proto/messages.ts";
import { checkOptions, type OptionSet } from "../base/check_options.ts";
import { uncountedBytes, UncountedGarbage } from "../base/uncounted_memory.ts";
import { numberFrom } from "../base/value_kinds.ts";
import { FlightError } from "../flight/errors.ts";
import { ipcStreamBytes } from "../flight/arrow/format/ipc_stream.ts";
import { halfOfMemory } from "./half_of_memory.ts";
import { checkReplaces, mayDrop } from "./conditions.ts";
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

/** How much a {@linkcode MemoryStore} keeps. */
export interface MemoryStoreOptions {
  /**
   * The most bytes of all tables together, with those that are being put and those
   * that will be replaced. Each message counts for 300 bytes more than it has, each field
   * of a schema for 200, and each table for 1000 and its name. A put that exceeds it is
   * RESOURCE_EXHAUSTED.
   * @default half of the machine's memory; without `--allow-sys` 4 GiB
   */
  maxBytes?: number;
  /** The most tables. One more is RESOURCE_EXHAUSTED. @default 100000 */
  maxTables?: number;
}

const OPTIONS: OptionSet<MemoryStoreOptions> = {
  of: "MemoryStore",
  example: "{ maxBytes: 2 ** 30 }",
  kinds: { maxBytes: numberFrom(1), maxTables: numberFrom(1) },
};

/** A table, and how many bytes of the limit it takes. */
interface Kept {
  readonly table: StoredTable;
  readonly taken: number;
  /** How many of its bytes are in memory that V8's garbage collector does not count. */
  readonly uncounted: number;
}

/**
 * A store that keeps tables in memory, as the messages that were put: they are not
 * copied again.
 *
 * @example Two servers with the same tables
 * ```ts
 * import { MemoryStore, TinyServer } from "@tinyflight/flight/server";
 *
 * const store = new MemoryStore({ maxBytes: 2 ** 30 });
 * await using inside = await new TinyServer({ port: 0, store }).listen();
 * await using outside = await new TinyServer({ port: 0, store }).listen();
 * console.log(inside.location, outside.location);
 * ```
 */
export class MemoryStore implements TableStore {
  /** Large messages may come, and be given out, in SharedArrayBuffers. */
  readonly keepsMemory: boolean = true;
  readonly #tables: Map<string, Kept> = new Map();
  readonly #maxBytes: number;
  readonly #maxTables: number;
  /** The bytes of the tables, and of what is being put. */
  #bytes = 0;
  readonly #garbage = new UncountedGarbage();
  /** The sorted names; undefined when they have to be sorted again. */
  #names: readonly string[] | undefined;

  /**
   * A store without tables.
   *
   * @throws {TypeError} when an option has a wrong type or is not known.
   * @throws {RangeError} when a limit is less than 1.
   */
  constructor(options: MemoryStoreOptions = {}) {
    checkOptions(OPTIONS, options);
    const { maxBytes = halfOfMemory(), maxTables = 100_000 } = options;
    this.#maxBytes = maxBytes;
    this.#maxTables = maxTables;
  }

  /** Keeps the table once its messages have ended. */
  async put(
    name: string,
    descriptor: FlightDescriptor,
    messages: AsyncIterable<TableMessage>,
    options: StorePutOptions = {},
  ): Promise<TablePut> {
    checkReplaces(this.#revision(name), options);
    this.#checkCount(name);
    const kept: TableMessage[] = [];
    let rows = 0;
    let taken = 0;
    let uncounted = 0;
    const take = (bytes: number) => {
      this.#checkRoom(bytes);
      this.#bytes += bytes;
      taken += bytes;
    };
    try {
      take(costOfTable(name));
      for await (const message of messages) {
        take(costOfMessage(message));
        const own = ownCopy(message);
        kept.push(own);
        uncounted += uncountedBytes(own.header) + uncountedBytes(own.body);
        rows += message.rows;
      }
      // Other puts may have ended meanwhile.
      checkReplaces(this.#revision(name), options);
      this.#checkCount(name);
    } catch (error) {
      this.#bytes -= taken;
      this.#garbage.add(uncounted);
      throw error;
    }
    const table: StoredTable = {
      name,
      descriptor,
      schema: kept[0].header,
      rows,
      bytes: ipcStreamBytes(kept),
      revision: crypto.randomUUID(),
      modified: new Date(),
      messages: () => kept,
    };
    const replaced = this.#revision(name);
    this.#forget(name);
    this.#tables.set(name, { table, taken, uncounted });
    this.#names = undefined;
    return { ...table, replaced };
  }

  /** The table of this name; undefined when there is none. */
  get(name: string): Promise<StoredTable | undefined> {
    return Promise.resolve(this.#tables.get(name)?.table);
  }

  /** The tables whose names begin with the prefix, by name. */
  *list(prefix: string): Generator<TableEntry> {
    this.#names ??= [...this.#tables.keys()].sort();
    for (const name of this.#names) {
      if (!name.startsWith(prefix)) continue;
      const kept = this.#tables.get(name);
      if (kept !== undefined) yield kept.table;
    }
  }

  /** Drops the table of this name; false when there is none that may be dropped. */
  drop(name: string, options: StoreDropOptions = {}): Promise<boolean> {
    const isDropped = mayDrop(this.#revision(name), options) && this.#forget(name);
    return Promise.resolve(isDropped);
  }

  #revision(name: string): string | undefined {
    return this.#tables.get(name)?.table.revision;
  }

  #forget(name: string): boolean {
    const kept = this.#tables.get(name);
    if (kept === undefined) return false;
    this.#tables.delete(name);
    this.#names = undefined;
    this.#bytes -= kept.taken;
    this.#garbage.add(kept.uncounted);
    return true;
  }

  #checkCount(name: string): void {
    if (this.#tables.size < this.#maxTables || this.#tables.has(name)) return;
    throw new FlightError(
      "RESOURCE_EXHAUSTED",
      `Cannot keep the table: there are ${this.#maxTables} tables, the most (maxTables); drop one first`,
    );
  }

  #checkRoom(bytes: number): void {
    if (this.#bytes + bytes <= this.#maxBytes) return;
    throw new FlightError(
      "RESOURCE_EXHAUSTED",
      `Cannot keep the table: all tables would exceed ${this.#maxBytes} bytes (maxBytes); drop tables first`,
    );
  }
}
