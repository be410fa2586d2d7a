/**
 * How many bytes of a store each caller has put.
 *
 * @module
 */
import { FlightError } from "../flight/errors.ts";
import { framedBytes } from "../flight/arrow/format/ipc_stream.ts";
import { callerKey } from "../flight/server/caller_calls.ts";
import type { TableMessage, TablePut, TableStore } from "../stores/store.ts";
import type { Caller } from "./access.ts";
import { TABLE_LIMITS } from "./limits.ts";

/** A table that a caller has put. */
interface OwnTable {
  readonly caller: string;
  readonly bytes: number;
  readonly revision: string;
}

/** What a put takes of its caller's share, until it is disposed of. */
export interface StoredShare extends Disposable {
  /**
   * Passes messages on, and counts their bytes.
   *
   * @throws {FlightError} RESOURCE_EXHAUSTED, when the caller has too many.
   */
  count(messages: AsyncIterable<TableMessage>): AsyncIterable<TableMessage>;
  /** Counts the table that was put, from now on. */
  keep(put: TablePut): void;
}

/**
 * The bytes that callers have put, by identity, or by address without one. It knows
 * what was put in this process; a table that another process has replaced or dropped
 * counts until its caller meets the limit.
 */
export class StoredShares {
  readonly #store: TableStore;
  readonly #most: number;
  readonly #tables: Map<string, OwnTable> = new Map();
  /** The bytes of each caller, those that come in now included. */
  readonly #bytes: Map<string, number> = new Map();

  /** Shares of so many bytes of this store; undefined for no limit. */
  constructor(store: TableStore, most: number = Infinity) {
    this.#store = store;
    this.#most = most;
  }

  /** The share of a put of this caller. */
  open(caller: Caller, name: string): StoredShare {
    if (this.#most === Infinity) return UNLIMITED;
    const key = callerKey(caller);
    let coming = 0;
    return {
      count: async function* (
        this: StoredShares,
        messages: AsyncIterable<TableMessage>,
      ) {
        for await (const message of messages) {
          const bytes = framedBytes(message);
          if (this.#bytesOf(key) + bytes > this.#most) await this.#forgetGone(key);
          // What the put replaces makes room when it has come in whole.
          if (this.#bytesOf(key) + bytes > this.#most) throw tooMuch(this.#most);
          coming += bytes;
          this.#add(key, bytes);
          yield message;
        }
      }.bind(this),
      keep: ({ bytes, revision }) => {
        this.forget(name);
        this.#tables.set(name, { caller: key, bytes, revision });
        this.#add(key, bytes);
      },
      [Symbol.dispose]: () => {
        this.#add(key, -coming);
        coming = 0;
      },
    };
  }

  /** Records that a table is no longer there. */
  forget(name: string): void {
    const table = this.#tables.get(name);
    if (table === undefined) return;
    this.#tables.delete(name);
    this.#add(table.caller, -table.bytes);
  }

  /** Forgets the tables of a caller that others have replaced or dropped. */
  async #forgetGone(key: string): Promise<void> {
    for (const [name, { caller, revision }] of [...this.#tables]) {
      if (caller !== key) continue;
      const table = await this.#store.get(name);
      const isSame = this.#tables.get(name)?.revision === revision;
      if (table?.revision !== revision && isSame) this.forget(name);
    }
  }

  #bytesOf(key: string): number {
    return this.#bytes.get(key) ?? 0;
  }

  #add(key: string, bytes: number): void {
    const total = this.#bytesOf(key) + bytes;
    if (total === 0) this.#bytes.delete(key);
    else this.#bytes.set(key, total);
  }
}

const UNLIMITED: StoredShare = {
  count: (messages) => messages,
  keep: () => {},
  [Symbol.dispose]: () => {},
};

function tooMuch(most: number): FlightError {
  return new FlightError(
    "RESOURCE_EXHAUSTED",
    TABLE_LIMITS.maxCallerBytes.refusal(most),
  );
}
