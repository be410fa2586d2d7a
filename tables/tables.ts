/**
 * The rules for the tables of a server, for gRPC and HTTP alike.
 *
 * @module
 */
import type { FlightDescriptor } from "../proto/messages.ts";
import type { ArrowMessage } from "../flight/arrow/format/arrow_message.ts";
import { FlightError } from "../flight/errors.ts";
import { MAX_COMPARED, nearestNames } from "../base/nearest_names.ts";
import { type Share, SharedLimit } from "../base/shared_limit.ts";
import type {
  StoredTable,
  TableEntry,
  TableLocation,
  TablePut,
  TableStore,
} from "../stores/store.ts";
import { TABLE_LIMITS, type TableLimits } from "./limits.ts";
import { OpenTable } from "./open_table.ts";
import type { TableTicket } from "./ticket.ts";
import { verifiedMessages } from "./verified_messages.ts";

/**
 * The most fields of schemas that all calls together have in use, each of some hundred
 * bytes. A put uses those of its schema until it ends, and a get those of the batch that it
 * splits.
 */
const MAX_FIELDS_IN_USE = 2_000_000;
/** How often a table is opened that is replaced each time. */
const MAX_OPENS = 5;

/** Puts, finds, lists and drops the tables of a store. */
export class Tables {
  readonly #store: TableStore;
  readonly #limits: Omit<TableLimits, "maxNameBytes">;
  readonly #maxNameBytes: number;
  readonly #fields: SharedLimit = new SharedLimit(MAX_FIELDS_IN_USE, tooManyFields);

  /** The tables of this store, with these limits. */
  constructor(
    store: TableStore,
    { maxNameBytes = Infinity, ...limits }: TableLimits = {},
  ) {
    this.#store = store;
    this.#limits = limits;
    this.#maxNameBytes = maxNameBytes;
  }

  /**
   * Verifies each message of a table, and stores the table when the last has come.
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
        TABLE_LIMITS.maxNameBytes.refusal(this.#maxNameBytes, length),
      );
    }
    using fields = this.openFields();
    const verified = verifiedMessages(messages, this.#limits, fields);
    return await this.#store.put(name, ownDescriptor(descriptor), verified);
  }

  /** Counts the fields of schemas that one call uses, until it is disposed of. */
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

  /**
   * Begins to read the table of this name as it is now, or this piece of it.
   *
   * @throws {FlightError} NOT_FOUND, when there is none.
   */
  async open({ name, piece }: TableTicket): Promise<OpenTable> {
    for (let attempt = 1;; attempt++) {
      const table = piece === undefined
        ? await this.find(name)
        : await this.findPiece(name, piece);
      try {
        return await OpenTable.begin(table);
      } catch (error) {
        // It was replaced or dropped since it was found.
        const isGone = error instanceof FlightError && error.code === "ABORTED";
        if (!isGone || attempt === MAX_OPENS) throw error;
      }
    }
  }

  /**
   * A piece of a table.
   *
   * @throws {FlightError} NOT_FOUND, when it is gone.
   */
  async findPiece(name: string, piece: string): Promise<StoredTable> {
    const table = await this.#store.getPiece?.(name, piece);
    if (table !== undefined) return table;
    throw new FlightError(
      "NOT_FOUND",
      `Cannot find a piece of the table "${name}": the table was replaced or dropped; a new FlightInfo names its pieces`,
    );
  }

  /** Whether clients may have tables straight from where the store has them. */
  get hasLocations(): boolean {
    return this.#store.locate !== undefined;
  }

  /** Where clients have the table, or this piece of it, straight from the store. */
  async locate({ name, piece }: TableTicket): Promise<TableLocation | undefined> {
    return await this.#store.locate?.(name, piece);
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
      `Cannot find the table "${name}": it was never put, or it was dropped; ${hint}`,
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

/** The descriptor without members that its type does not use: it is stored. */
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
