/**
 * The rules for the tables of a server, for gRPC and HTTP alike.
 *
 * @module
 */
import { FlightError } from "../flight/errors.ts";
import { type Share, SharedLimit } from "../base/shared_limit.ts";
import type { TableStore } from "../stores/store.ts";
import type { Allow, Caller, Operation } from "./access.ts";
import { CallerTables } from "./caller_tables.ts";
import type { TableLimits } from "./limits.ts";
import { StoredShares } from "./stored_shares.ts";

/**
 * The most fields of schemas that all calls together have in use, each of some hundred
 * bytes. A put uses those of its schema until it ends, and a get those of the batch that it
 * splits.
 */
const MAX_FIELDS_IN_USE = 2_000_000;

/** What {@linkcode Tables} accept, and from which callers. */
export interface TablesOptions extends TableLimits {
  /** Who may do what. @default every caller may do everything */
  allow?: Allow;
}

/**
 * The tables of a store. Each endpoint of a server puts, finds, lists and drops them for
 * a caller, by `as()`, so that none can forget to ask what the caller may do.
 */
export class Tables {
  /** Where the tables are stored. */
  readonly store: TableStore;
  /** The limits. */
  readonly limits: TableLimits;
  /** What each caller has stored. */
  readonly shares: StoredShares;
  readonly #allow: Allow | undefined;
  readonly #fields: SharedLimit = new SharedLimit(MAX_FIELDS_IN_USE, tooManyFields);

  /** The tables of this store, with these limits. */
  constructor(store: TableStore, { allow, ...limits }: TablesOptions = {}) {
    this.store = store;
    this.limits = limits;
    this.shares = new StoredShares(store, limits.maxCallerBytes);
    this.#allow = allow;
  }

  /** The tables as this caller has them. */
  as(caller: Caller): CallerTables {
    return new CallerTables(this, caller);
  }

  /** Counts the fields of schemas that one call uses, until it is disposed of. */
  openFields(): Share {
    return this.#fields.open();
  }

  /** Whether the store keeps the memory of messages, which may be shared memory. */
  get keepsMemory(): boolean {
    return this.store.keepsMemory === true;
  }

  /** Whether clients may have tables straight from where the store has them. */
  get hasLocations(): boolean {
    return this.store.locate !== undefined;
  }

  /** Whether callers differ in what they may do. */
  get hasRules(): boolean {
    return this.#allow !== undefined;
  }

  /** Whether the caller may do this with the table, or with the server. */
  async may(
    { identity }: Caller,
    operation: Operation,
    table?: string,
  ): Promise<boolean> {
    return this.#allow === undefined || await this.#allow(identity, operation, table);
  }
}

function tooManyFields(_: number, most: number): FlightError {
  return new FlightError(
    "RESOURCE_EXHAUSTED",
    `Cannot accept the call: the schemas in use have more than ${most} fields together, the most; try again later`,
  );
}
