/**
 * TinyClient: tables by name, on a Flight server.
 *
 * @example Put a table, and get it back
 * ```ts
 * import { TinyClient } from "@tinyflight/flight/client";
 * import { TinyServer } from "@tinyflight/flight/server";
 * import { tableFromArrays } from "apache-arrow";
 *
 * await using server = await new TinyServer({ port: 0 }).listen();
 * await using client = await TinyClient.connect(server.location);
 * await client.putTable("points", tableFromArrays({ x: [1, 2], y: [3, 4] }));
 * console.log(await client.listTables()); // ["points"]
 * console.log((await client.getTable("points")).numRows); // 2
 * ```
 *
 * @module
 */
import type { RecordBatch } from "apache-arrow";
import type { FlightDescriptor, FlightInfo } from "./proto/messages.ts";
import {
  checkOptions,
  checkValue,
  type OptionSet,
  type ValueKind,
} from "./base/check_options.ts";
import { FLAG, MILLISECONDS, objectWith, SIGNAL, text } from "./base/value_kinds.ts";
import {
  CALL_OPTION_KINDS,
  CALL_OPTIONS,
  type CallOptions,
} from "./flight/client/call_options.ts";
import type {
  AnyColumns,
  ColumnTypes,
  TableOf,
} from "./flight/arrow/decode/column_types.ts";
import { decode, type FlightReader } from "./flight/arrow/decode/decode.ts";
import {
  DECODE_OPTION_KINDS,
  type DecodeOptions,
} from "./flight/arrow/decode/decode_options.ts";
import { encode } from "./flight/arrow/encode/encode.ts";
import {
  ENCODE_OPTION_KINDS,
  type EncodeOptions,
} from "./flight/arrow/encode/encode_options.ts";
import type { EncodeSource } from "./flight/arrow/encode/encode_source.ts";
import { FlightError } from "./flight/errors.ts";
import { FlightReads } from "./flight/client/http_reads.ts";
import {
  FLIGHT_CLIENT_OPTIONS,
  FlightClient,
  type FlightClientOptions,
} from "./flight/client/flight_client.ts";
import { DEFAULT_PORT } from "./flight/protocol/location.ts";
import type { ArrowSchema } from "./flight/arrow/format/arrow_schema.ts";
import { decodeSchema } from "./flight/arrow/decode/decode_schema.ts";
import {
  bytesOfName,
  descriptorOfName,
  nameOfDescriptor,
} from "./tables/table_name.ts";

export { basicAuth, bearerAuth, type TokenSource } from "./flight/client/auth.ts";
export type { ClientCall, ClientMiddleware } from "./flight/client/middleware.ts";
export type { CallOptions } from "./flight/client/call_options.ts";
export { CallHeaders, type CallHeadersInit } from "./rpc/call_headers.ts";
export { cookieJar } from "./flight/client/cookie_jar.ts";
export {
  FlightError,
  type FlightErrorCode,
  type FlightErrorOptions,
} from "./flight/errors.ts";
export {
  FlightClient,
  type FlightClientOptions,
  type ReadyOptions,
} from "./flight/client/flight_client.ts";
export type {
  AnyColumns,
  ColumnTypes,
  TableOf,
  TypedTable,
} from "./flight/arrow/decode/column_types.ts";
export type { ArrowSchema } from "./flight/arrow/format/arrow_schema.ts";

/** How a {@linkcode TinyClient} reads. */
export interface TinyClientOptions {
  /**
   * Whether tables are read over HTTP from a server that offers this, which is
   * faster. The client then fetches what URL the server names, and follows it where
   * it leads. Middleware does not see such a read, and a call's headers do not go
   * along. @default true
   */
  http?: boolean;
}

/** How {@linkcode TinyClient.connect} connects. */
export interface ConnectOptions extends FlightClientOptions, TinyClientOptions {
  /** How long to wait for the server, in milliseconds. @default 10000 */
  timeout?: number;
  /** Stops waiting when it is aborted. */
  signal?: AbortSignal;
}

/** How {@linkcode TinyClient.putTable} puts a table. */
export interface PutOptions extends CallOptions, Omit<EncodeOptions, "descriptor"> {}

/** How {@linkcode TinyClient.getTable} and {@linkcode TinyClient.readTable} read. */
export interface ReadOptions<T extends ColumnTypes = AnyColumns>
  extends CallOptions, Omit<DecodeOptions<T>, "code"> {}

/** Which tables {@linkcode TinyClient.listTables} gives. */
export interface ListOptions extends CallOptions {
  /** Only the tables whose names begin with this. @default "" */
  prefix?: string;
}

