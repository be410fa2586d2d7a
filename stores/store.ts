/**
 * Where tables live: what every store does, be it memory, a directory or an object
 * store.
 *
 * @module
 */
import type { FlightDescriptor } from "../proto/messages.ts";

/** One Arrow IPC message of a table. */
export interface TableMessage {
  /** The flatbuffer Message, without continuation marker and length. */
  readonly header: Uint8Array;
  /** The message's body; empty when it has none. */
  readonly body: Uint8Array;
  /** The rows that it adds to the table: those of a record batch, else 0. */
  readonly rows: number;
}

/** What is known of a stored table without reading it. */
export interface TableEntry {
  /** The table's name. */
  readonly name: string;
  /** The descriptor under which it was put. */
  readonly descriptor: FlightDescriptor;
  /** The header of its schema message, a flatbuffer Message. */
  readonly schema: Uint8Array;
  /** The rows in all its batches. */
  readonly rows: number;
  /** The bytes that it has as an Arrow IPC stream: in a file, or over HTTP. */
  readonly bytes: number;
}

/** One version of a stored table, which stays as it is when the table changes. */
export interface StoredTable extends TableEntry {
  /** The table's messages: the schema, then dictionaries and batches as they were put. */
  messages(): AsyncIterable<TableMessage> | Iterable<TableMessage>;
}

/**
 * A place for tables. It keeps messages as they are and looks into none of them:
 * the server has verified them.
 */
export interface TableStore {
  /**
   * Reads the messages to their end, the schema first, and then puts the table in
   * the place of the one of this name, at once. When the iterable throws, so does
   * this, and the store is as it was before.
   */
  put(
    name: string,
    descriptor: FlightDescriptor,
    messages: AsyncIterable<TableMessage>,
  ): Promise<TableEntry>;
  /** The table of this name as it is now; undefined when there is none. */
  get(name: string): Promise<StoredTable | undefined>;
  /** The tables whose names begin with the prefix, by name. */
  list(prefix: string): AsyncIterable<TableEntry> | Iterable<TableEntry>;
  /** Forgets the table of this name; false when there is none. */
  drop(name: string): Promise<boolean>;
}
