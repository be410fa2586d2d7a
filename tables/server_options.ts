/**
 * The options of a TinyServer.
 *
 * @module
 */
import type { OptionSet } from "../base/check_options.ts";
import {
  FLAG,
  functionLike,
  numberFrom,
  objectWith,
  text,
} from "../base/value_kinds.ts";
import {
  FLIGHT_SERVER_OPTIONS,
  type FlightServerOptions,
} from "../flight/server/flight_server.ts";
import { kindsOf, limitOf } from "../flight/server/limits.ts";
import type { TableStore } from "../stores/store.ts";
import type { Allow } from "./access.ts";
import { TABLE_LIMITS, type TableLimits } from "./limits.ts";
import type { TablesOptions } from "./tables.ts";
import type { TableDoor, TableHost } from "./table_door.ts";

/** How a `TinyServer` listens, and where it keeps its tables. */
export interface TinyServerOptions extends FlightServerOptions, TableLimits {
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
   * Whether a caller may do something: read, write or drop a table, or shut the server
   * down. A table that a caller may not read is NOT_FOUND, and in no list.
   * @default every caller may do everything
   */
  allow?: Allow;
  /**
   * Whether to listen, without `auth`, where others than this machine reach the
   * server. @default false: `listen()` rejects
   */
  allowOpen?: boolean;
  /**
   * Whether the action `shutdown` is offered; `true` asks `allow`, too, if there is
   * one. By default it is offered to those whom `allow` lets, and without `allow` when
   * only this machine reaches the server.
   */
  allowShutdown?: boolean;
}

/** The options of a `TinyServer`, and what each may be. */
export const TINY_SERVER_OPTIONS: OptionSet<TinyServerOptions> = {
  of: "TinyServer",
  example: "{ port: 5678 }",
  kinds: {
    ...FLIGHT_SERVER_OPTIONS.kinds,
    ...kindsOf<TableLimits>(TABLE_LIMITS),
    store: objectWith(
      ["put", "get", "list", "drop"],
      (value) =>
        typeof value === "string"
          ? `a store, such as await DirectoryStore.open(${JSON.stringify(value)})`
          : "a store, such as new MemoryStore()",
    ),
    http: objectWith(
      ["open"],
      (value) =>
        `an HttpDoor, such as new HttpDoor({ port: ${
          typeof value === "number" ? value : 5679
        } })`,
    ),
    advertise: text("grpc+tcp://example.org:5678"),
    maxSentBytes: numberFrom(1024),
    allow: functionLike('(identity, operation, table) => identity === "ada"'),
    allowOpen: FLAG,
    allowShutdown: FLAG,
  },
};

/** The options among these that are a FlightServer's. */
export function flightOptionsOf(options: TinyServerOptions): FlightServerOptions {
  const known = new Set(Object.keys(FLIGHT_SERVER_OPTIONS.kinds));
  return Object.fromEntries(
    Object.entries(options).filter(([name]) => known.has(name)),
  );
}

/** What of these options concerns the tables. */
export function tablesOptionsOf(options: TinyServerOptions): TablesOptions {
  const { maxTableBytes, maxHeaderBytes, maxNameBytes, maxCallerBytes, allow } =
    options;
  return { maxTableBytes, maxHeaderBytes, maxNameBytes, maxCallerBytes, allow };
}

/** What of these options concerns the tables over HTTP. */
export function hostOf(
  options: TinyServerOptions,
): Pick<TableHost, "hostname" | "limits" | "tls" | "hasAuth" | "isOpen"> {
  return {
    hostname: options.hostname ?? "localhost",
    limits: {
      maxMessageBytes: limitOf("maxMessageBytes", options),
      maxHeaderBytes: options.maxHeaderBytes,
      maxArrivingBytes: limitOf("maxArrivingBytes", options),
      maxIdleTime: limitOf("maxIdleTime", options),
    },
    tls: options.tls,
    hasAuth: options.auth !== undefined,
    isOpen: options.allowOpen ?? false,
  };
}
