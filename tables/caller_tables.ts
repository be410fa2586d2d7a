/**
 * The tables of a server as one caller has them.
 *
 * @module
 */
import type { FlightDescriptor } from "../proto/messages.ts";
import type { ArrowMessage } from "../flight/arrow/format/arrow_message.ts";
import { FlightError } from "../flight/errors.ts";
import { MAX_COMPARED, meantHint } from "../base/nearest_names.ts";
import type {
  StoreDropOptions,
  StoredTable,
  StorePutOptions,
  TableEntry,
  TableLocation,
  TablePut,
} from "../stores/store.ts";
import { readTable, TableReading } from "../stores/table_reading.ts";
import { type Caller, notAllowed, type Operation } from "./access.ts";
import { TABLE_LIMITS } from "./limits.ts";
import type { Tables } from "./tables.ts";
import type { TableTicket } from "./ticket.ts";
import { verifiedMessages } from "./verified_messages.ts";

/**
 * Puts, finds, lists and drops tables for one caller. To a caller who may not read a
 * table, it is as if it were not there.
 */
export class CallerTables {
  readonly #tables: Tables;
  readonly #caller: Caller;

  /** These tables for this caller; {@linkcode Tables.as} makes them. */
  constructor(tables: Tables, caller: Caller) {
    this.#tables = tables;
    this.#caller = caller;
  }