/** What a server says of a table. */
export interface TableInfo {
  /** The table's name. */
  readonly name: string;
  /** Its schema; undefined when the server does not tell. */
  readonly schema: ArrowSchema | undefined;
  /** How many rows it has; undefined when the server does not know. */
  readonly rows: number | undefined;
  /** How many bytes it has; undefined when the server does not know. */
  readonly bytes: number | undefined;
  /** The descriptor under which it was put. */
  readonly descriptor: FlightDescriptor;
}

const FLIGHT: ValueKind = objectWith(
  ["doGet", "doPut", "listFlights"],
  (value) =>
    typeof value === "string"
      ? `a FlightClient; await TinyClient.connect(${
        JSON.stringify(value)
      }) makes a TinyClient`
      : "a FlightClient; await TinyClient.connect(location) makes a TinyClient",
);

const TINY_CLIENT_OPTIONS: OptionSet<TinyClientOptions> = {
  of: "TinyClient",
  example: "{ http: false }",
  kinds: { http: FLAG },
};

const CONNECT_OPTIONS: OptionSet<ConnectOptions> = {
  of: "TinyClient.connect()",
  example: "{ timeout: 5000 }",
  kinds: {
    timeout: MILLISECONDS,
    signal: SIGNAL,
    ...TINY_CLIENT_OPTIONS.kinds,
    ...FLIGHT_CLIENT_OPTIONS.kinds,
  },
};

const { descriptor: _descriptor, ...PUT_KINDS } = ENCODE_OPTION_KINDS;
const PUT_OPTIONS: OptionSet<PutOptions> = {
  of: "putTable()",
  example: '{ compression: "lz4" }',
  kinds: { ...CALL_OPTION_KINDS, ...PUT_KINDS },
};

const { code: _code, ...READ_KINDS } = DECODE_OPTION_KINDS;
const GET_OPTIONS: OptionSet<ReadOptions> = {
  of: "getTable()",
  example: '{ columns: ["depth", "mag"] }',
  kinds: { ...CALL_OPTION_KINDS, ...READ_KINDS },
};

const READ_OPTIONS: OptionSet<ReadOptions> = { ...GET_OPTIONS, of: "readTable()" };

const LIST_OPTIONS: OptionSet<ListOptions> = {
  of: "listTables()",
  example: '{ prefix: "fiji" }',
  kinds: { ...CALL_OPTION_KINDS, prefix: text() },
};

/**
 * A client that puts, gets, lists and drops tables by name. What fails rejects
 * with a FlightError, whose `code` says why: NOT_FOUND for a table that nobody
 * has put. Every method takes a `signal` and a `timeout`.
 *
 * @example One batch after the other
 * ```ts
 * import { TinyClient } from "@tinyflight/flight/client";
 * import { TinyServer } from "@tinyflight/flight/server";
 * import { tableFromArrays } from "apache-arrow";
 *
 * await using server = await new TinyServer({ port: 0 }).listen();
 * await using client = await TinyClient.connect(server.location);
 * await client.putTable("points", tableFromArrays({ x: [1, 2] }));
 * for await (const batch of client.readTable("points")) console.log(batch.numRows);
 * ```
 *
 * @example Columns of which the types are known, and checked
 * ```ts
 * import { TinyClient } from "@tinyflight/flight/client";
 * import { TinyServer } from "@tinyflight/flight/server";
 * import { Float64, tableFromArrays } from "apache-arrow";
 *
 * await using server = await new TinyServer({ port: 0 }).listen();
 * await using client = await TinyClient.connect(server.location);
 * await client.putTable("points", tableFromArrays({ x: [1, 2], y: [3, 4] }));
 *
 * const types = { x: new Float64(), y: new Float64() };
 * for (const { x, y } of await client.getTable("points", { types })) {
 *   console.log(x + y); // 4, 6
 * }
 * ```
 */
export class TinyClient implements AsyncDisposable {
  /** The Flight client under this one, with all ten methods of the protocol. */
  readonly flight: FlightClient;
  #reads: FlightReads | undefined;

  /**
   * A client over a FlightClient, which may have been set up in any way.
   *
   * @throws {TypeError} when it is no FlightClient, or an option has a wrong type or is
   * not known.
   */
  constructor(flight: FlightClient, options: TinyClientOptions = {}) {
    checkValue("client", flight, FLIGHT);
    checkOptions(TINY_CLIENT_OPTIONS, options);
    const { http = true } = options;
    this.flight = flight;
    this.#reads = http ? new FlightReads(flight) : undefined;
  }

  /**
   * A client of the server at this location, once the server answers.
   *
   * @throws {TypeError} when the location cannot be read, or an option has a wrong type or
   * is not known.
   * @throws {FlightError} UNAVAILABLE, when no server has answered in time.
   */
  static async connect(
    location: string = `grpc://localhost:${DEFAULT_PORT}`,
    options: ConnectOptions = {},
  ): Promise<TinyClient> {
    checkOptions(CONNECT_OPTIONS, options);
    const { timeout = 10_000, signal, http, ...clientOptions } = options;
    const flight = new FlightClient(location, clientOptions);
    try {
      await flight.waitUntilReady({ timeout, signal });
    } catch (error) {
      flight.close();
      throw error;
    }
    return new TinyClient(flight, { http });
  }

