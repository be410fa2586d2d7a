/**
 * Endpoints of a server's tables beside gRPC: HTTP.
 *
 * @module
 */
import type { CallContext } from "../flight/server/call_context.ts";
import type { Endpoint } from "../flight/server/flight_server.ts";
import type { ServerTls } from "../rpc/transport.ts";
import type { CallHost } from "../flight/server/running_call.ts";
import type { TableLocation } from "../stores/store.ts";
import type { Tables } from "./tables.ts";

/** What a server accepts, as far as it concerns its tables over HTTP. */
export interface HttpLimits {
  /** The largest message, in bytes. */
  readonly maxMessageBytes: number;
  /** The most bytes of a message's header; undefined for the endpoint's default. */
  readonly maxHeaderBytes: number | undefined;
  /** The most bytes of partial messages, of all requests together. */
  readonly maxArrivingBytes: number;
  /** How long a client may send nothing in the middle of a put, in milliseconds. */
  readonly maxIdleTime: number;
}

/** What an endpoint is given by its server. */
export interface TableHost {
  /** The host name or IP address on which the server listens. */
  readonly hostname: string;
  /** The tables, and their rules. */
  readonly tables: Tables;
  /** What middleware, auth and records of calls need. */
  readonly calls: CallHost;
  /** What the server accepts. */
  readonly limits: HttpLimits;
  /** How the server speaks TLS; undefined when it does not. */
  readonly tls: ServerTls | undefined;
  /** Whether clients have to say who they are. */
  readonly hasAuth: boolean;
  /** Whether strangers may reach it, although clients need not say who they are. */
  readonly isOpen: boolean;
  /** Aborted when the server begins to shut down. */
  readonly stopping: AbortSignal;
}

/** An endpoint that begins and ends to listen with its server: an `HttpDoor`. */
export interface TableDoor {
  /**
   * Listens, and answers with the tables of this server.
   *
   * @internal
   */
  open(host: TableHost): Promise<OpenDoor>;
}

/** An endpoint that listens. */
export interface OpenDoor extends Endpoint {
  /** The URI of a table for the client that makes this call; undefined when it has none. */
  locate(name: string, call: CallContext): TableLocation | undefined;
}