  /**
   * Verifies each message of a table, and stores the table when the last has come.
   *
   * @throws {FlightError} PERMISSION_DENIED, when the caller may not write the table;
   * INVALID_ARGUMENT, when a message is not sound; RESOURCE_EXHAUSTED, when the table or
   * its name is too large, or the store is full; FAILED_PRECONDITION, when the condition
   * does not hold. Then, and when the messages throw, the store is as it was.
   */
  async put(
    name: string,
    descriptor: FlightDescriptor,
    messages: AsyncIterable<ArrowMessage>,
    condition: StorePutOptions = {},
  ): Promise<TablePut> {
    const { limits, shares, store } = this.#tables;
    const { maxNameBytes = Infinity, maxTableBytes, maxHeaderBytes } = limits;
    if (!await this.#may("write", name)) {
      throw notAllowed(`put the table "${name}"`, this.#caller);
    }
    const length = new TextEncoder().encode(name).length;
    if (length > maxNameBytes) {
      throw new FlightError(
        "RESOURCE_EXHAUSTED",
        TABLE_LIMITS.maxNameBytes.refusal(maxNameBytes, length),
      );
    }
    using fields = this.#tables.openFields();
    using share = shares.open(this.#caller, name);
    const bounds = { maxTableBytes, maxHeaderBytes };
    const counted = share.count(verifiedMessages(messages, bounds, fields));
    const put = await store.put(name, ownDescriptor(descriptor), counted, condition);
    share.keep(put);
    // A caller who may not read the table is not told whether there was one.
    return await this.#may("read", name) ? put : { ...put, replaced: undefined };
  }

  /**
   * The table of this name as it is now.
   *
   * @throws {FlightError} NOT_FOUND, with names that may have been meant.
   */
  async find(name: string): Promise<StoredTable> {
    const table = await this.#visible(name);
    if (table === undefined) throw await this.#notFound(name);
    return table;
  }

  /**
   * The table of this name as it is now, for a condition on what is changed; undefined
   * when there is none.
   *
   * @throws {FlightError} PERMISSION_DENIED, when the caller may not read it: a condition
   * would tell whether it is there.
   */
  async current(name: string): Promise<StoredTable | undefined> {
    if (await this.#may("read", name)) return await this.#tables.store.get(name);
    throw notAllowed(`read the table "${name}", as a condition needs`, this.#caller);
  }

  /**
   * Begins to read the table of this name as it is now, or this piece of it.
   *
   * @throws {FlightError} NOT_FOUND, when there is none.
   */
  async open({ name, piece }: TableTicket): Promise<TableReading> {
    if (piece !== undefined) {
      return await TableReading.begin(await this.findPiece(name, piece));
    }
    const reading = await this.#may("read", name)
      ? await readTable(this.#tables.store, name)
      : undefined;
    if (reading === undefined) throw await this.#notFound(name);
    return reading;
  }

  /**
   * A piece of a table.
   *
   * @throws {FlightError} NOT_FOUND, when it is gone.
   */
  async findPiece(name: string, piece: string): Promise<StoredTable> {
    const table = await this.#tables.store.getPiece?.(name, piece);
    if (table !== undefined && await this.#may("read", name)) return table;
    throw new FlightError(
      "NOT_FOUND",
      `Cannot find a piece of the table "${name}": the table was replaced or dropped; a new FlightInfo names its pieces`,
    );
  }

  /**
   * Where the caller has the table, or this piece of it, straight from the store;
   * undefined for nowhere.
   */
  async locate({ name, piece }: TableTicket): Promise<TableLocation | undefined> {
    const { store } = this.#tables;
    if (store.locate === undefined || !await this.#may("read", name)) return undefined;
    return await store.locate(name, piece);
  }

  /** The tables whose names begin with the prefix, by name. */
  list(prefix: string): AsyncIterable<TableEntry> | Iterable<TableEntry> {
    const tables = this.#tables.store.list(prefix);
    return this.#tables.hasRules ? this.#readable(tables) : tables;
  }

  /**
   * Forgets the table of this name, or this version of it only.
   *
   * @throws {FlightError} NOT_FOUND, with names that may have been meant;
   * PERMISSION_DENIED, when the caller may read the table only; FAILED_PRECONDITION, when
   * the table is another version by now.
   */
  async drop(name: string, options: StoreDropOptions = {}): Promise<void> {
    const { shares, store } = this.#tables;
    if (await this.#may("drop", name)) {
      if (!await store.drop(name, options)) {
        throw options.revision === undefined
          ? await this.#notFound(name)
          : changedMeanwhile(name);
      }
      shares.forget(name);
      return;
    }
    if (await this.#visible(name) === undefined) throw await this.#notFound(name);
    throw notAllowed(`drop the table "${name}"`, this.#caller);
  }

  async #visible(name: string): Promise<StoredTable | undefined> {
    const table = await this.#tables.store.get(name);
    return await this.#may("read", name) ? table : undefined;
  }

  async *#readable(
    tables: AsyncIterable<TableEntry> | Iterable<TableEntry>,
  ): AsyncGenerator<TableEntry> {
    for await (const table of tables) {
      if (await this.#may("read", table.name)) yield table;
    }
  }

  #may(operation: Operation, name: string): Promise<boolean> {
    return this.#tables.may(this.#caller, operation, name);
  }

  async #notFound(name: string): Promise<FlightError> {
    const hint = meantHint(name, await this.#someNames()) ??
      "listing the flights shows the tables that there are";
    return new FlightError(
      "NOT_FOUND",
      `Cannot find the table "${name}": it was never put, or it was dropped; ${hint}`,
    );
  }

  /** Of the first tables, the names of those that the caller may read. */
  async #someNames(): Promise<string[]> {
    const names: string[] = [];
    let count = 0;
    for await (const { name } of this.#tables.store.list("")) {
      if (await this.#may("read", name)) names.push(name);
      if (++count === MAX_COMPARED) break;
    }
    return names;
  }
}

/** The error of a drop whose version is not there any more. */
function changedMeanwhile(name: string): FlightError {
  return new FlightError(
    "FAILED_PRECONDITION",
    `Cannot drop the table "${name}": it was replaced or dropped meanwhile`,
  );
}

/** The descriptor without members that its type does not use: it is stored. */
function ownDescriptor({ type, cmd, path }: FlightDescriptor): FlightDescriptor {
  return type === "CMD"
    ? { type, cmd: cmd.slice(), path: [] }
    : { type, cmd: new Uint8Array(0), path };
}
