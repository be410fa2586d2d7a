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
import { isPredefined } from "./flight/protocol/predefined_actions.ts";
import type { CallContext } from "./flight/server/call_context.ts";
import { type Endpoint, FlightServer } from "./flight/server/flight_server.ts";
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
import type { StoredTable } from "./stores/store.ts";
import { readPut } from "./tables/arrow_messages.ts";
import { checkNotOpen } from "./tables/open_check.ts";
import { sentBytes } from "./tables/sent_bytes.ts";
import {
  flightOptionsOf,
  hostOf,
  tablesOptionsOf,
  TINY_SERVER_OPTIONS,
  type TinyServerOptions,
} from "./tables/server_options.ts";
import { TableActions } from "./tables/table_actions.ts";
import type { OpenDoor } from "./tables/table_door.ts";
import { TableFlights } from "./tables/table_flights.ts";
import { nameOfBytes, nameOfDescriptor } from "./tables/table_name.ts";
import { Tables } from "./tables/tables.ts";
import { readTicket } from "./tables/ticket.ts";

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
export type { TableMessages, TableReading } from "./stores/table_reading.ts";

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
  readonly #flights: TableFlights;
  readonly #actions: TableActions;
  #door: OpenDoor | undefined;

  /**
   * A server that does not listen yet.
   *
   * @throws {TypeError} when an option has a wrong type or is not known.
   * @throws {RangeError} when the port or a limit is out of range.
   */
  constructor(options: TinyServerOptions = {}) {
    checkOptions(TINY_SERVER_OPTIONS, options);
    super(flightOptionsOf(options));
    this.#options = options;
    const { store = new MemoryStore(), advertise, allow, allowShutdown } = options;
    const tables = this.#tables = new Tables(store, tablesOptionsOf(options));
    const flights = this.#flights = new TableFlights({
      tables,
      location: () => this.location,
      advertise,
      door: () => this.#door,
      hasAuth: options.auth !== undefined,
    });
    this.#actions = new TableActions({
      tables,
      shutdown: () => this.shutdown(),
      offersShutdown: () => allowShutdown ?? (allow !== undefined || this.loopback),
      offersRenewal: () => flights.areRenewed,
      hasSessions: options.sessions !== undefined,
    });
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

  /** Whether the store keeps the memory in which messages come; a `doPut` of one's own may not. */
  override get keepsPuts(): boolean {
    return this.#tables.keepsMemory && this.doPut === TinyServer.prototype.doPut;
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
    const { maxSentBytes } = this.#options;
    const maxBytes = () => sentBytes(maxSentBytes, this.callHost.running.size);
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
      yield this.#flights.listed(table, call);
    }
  }

  /** Gives a table's schema, size, and endpoints. */
  override async getFlightInfo(
    descriptor: FlightDescriptor,
    call: CallContext,
  ): Promise<Init<FlightInfo>> {
    const table = await this.#find(nameOfDescriptor(descriptor), call);
    return await this.#flights.info(table, call);
  }

  /** Gives an endpoint of a table anew, with URIs that expire later. */
  override async renewFlightEndpoint(
    endpoint: FlightEndpoint,
    call: CallContext,
  ): Promise<Init<FlightEndpoint>> {
    return this.#flights.areRenewed
      ? await this.#flights.renew(endpoint, call)
      : await super.renewFlightEndpoint(endpoint, call);
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
  }

  /**
   * Gives the tables over HTTP, too, if the server is to do so.
   *
   * @internal
   */
  protected override async openEndpoints(): Promise<readonly Endpoint[]> {
    const { http } = this.#options;
    const { callHost: calls, stopping } = this;
    const host = { ...hostOf(this.#options), tables: this.#tables, calls, stopping };
    this.#door = await http?.open(host);
    return this.#door === undefined ? [] : [this.#door];
  }

  async #find(name: string, call: CallContext): Promise<StoredTable> {
    call.subject = name;
    return await this.#tables.as(call).find(name);
  }
}
