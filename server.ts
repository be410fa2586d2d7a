/**
 * TinyServer: a Flight server that keeps tables and gives them back.
 *
 * @example A server in a program of one's own
 * ```ts
 * import { TinyServer } from "@tinyflight/flight/server";
 *
 * await using server = await new TinyServer({ port: 0 }).listen();
 * console.log(`clients find it at ${server.location}`);
 * ```
 *
 * @module
 */
import type {
  Action,
  ActionType,
  Criteria,
  FlightDescriptor,
  FlightInfo,
  PollInfo,
  PutResult,
  Result,
  SchemaResult,
  Ticket,
} from "./proto/messages.ts";
import type { FlightData, FlightDataInit } from "./proto/flight_data.ts";
import type { Init } from "./proto/message_type.ts";
import type { CallContext } from "./flight/server/call_context.ts";
import { FlightError } from "./flight/errors.ts";
import {
  FlightServer,
  type FlightServerOptions,
  type Listening,
} from "./flight/server/flight_server.ts";
import { isEveryAddress } from "./flight/protocol/location.ts";
import { isPredefined, SESSION_ACTIONS } from "./flight/protocol/predefined_actions.ts";
import { encapsulate } from "./flight/arrow/format/ipc_stream.ts";
import { splitMessages } from "./flight/arrow/split/split_messages.ts";
import { timestampOf } from "./flight/protocol/timestamps.ts";
import { arrowMessages } from "./tables/arrow_messages.ts";
import { MemoryStore } from "./stores/memory_store.ts";
import type { StoredTable, TableEntry, TableStore } from "./stores/store.ts";
import type { OpenDoor, TableDoor } from "./tables/table_door.ts";
import {
  bytesOfName,
  MAX_NAME_BYTES,
  nameOfBytes,
  nameOfDescriptor,
} from "./tables/table_name.ts";
import { Tables } from "./tables/tables.ts";

export type { CallContext, ServerMiddleware } from "./flight/server/call_context.ts";
export { type CallRecord, describeCall } from "./flight/server/call_record.ts";
export { CallHeaders, type CallHeadersInit } from "./rpc/call_headers.ts";
export {
  FlightError,
  type FlightErrorCode,
  type FlightErrorOptions,
} from "./flight/errors.ts";
export {
  FlightServer,
  type FlightServerOptions,
  type Listening,
  type ShutdownOptions,
} from "./flight/server/flight_server.ts";
export type { CallHost, RunningCall } from "./flight/server/running_call.ts";
export type { Share } from "./base/shared_limit.ts";
export type { Authenticator } from "./flight/server/auth.ts";
export { Session, Sessions, type SessionsOptions } from "./flight/server/sessions.ts";
export { MemoryStore, type MemoryStoreOptions } from "./stores/memory_store.ts";
export type {
  DoorHost,
  DoorLocation,
  OpenDoor,
  TableDoor,
} from "./tables/table_door.ts";
export type { Tables, TablesLimits } from "./tables/tables.ts";
export type { ArrowMessage } from "./flight/arrow/format/arrow_message.ts";
export type { TableLimits } from "./tables/verified_messages.ts";
export type {
  SchemaLayout,
  StoreDropOptions,
  StoredTable,
  StorePutOptions,
  TableEntry,
  TableMessage,
  TablePut,
  TableStore,
} from "./stores/store.ts";

/** How a {@linkcode TinyServer} listens, and where it keeps its tables. */
export interface TinyServerOptions extends FlightServerOptions {
  /** Where the tables live. @default a new MemoryStore */
  store?: TableStore;
  /**
   * Gives the tables over HTTP, too: an HttpDoor of the entry `./http`. Every
   * FlightInfo then names, after the server's own location, the URI under which the
   * table is had as an Arrow IPC stream. @default not at all
   */
  http?: TableDoor;
  /**
   * The location to name in every FlightInfo, when clients reach the server under
   * another than the one it listens on. By default it is `server.location`, or,
   * for a server that listens on every address of its machine, the address by
   * which the client that asks has reached it.
   */
  advertise?: string;
  /**
   * The size above which a record batch is split by rows when it is sent, in bytes.
   * Flight clients in Go, Rust and .NET take no more than 4 MiB unless told to.
   * `Infinity` sends every batch as it was put; else batches are split into smaller
   * ones while more than some 30 calls run. @default a little less than 4 MiB
   */
  maxSentBytes?: number;
  /**
   * The most bytes of one table, as an Arrow IPC stream. A put of more is answered
   * with RESOURCE_EXHAUSTED, as with the other limits. @default no limit but the store's
   */
  maxTableBytes?: number;
  /** The most bytes of one message's header, a flatbuffer. @default 16 MiB */
  maxHeaderBytes?: number;
  /** The most bytes of a table's name, in UTF-8; at most 16 KiB. @default 16 KiB */
  maxNameBytes?: number;
  /**
   * Whether the action `shutdown` is offered. By default it is when only this
   * machine reaches the server.
   */
  allowShutdown?: boolean;
}

