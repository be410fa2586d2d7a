/**
 * Where tables live: what every store does, be it memory, a directory or an object
 * store. A store of one's own is a class with the first four methods of
 * {@linkcode TableStore}; the entry `./stores/testing` has a test of each sentence here.
 *
 * @module
 */
import type { ArrowMessage } from "../flight/arrow/format/arrow_message.ts";
import type { FlightDescriptor } from "../proto/messages.ts";
import type { TableReading } from "./table_reading.ts";

/** One Arrow IPC message of a table. */
export interface TableMessage extends ArrowMessage {
  /**
   * The flatbuffer Message, without continuation marker and length. Zero bytes may
   * follow after its end, up to a multiple of 8.
   */
  readonly header: Uint8Array;
  /** The message's body; empty when it has none. */
  readonly body: Uint8Array;
  /** The rows that it adds to the table: those of a record batch, else 0. */
  readonly rows: number;
  /**
   * What the server has read of a schema. A store that has messages in memory keeps it
   * with them, so that a get does not read it again; all others leave it out.
   */
  readonly layout?: SchemaLayout;
}

/** What the server has read of a schema; a store needs to know only how much that is. */
export interface SchemaLayout {
  /** How many fields it has, each of which takes some 200 bytes of memory. */
  readonly fieldCount: number;
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
  /**
   * Which version it is: a text that no other version of the table has, before or
   * after, in whichever process it was put.
   */
  readonly revision: string;
  /** When it was put. */
  readonly modified: Date;
  /**
   * The pieces in which the store has the table's messages, in their order, when these
   * can be read one by one; undefined when they cannot.
   */
  readonly pieces?: readonly TablePiece[];
}

/** A part of a version of a table: a stream of its own, with the table's schema. */
export interface TablePiece {
  /** What the store knows it by. */
  readonly id: string;
  /** The rows in its batches. */
  readonly rows: number;
  /** The bytes that it has as an Arrow IPC stream. */
  readonly bytes: number;
}

/** One version of a stored table, which stays as it is when the table changes. */
export interface StoredTable extends TableEntry {
  /**
   * The table's messages: the schema, then dictionaries and batches as they were put.
   * It can be called several times, and reading can be left early. Reading that has
   * begun goes on to the end of this version, though the table is replaced or dropped
   * meanwhile.
   *
   * @throws {FlightError} ABORTED, before the first message, when the version is gone
   * by then: get the table again. DATA_LOSS, in place of a message that is damaged.
   */
  messages(): AsyncIterable<TableMessage> | Iterable<TableMessage>;
}

/** Where a table is had as an Arrow IPC stream over HTTP, and until when. */
export interface TableLocation {
  /** The URI under which it is had. */
  readonly uri: string;
  /** When the URI expires; undefined when it does not. */
  readonly expires: Date | undefined;
}

/** A table that was put. */
export interface TablePut extends TableEntry {
  /** The revision of the version that it has replaced; undefined when there was none. */
  readonly replaced: string | undefined;
}

/** A condition on {@linkcode TableStore.put}. */
export interface StorePutOptions {
  /**
   * The revision of the version that may be replaced; `null` when there may be none.
   * Where the table is another, the put fails with FAILED_PRECONDITION; a store that
   * cannot tell answers UNIMPLEMENTED. @default any version, or none
   */
  replaces?: string | null;
}

/** A condition on {@linkcode TableStore.drop}. */
export interface StoreDropOptions {
  /** The only version that may be dropped. @default any version */
  revision?: string;
}

/**
 * A place for tables. It keeps messages as they are and looks into none of them:
 * the server has verified them.
 *
 * What another process has changed in the same place is seen by the next call.
 */
export interface TableStore {
  /**
   * Whether it keeps the memory of the messages that are put: large ones may then be in
   * SharedArrayBuffers, as those are not counted by V8's garbage collector, which else
   * takes half of a put's time. @default false
   */
  readonly keepsMemory?: boolean;
  /**
   * Reads the messages to their end, the schema first, and then puts the table in
   * the place of the one of this name, at once. When it has resolved, the table
   * lasts as long as the store promises. When the iterable throws, so does this, and
   * the store is as it was before.
   *
   * @throws {FlightError} RESOURCE_EXHAUSTED, when there is no room;
   * FAILED_PRECONDITION, when the condition does not hold; UNAVAILABLE, when the
   * place cannot be reached now.
   */
  put(
    name: string,
    descriptor: FlightDescriptor,
    messages: AsyncIterable<TableMessage>,
    options?: StorePutOptions,
  ): Promise<TablePut>;
  /**
   * The table of this name as it is now; undefined when there is none.
   *
   * @throws {FlightError} DATA_LOSS, when there is one that is damaged; UNAVAILABLE,
   * when the place cannot be reached now.
   */
  get(name: string): Promise<StoredTable | undefined>;
  /**
   * The tables whose names begin with the prefix, by name (as `sort()` orders them).
   * What is put or dropped meanwhile may be in it or not.
   */
  list(prefix: string): AsyncIterable<TableEntry> | Iterable<TableEntry>;
  /** Forgets the table of this name; false when there is none that may be dropped. */
  drop(name: string, options?: StoreDropOptions): Promise<boolean>;
  /**
   * Begins to read the table of this name as it is now, for stores whose versions may
   * be gone before `messages()` of a table from `get()` is read; undefined when there is
   * none. @default `get()`, as often as the version is gone
   */
  read?(name: string): Promise<TableReading | undefined>;
  /**
   * A piece of a table as a table of its own, for stores that have pieces; undefined
   * when it is gone. It may be there for some time after its table was replaced.
   */
  getPiece?(name: string, id: string): Promise<StoredTable | undefined>;
  /**
   * Where clients have the table, or this piece of it, straight from the place where it
   * is kept, for stores whose place they can reach; undefined for nowhere. Bytes may
   * follow there after the stream's end marker.
   */
  locate?(name: string, piece?: string): Promise<TableLocation | undefined>;
}
