/**
 * Arrow Flight for Deno: a server that keeps Arrow tables, a client that puts,
 * gets, lists and drops them, and under `./flight` the protocol itself.
 *
 * @example A table goes from one process to another
 * ```ts
 * import { TinyClient, TinyServer } from "@tinyflight/flight";
 * import { tableFromArrays } from "apache-arrow";
 *
 * await using server = await new TinyServer({ port: 0 }).listen();
 * await using client = await TinyClient.connect(server.location);
 * await client.putTable("points", tableFromArrays({ x: [1, 2], y: [3, 4] }));
 * console.log((await client.getTable("points")).toString());
 * ```
 *
 * @module
 */
export {
  type AnyColumns,
  type ArrowSchema,
  basicAuth,
  bearerAuth,
  CallHeaders,
  type CallHeadersInit,
  type CallOptions,
  type ClientCall,
  type ClientMiddleware,
  type ColumnTypes,
  type ConnectOptions,
  cookieJar,
  FlightClient,
  type FlightClientOptions,
  FlightError,
  type FlightErrorCode,
  type FlightErrorOptions,
  type ListOptions,
  type PutOptions,
  type ReadOptions,
  type ReadyOptions,
  type TableInfo,
  type TableOf,
  TinyClient,
  type TokenSource,
  type TypedTable,
} from "./client.ts";
export {
  type Authenticator,
  type CallContext,
  type CallRecord,
  describeCall,
  FlightServer,
  type FlightServerOptions,
  MemoryStore,
  type SchemaLayout,
  type ServerMiddleware,
  Session,
  Sessions,
  type SessionsOptions,
  type ShutdownOptions,
  type StoreDropOptions,
  type StoredTable,
  type StorePutOptions,
  type TableEntry,
  type TableMessage,
  type TableMessages,
  type TablePut,
  type TableReading,
  type TableStore,
  TinyServer,
  type TinyServerOptions,
} from "./server.ts";