  /**
   * Puts a table under this name, in the place of the one that is there. It is a
   * table, a record batch, or a sync or async iterable of record batches, which
   * is read as fast as the server takes them. When this has resolved, the server
   * has the table; when it rejects, the server has what it had before. Tables and
   * batches may be of any copy of apache-arrow, from version 14 on.
   *
   * @throws {TypeError} when the name or the table cannot be sent.
   */
  async putTable(
    name: string,
    table: EncodeSource,
    options: PutOptions = {},
  ): Promise<void> {
    checkOptions(PUT_OPTIONS, options);
    const { headers, signal, timeout, ...encodeOptions } = options;
    const descriptor = descriptorOfName(name);
    const messages = encode(table, { ...encodeOptions, descriptor });
    for await (const _ of this.flight.doPut(messages, { headers, signal, timeout }));
  }

  /**
   * The table of this name, whole. The types of its columns, as in
   * `getTable<{ depth: Int32 }>("quakes")`, are a promise by the caller, which the
   * compiler relies on. With the option `types` they are checked.
   */
  async getTable<T extends ColumnTypes = AnyColumns>(
    name: string,
    options: ReadOptions<T> = {},
  ): Promise<TableOf<T>> {
    checkOptions(GET_OPTIONS, options);
    return await this.#read(name, options).table();
  }

  /**
   * The record batches of a table, as they come in and no faster than they are used.
   * Their columns have types as with {@linkcode TinyClient.getTable}.
   *
   * @throws {TypeError} at once, when it cannot be a name, or an option has a wrong type or
   * is not known.
   */
  readTable<T extends ColumnTypes = AnyColumns>(
    name: string,
    options: ReadOptions<T> = {},
  ): AsyncGenerator<RecordBatch<T>> {
    checkOptions(READ_OPTIONS, options);
    bytesOfName(name);
    return this.#readBatches(name, options);
  }

  /** The names of the tables, in order. */
  async listTables(options: ListOptions = {}): Promise<string[]> {
    checkOptions(LIST_OPTIONS, options);
    const { prefix = "", ...callOptions } = options;
    if (!prefix.isWellFormed()) {
      throw new TypeError("Cannot list the tables: the prefix has a lone surrogate");
    }
    const expression = new TextEncoder().encode(prefix);
    const names: string[] = [];
    for await (const info of this.flight.listFlights({ expression }, callOptions)) {
      names.push(nameOfDescriptor(descriptorOf(info)));
    }
    return names.sort();
  }

  /** What the server says of the table of this name. */
  async tableInfo(name: string, options: CallOptions = {}): Promise<TableInfo> {
    checkOptions(CALL_OPTIONS, options);
    const info = await this.flight.getFlightInfo(descriptorOfName(name), options);
    return {
      name,
      schema: decodeSchema(info.schema),
      rows: known(info.totalRecords),
      bytes: known(info.totalBytes),
      descriptor: descriptorOf(info),
    };
  }

  /** Makes the server forget the table of this name. */
  async dropTable(name: string, options: CallOptions = {}): Promise<void> {
    checkOptions(CALL_OPTIONS, options);
    const action = { type: "drop_table", body: bytesOfName(name) };
    for await (const _ of this.flight.doAction(action, options));
  }

  /** Closes the connection. */
  close(): void {
    this.#reads?.close();
    this.flight.close();
  }

  /** Closes the connection. */
  // deno-lint-ignore require-await -- the interface asks for a promise
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  /** The call starts when the first batch is asked for. */
  async *#readBatches<T extends ColumnTypes>(
    name: string,
    options: ReadOptions<T>,
  ): AsyncGenerator<RecordBatch<T>> {
    yield* this.#read(name, options).batches();
  }

  #read<T extends ColumnTypes>(
    name: string,
    options: ReadOptions<T>,
  ): FlightReader<T> {
    const { headers, signal, timeout, ...decodeOptions } = options;
    const callOptions = { headers, signal, timeout };
    const ticket = { ticket: bytesOfName(name) };
    const messages = this.#reads === undefined
      ? this.flight.doGet(ticket, callOptions)
      : this.#reads.read({ descriptor: descriptorOfName(name), ticket }, callOptions);
    return decode(messages, { ...decodeOptions, code: "INTERNAL" });
  }
}

function descriptorOf(info: FlightInfo): FlightDescriptor {
  if (info.flightDescriptor === undefined) {
    throw new FlightError(
      "INTERNAL",
      "Cannot name a flight: it came without a descriptor",
    );
  }
  return info.flightDescriptor;
}

function known(number: bigint): number | undefined {
  return number < 0n ? undefined : Number(number);
}
