/**
 * The rules for tables, whichever way they come in or go out.
 *
 * @module
 */
import type { FlightDescriptor } from "../proto/messages.ts";
import type { ArrowMessage } from "../flight/arrow/format/arrow_message.ts";
import { FlightError } from "../flight/errors.ts";
import { MAX_COMPARED, nearestNames } from "../base/nearest_names.ts";
import { type Share, SharedLimit } from "../base/shared_limit.ts";
import type { StoredTable, TableEntry, TablePut, TableStore } from "../stores/store.ts";
import { type TableLimits, verifiedMessages } from "./verified_messages.ts";

/**
 * The most fields of schemas that calls have in use, each some hundred bytes: of a put as
 * long as it goes on, and of a get whose batches are split.
 */
const MAX_FIELDS_IN_USE = 2_000_000;

/** What tables may be. */
export interface TablesLimits extends TableLimits {
  /** The most bytes of a table's name, in UTF-8. @default 16 KiB */
  readonly maxNameBytes?: number;
}

/** The tables of a store, as every door of a server puts, finds, lists and drops them. */
export class Tables {
  readonly #store: TableStore;
  readonly #limits: TableLimits;
  readonly #maxNameBytes: number;
  readonly #fields: SharedLimit = new SharedLimit(MAX_FIELDS_IN_USE, tooManyFields);

  /** The tables of this store. */
  constructor(
    store: TableStore,
    { maxNameBytes = Infinity, ...limits }: TablesLimits = {},
  ) {
    this.#store = store;
    this.#limits = limits;
    this.#maxNameBytes = maxNameBytes;
  }

  /**
   * Keeps a table once its messages have come in whole, each of which is verified.
   *
   * @throws {FlightError} INVALID_ARGUMENT, when a message is not sound;
   * RESOURCE_EXHAUSTED, when the table or its name is too large, or the store is
   * full. Then, and when the messages throw, the store is as it was.
   */
  async put(
    name: string,
    descriptor: FlightDescriptor,
    messages: AsyncIterable<ArrowMessage>,
  ): Promise<TablePut> {
    const length = new TextEncoder().encode(name).length;
    if (length > this.#maxNameBytes) {
      throw new FlightError(
        "RESOURCE_EXHAUSTED",
        `Cannot keep the table: its name has ${length} bytes, and ${this.#maxNameBytes} are the most (maxNameBytes)`,
      );
    }
    using fields = this.openFields();
    const verified = verifiedMessages(messages, this.#limits, fields);
    return await this.#store.put(name, ownDescriptor(descriptor), verified);
  }

  /** The share of a call in the fields of schemas that are in use. */
  openFields(): Share {
    return this.#fields.open();
  }

  /**
   * The table of this name as it is now.
   *
   * @throws {FlightError} NOT_FOUND, with names that may have been meant.
   */
  async find(name: string): Promise<StoredTable> {
    const table = await this.#store.get(name);
    if (table === undefined) throw await this.#notFound(name);
    return table;
  }

  /** Whether there is a table of this name. */
  async has(name: string): Promise<boolean> {
    return await this.#store.get(name) !== undefined;
  }

  /** The tables whose names begin with the prefix, by name. */
  list(prefix: string): AsyncIterable<TableEntry> | Iterable<TableEntry> {
    return this.#store.list(prefix);
  }

  /**
   * Forgets the table of this name.
   *
   * @throws {FlightError} NOT_FOUND, with names that may have been meant.
   */
  async drop(name: string): Promise<void> {
    if (!await this.#store.drop(name)) throw await this.#notFound(name);
  }

  async #notFound(name: string): Promise<FlightError> {
    const near = nearestNames(name, await this.#someNames());
    const hint = near.length === 0
      ? "listing the flights shows the tables that there are"
      : `perhaps you mean ${near.map((other) => `"${other}"`).join(" or ")}`;
    return new FlightError(
      "NOT_FOUND",
      `Cannot find the table "${name}": nobody has put it, or it was dropped; ${hint}`,
    );
  }

  async #someNames(): Promise<string[]> {
    const names: string[] = [];
    for await (const { name } of this.#store.list("")) {
      names.push(name);
      if (names.length === MAX_COMPARED) break;
    }
    return names;
  }
}

/** The descriptor with nothing but what its type uses, as all of it is kept. */
function ownDescriptor({ type, cmd, path }: FlightDescriptor): FlightDescriptor {
  return type === "CMD"
    ? { type, cmd: cmd.slice(), path: [] }
    : { type, cmd: new Uint8Array(0), path };
}

function tooManyFields(_: number, most: number): FlightError {
  return new FlightError(
    "RESOURCE_EXHAUSTED",
    `Cannot accept the call: the schemas in use have more than ${most} fields together, the most; try again later`,
  );
}
