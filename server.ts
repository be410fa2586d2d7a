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
import { checkOptions } from "./base/check_options.ts";
import { encapsulate } from "./flight/arrow/format/ipc_stream.ts";
import { splitMessages } from "./flight/arrow/split/split_messages.ts";
import {
  isPredefined,
  renewFlightEndpoint,
  SESSION_ACTIONS,
} from "./flight/protocol/predefined_actions.ts";
import type { CallContext } from "./flight/server/call_context.ts";
import { type Endpoint, FlightServer } from "./flight/server/flight_server.ts";
import { limitOf } from "./flight/server/limits.ts";
import type { FlightData, FlightDataInit } from "./proto/flight_data.ts";
import type { Init } from "./proto/message_type.ts";
import type {
  Action,
  ActionType,
  Criteria,
  FlightDescriptor,
  FlightEndpoint,
  FlightInfo,
  PollInfo,
  PutResult,
  Result,
  SchemaResult,
  Ticket,
} from "./proto/messages.ts";
import { MemoryStore } from "./stores/memory_store.ts";
import type { StoredTable, TableLocation } from "./stores/store.ts";
import { readPut } from "./tables/arrow_messages.ts";
import {
  endpointOf,
  flightInfoOf,
  locationFor,
  ticketsOf,
} from "./tables/flight_info.ts";
import { checkNotOpen } from "./tables/open_check.ts";
import { DEFAULT_MAX_SENT_BYTES, sentBytes } from "./tables/sent_bytes.ts";
import {
  TINY_SERVER_OPTIONS,
  type TinyServerOptions,
} from "./tables/server_options.ts";
import { TableActions } from "./tables/table_actions.ts";
import type { OpenDoor } from "./tables/table_door.ts";
import { nameOfBytes, nameOfDescriptor } from "./tables/table_name.ts";
import { Tables } from "./tables/tables.ts";
import { readTicket, type TableTicket } from "./tables/ticket.ts";

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
  type ShutdownOptions,
} from "./flight/server/flight_server.ts";
export type { ServerLimits } from "./flight/server/limits.ts";
export type { Authenticator } from "./flight/server/auth.ts";
export { Session, Sessions, type SessionsOptions } from "./flight/server/sessions.ts";
export { MemoryStore, type MemoryStoreOptions } from "./stores/memory_store.ts";
export type { TableLimits } from "./tables/limits.ts";
export type { TinyServerOptions } from "./tables/server_options.ts";
export type { Allow, Operation } from "./tables/access.ts";
export type { TableDoor } from "./tables/table_door.ts";
export type { ArrowMessage } from "./flight/arrow/format/arrow_message.ts";
export type {
  SchemaLayout,
  StoreDropOptions,
  StoredTable,
  StorePutOptions,
  TableEntry,
  TableLocation,
  TableMessage,
  TablePiece,
  TablePut,
  TableStore,
} from "./stores/store.ts";

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
  readonly #options: TinyServerOptions;
  readonly #tables: Tables;
  readonly #actions: TableActions;
  readonly #maxSentBytes: number;
  #door: OpenDoor | undefined;

  /**
   * A server that does not listen yet.
   *
   * @throws {TypeError} when an option has a wrong type or is not known.
   * @throws {RangeError} when the port or a limit is out of range.
   */
  constructor(options: TinyServerOptions = {}) {
    checkOptions(TINY_SERVER_OPTIONS, options);
    const {
      store = new MemoryStore(),
      http: _http,
      advertise: _advertise,
      maxSentBytes = DEFAULT_MAX_SENT_BYTES,
      maxTableBytes,
      maxHeaderBytes,
      maxNameBytes,
      maxCallerBytes,
      allow,
      allowOpen: _allowOpen,
      allowShutdown,
      ...flightOptions
    } = options;
    super(flightOptions);
    this.#options = options;
    this.#tables = new Tables(store, {
      maxTableBytes,
      maxHeaderBytes,
      maxNameBytes,
      maxCallerBytes,
      allow,
    });
    this.#actions = new TableActions({
      tables: this.#tables,
      shutdown: () => this.shutdown(),
      offersShutdown: () => allowShutdown ?? (allow !== undefined || this.loopback),
    });
    this.#maxSentBytes = maxSentBytes;
  }

  /**
   * Listens, and gives the server itself once it takes calls.
   *
   * @throws {Error} when it listened or was shut down before, the port cannot be had,
   * or others than this machine would reach a server without `auth` (`allowOpen`).
   * @throws {TypeError} when the transport cannot keep one of the limits.
   */
  override async listen(): Promise<this> {
    const { auth, allowOpen = false, hostname = "localhost" } = this.#options;
    if (auth === undefined && !allowOpen) await checkNotOpen(hostname);
    return await super.listen();
  }

  /** Takes a table, and keeps it once it has come in whole. */
  // deno-lint-ignore require-yield -- that the call ends well is all there is to say
  override async *doPut(
    messages: AsyncIterable<FlightData>,
    call: CallContext,
  ): AsyncGenerator<Init<PutResult>> {
    await using put = await readPut(messages);
    const name = nameOfDescriptor(put.descriptor);
    call.subject = name;
    const { rows } = await this.#tables.as(call).put(
      name,
      put.descriptor,
      put.messages,
    );
    call.rows = rows;
  }

  /** Gives a table back: its schema, then its dictionaries and batches. */
  override async *doGet(
    { ticket }: Ticket,
    call: CallContext,
  ): AsyncGenerator<FlightDataInit> {
    const wanted = readTicket(ticket);
    call.subject = wanted.name;
    await using table = await this.#tables.as(call).open(wanted);
    call.rows = table.entry.rows;
    using fields = this.#tables.openFields();
    const { running } = this.callHost;
    const maxBytes = () => sentBytes(this.#maxSentBytes, running.size);
    yield* splitMessages(table.messages(), maxBytes, { share: fields });
  }

  /** Gives the tables; a criteria expression selects names that begin with it. */
  override async *listFlights(
    { expression }: Criteria,
    call: CallContext,
  ): AsyncGenerator<Init<FlightInfo>> {
    const prefix = expression.length === 0 ? "" : nameOfBytes(expression);
    if (prefix !== "") call.subject = prefix;
    for await (const table of this.#tables.as(call).list(prefix)) {
      const endpoints = ticketsOf(table).map((ticket) => this.#endpoint(ticket, call));
      yield flightInfoOf(table, endpoints);
    }
  }

  /** Gives a table's schema, size, and endpoints. */
  override async getFlightInfo(
    descriptor: FlightDescriptor,
    call: CallContext,
  ): Promise<Init<FlightInfo>> {
    const table = await this.#find(nameOfDescriptor(descriptor), call);
    const endpoints = ticketsOf(table).map((ticket) => this.#locate(ticket, call));
    return flightInfoOf(table, await Promise.all(endpoints));
  }

  /** Gives an endpoint of a table anew, with URIs that expire later. */
  override async renewFlightEndpoint(
    endpoint: FlightEndpoint,
    call: CallContext,
  ): Promise<Init<FlightEndpoint>> {
    if (!this.#renews()) return await super.renewFlightEndpoint(endpoint, call);
    const wanted = readTicket(endpoint.ticket?.ticket ?? new Uint8Array(0));
    const { name, piece } = wanted;
    call.subject = name;
    const { pieces } = piece === undefined
      ? await this.#tables.as(call).find(name)
      : await this.#tables.as(call).findPiece(name, piece);
    // A table in pieces is nowhere as a whole but on the server.
    return pieces === undefined
      ? await this.#locate(wanted, call)
      : this.#endpoint(wanted, call);
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
    action: Action,
    call: CallContext,
  ): AsyncGenerator<Init<Result>> {
    call.subject = action.type;
    if (isPredefined(action.type)) return yield* super.doAction(action, call);
    const body = await this.#actions.run(action, call);
    if (body !== undefined) yield { body };
  }

  /** Gives the actions there are. */
  override async *listActions(call: CallContext): AsyncGenerator<Init<ActionType>> {
    yield* await this.#actions.list(call);
    if (this.#renews()) {
      const { type, description } = renewFlightEndpoint;
      yield { type, description };
    }
    if (this.#options.sessions !== undefined) yield* SESSION_ACTIONS;
  }

  /**
   * Gives the tables over HTTP, too, if the server is to do so.
   *
   * @internal
   */
  protected override async openEndpoints(): Promise<readonly Endpoint[]> {
    const { http, hostname = "localhost", auth, maxHeaderBytes, allowOpen = false } =
      this.#options;
    this.#door = await http?.open({
      hostname,
      tables: this.#tables,
      calls: this.callHost,
      limits: {
        maxMessageBytes: limitOf("maxMessageBytes", this.#options),
        maxHeaderBytes,
        maxArrivingBytes: limitOf("maxArrivingBytes", this.#options),
        maxIdleTime: limitOf("maxIdleTime", this.#options),
      },
      hasAuth: auth !== undefined,
      isOpen: allowOpen,
      stopping: this.stopping,
    });
    return this.#door === undefined ? [] : [this.#door];
  }

  async #find(name: string, call: CallContext): Promise<StoredTable> {
    call.subject = name;
    return await this.#tables.as(call).find(name);
  }

  /** Whether there are URIs of tables that expire. */
  #renews(): boolean {
    const isSigned = this.#door !== undefined && this.#options.auth !== undefined;
    return isSigned || this.#tables.hasLocations;
  }

  /** An endpoint with all its locations, those in the store, too. */
  async #locate(
    ticket: TableTicket,
    call: CallContext,
  ): Promise<Init<FlightEndpoint>> {
    return this.#endpoint(ticket, call, await this.#tables.as(call).locate(ticket));
  }

  #endpoint(
    ticket: TableTicket,
    call: CallContext,
    stored?: TableLocation,
  ): Init<FlightEndpoint> {
    const { advertise = locationFor(this.location, call) } = this.#options;
    const { name, piece } = ticket;
    const http = piece === undefined ? this.#door?.locate(name, call) : undefined;
    return endpointOf(
      ticket,
      advertise,
      [stored, http].filter((at) => at !== undefined),
    );
  }
}