/** An action of the server: what it says of itself, and what it does. */
interface ServerAction {
  readonly description: string;
  run(body: Uint8Array, call: CallContext): Promise<Uint8Array | undefined>;
}

/** 4 MiB, with room for what goes around a batch. */
const DEFAULT_MAX_SENT_BYTES = 4 * 1024 * 1024 - 64 * 1024;
/**
 * What calls may hold together for clients that do not read, in messages of equal size.
 * With more calls than fit at full size, batches are split into smaller ones.
 */
const MAX_UNREAD_SHARES = 128 * 1024 * 1024;
/** ... but not into ever smaller ones. */
const MIN_SENT_BYTES = 64 * 1024;

/**
 * A Flight server that is a cache of Arrow tables: a client puts a table under a
 * name, and any client gets it back, as it was put, until it is dropped. A table
 * becomes visible when it has come in whole, and replaces an older one at once; a
 * get reads the version that it began with.
 *
 * A table's name is the descriptor's command as UTF-8, or its path's elements
 * joined with `/`. A ticket is the name's bytes. Names that nobody has put are
 * NOT_FOUND; what cannot be a name is INVALID_ARGUMENT.
 *
 * @example A table goes round
 * ```ts
 * import { TinyServer } from "@tinyflight/flight/server";
 * import { TinyClient } from "@tinyflight/flight/client";
 * import { tableFromArrays } from "apache-arrow";
 *
 * await using server = await new TinyServer({ port: 0 }).listen();
 * await using client = await TinyClient.connect(server.location);
 * await client.putTable("points", tableFromArrays({ x: [1, 2], y: [3, 4] }));
 * console.log((await client.getTable("points")).numRows); // 2
 * ```
 */
export class TinyServer extends FlightServer {
  #tables: Tables;
  #http: TableDoor | undefined;
  #door: OpenDoor | undefined;
  #hostname: string;
  #advertise: string | undefined;
  #maxSentBytes: number;
  #maxMessageBytes: number | undefined;
  #maxHeaderBytes: number | undefined;
  #allowShutdown: boolean | undefined;
  #hasAuth: boolean;
  #hasSessions: boolean;

  /**
   * A server that does not listen yet.
   *
   * @throws {RangeError} when the port or a limit is out of range.
   */
  constructor(options: TinyServerOptions = {}) {
    super(options);
    const { maxTableBytes, maxHeaderBytes, maxNameBytes } = options;
    const limits = { maxTableBytes, maxHeaderBytes, maxNameBytes };
    for (const [name, limit] of Object.entries(limits)) {
      const most = name === "maxNameBytes" ? MAX_NAME_BYTES : Infinity;
      if (limit === undefined || limit >= 1 && limit <= most) continue;
      throw new RangeError(
        `Cannot use the ${name} ${limit}: it has to be 1 or more, and at most ${most}`,
      );
    }
    this.#tables = new Tables(options.store ?? new MemoryStore(), limits);
    this.#maxMessageBytes = options.maxMessageBytes;
    this.#maxHeaderBytes = maxHeaderBytes;
    this.#http = options.http;
    this.#hostname = options.hostname ?? "localhost";
    this.#advertise = options.advertise;
    this.#maxSentBytes = options.maxSentBytes ?? DEFAULT_MAX_SENT_BYTES;
    if (!(this.#maxSentBytes >= 1024)) {
      throw new RangeError(
        `Cannot use the maxSentBytes ${this.#maxSentBytes}: it has to be 1024 or more`,
      );
    }
    this.#hasAuth = options.auth !== undefined;
    this.#hasSessions = options.sessions !== undefined;
    this.#allowShutdown = options.allowShutdown;
  }

  /** Takes a table, and keeps it once it has come in whole. */
  // deno-lint-ignore require-yield -- that the call ends well is all there is to say
  override async *doPut(
    messages: AsyncIterable<FlightData>,
    call: CallContext,
  ): AsyncGenerator<Init<PutResult>> {
    const iterator = messages[Symbol.asyncIterator]();
    try {
      const first = await iterator.next();
      const descriptor: FlightDescriptor | undefined = first.value?.flightDescriptor;
      if (descriptor === undefined) {
        throw new FlightError(
          "INVALID_ARGUMENT",
          "Cannot keep the table: the first message has to have a descriptor, which names it",
        );
      }
      const name = nameOfDescriptor(descriptor);
      call.subject = name;
      await this.#tables.put(name, descriptor, arrowMessages(first, iterator));
    } finally {
      await iterator.return?.();
    }
  }

  /** Gives a table back: its schema, then its dictionaries and batches. */
  override async *doGet(
    ticket: Ticket,
    call: CallContext,
  ): AsyncGenerator<FlightDataInit> {
    const table = await this.#find(nameOfBytes(ticket.ticket), call);
    using fields = this.#tables.openFields();
    yield* splitMessages(table.messages(), () => this.#sentBytes(), {
      share: fields,
    });
  }

