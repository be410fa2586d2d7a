/**
 * Tables in memory, for as long as the process lives.
 *
 * @module
 */
import type { FlightDescriptor } from "../proto/messages.ts";
import { ipcStreamBytes } from "../flight/ipc/ipc_stream.ts";
import type { StoredTable, TableEntry, TableMessage, TableStore } from "./store.ts";

/**
 * A store that keeps tables in memory: the very messages that came in, which are
 * not copied again.
 *
 * @example Two servers with the same tables
 * ```ts
 * import { MemoryStore, TinyServer } from "@tinyflight/flight/server";
 *
 * const store = new MemoryStore();
 * await using inside = await new TinyServer({ port: 0, store }).listen();
 * await using outside = await new TinyServer({ port: 0, store }).listen();
 * console.log(inside.location, outside.location);
 * ```
 */
export class MemoryStore implements TableStore {
  #tables: Map<string, StoredTable> = new Map();

  /** Keeps the table once its messages have come to their end. */
  async put(
    name: string,
    descriptor: FlightDescriptor,
    messages: AsyncIterable<TableMessage>,
  ): Promise<TableEntry> {
    const kept: TableMessage[] = [];
    let rows = 0;
    for await (const message of messages) {
      kept.push(unshared(message));
      rows += message.rows;
    }
    const table: StoredTable = {
      name,
      descriptor,
      schema: kept[0].header,
      rows,
      bytes: ipcStreamBytes(kept),
      messages: () => kept,
    };
    this.#tables.set(name, table);
    return table;
  }

  /** The table of this name; undefined when there is none. */
  get(name: string): Promise<StoredTable | undefined> {
    return Promise.resolve(this.#tables.get(name));
  }

  /** The tables whose names begin with the prefix, by name. */
  *list(prefix: string): Generator<TableEntry> {
    const names = [...this.#tables.keys()].filter((name) => name.startsWith(prefix));
    for (const name of names.sort()) {
      const table = this.#tables.get(name);
      if (table !== undefined) yield table;
    }
  }

  /** Forgets the table of this name; false when there is none. */
  drop(name: string): Promise<boolean> {
    return Promise.resolve(this.#tables.delete(name));
  }
}

/**
 * The message, copied when it is a small part of a larger buffer: small messages
 * arrive in a pool, all of which would stay in memory with each of them.
 */
function unshared(message: TableMessage): TableMessage {
  const { header, body, rows } = message;
  const used = header.length + body.length;
  const held = header.buffer === body.buffer || body.length === 0
    ? header.buffer.byteLength
    : header.buffer.byteLength + body.buffer.byteLength;
  return held <= 2 * used
    ? message
    : { header: header.slice(), body: body.slice(), rows };
}