  /** Gives the tables; a criteria expression selects names that begin with it. */
  override async *listFlights(
    { expression }: Criteria,
    call: CallContext,
  ): AsyncGenerator<Init<FlightInfo>> {
    const prefix = expression.length === 0 ? "" : nameOfBytes(expression);
    if (prefix !== "") call.subject = prefix;
    for await (const table of this.#tables.list(prefix)) yield this.#info(table, call);
  }

  /** Gives a table's schema, size, and endpoint. */
  override async getFlightInfo(
    descriptor: FlightDescriptor,
    call: CallContext,
  ): Promise<Init<FlightInfo>> {
    return this.#info(await this.#find(nameOfDescriptor(descriptor), call), call);
  }

  /** Gives a table's FlightInfo, which is always complete at once. */
  override async pollFlightInfo(
    descriptor: FlightDescriptor,
    call: CallContext,
  ): Promise<Init<PollInfo>> {
    return { info: await this.getFlightInfo(descriptor, call), progress: 1 };
  }

  /** Gives a table's schema. */
  override async getSchema(
    descriptor: FlightDescriptor,
    call: CallContext,
  ): Promise<Init<SchemaResult>> {
    const table = await this.#find(nameOfDescriptor(descriptor), call);
    return { schema: encapsulate(table.schema) };
  }

  /** Runs one of the actions that `listActions` gives. */
  override async *doAction(
    request: Action,
    call: CallContext,
  ): AsyncGenerator<Init<Result>> {
    const { type, body } = request;
    call.subject = type;
    const actions = this.#actions();
    const action = actions.get(type);
    if (action === undefined && isPredefined(type)) {
      return yield* super.doAction(request, call);
    }
    if (action === undefined) {
      throw new FlightError(
        "UNIMPLEMENTED",
        `Cannot run "${type}": the actions are ${
          (await Array.fromAsync(this.listActions(), ({ type }) => type)).join(", ")
        }`,
      );
    }
    const result = await action.run(body, call);
    if (result !== undefined) yield { body: result };
  }

  /** Gives the actions there are. */
  override async *listActions(): AsyncGenerator<Init<ActionType>> {
    for (const [type, { description }] of this.#actions()) yield { type, description };
    if (this.#hasSessions) yield* SESSION_ACTIONS;
  }

  #actions(): Map<string, ServerAction> {
    const actions = new Map<string, ServerAction>([
      ["drop_table", {
        description: "Forgets a table. Body: its name, in UTF-8.",
        run: (body, call) => this.#drop(nameOfBytes(body), call),
      }],
      ["healthcheck", {
        description: "Answers with one result, `ok`, when the server takes calls.",
        run: () => Promise.resolve(new TextEncoder().encode("ok")),
      }],
    ]);
    if (this.#allowShutdown ?? this.loopback) {
      actions.set("shutdown", {
        description: "Shuts the server down, once the running calls have ended.",
        run: () => {
          this.shutdown();
          return Promise.resolve(undefined);
        },
      });
    }
    return actions;
  }

  async #drop(name: string, call: CallContext): Promise<undefined> {
    call.subject = `drop_table ${name}`;
    await this.#tables.drop(name);
  }

  async #find(name: string, call: CallContext): Promise<StoredTable> {
    call.subject = name;
    return await this.#tables.find(name);
  }

  /** Opens the HTTP door, if there is one. */
  protected override async openDoors(): Promise<readonly Listening[]> {
    this.#door = await this.#http?.open({
      hostname: this.#hostname,
      tables: this.#tables,
      calls: this.callHost,
      maxMessageBytes: this.#maxMessageBytes,
      maxHeaderBytes: this.#maxHeaderBytes,
      hasAuth: this.#hasAuth,
    });
    return this.#door === undefined ? [] : [this.#door];
  }

  /** The size above which a batch is split now: each call that runs may hold as much. */
  #sentBytes(): number {
    if (this.#maxSentBytes === Infinity) return Infinity;
    const share = MAX_UNREAD_SHARES / this.callHost.running.size;
    return Math.min(this.#maxSentBytes, Math.max(share, MIN_SENT_BYTES));
  }

  #info(table: TableEntry, call: CallContext): Init<FlightInfo> {
    const uris = [this.#reachedAt(call)];
    const http = this.#door?.locate(table.name, call);
    if (http !== undefined) uris.push(http.uri);
    return {
      schema: encapsulate(table.schema),
      flightDescriptor: table.descriptor,
      endpoint: [{
        ticket: { ticket: bytesOfName(table.name) },
        location: uris.map((uri) => ({ uri })),
        expirationTime: http?.expires && timestampOf(http.expires),
      }],
      totalRecords: BigInt(table.rows),
      totalBytes: BigInt(table.bytes),
      ordered: true,
    };
  }

  /** Where the client that asks will find the server again. */
  #reachedAt({ authority }: CallContext): string {
    if (this.#advertise !== undefined) return this.#advertise;
    const everywhere = isEveryAddress(this.#hostname);
    return everywhere && authority !== undefined && /^[\w.:[\]-]+$/.test(authority)
      ? `grpc+tcp://${authority}`
      : this.location;
  }
}
