/**
 * Endpoints of a server's tables beside gRPC, such as HTTP.
 *
 * @module
 */
import type { CallContext } from "../flight/server/call_context.ts";
import type { Listening } from "../flight/server/flight_server.ts";
import type { CallHost } from "../flight/server/running_call.ts";
import type { Tables } from "./tables.ts";

/** What an endpoint is given by its server. */
export interface DoorHost {
  /** The host name or IP address on which the server listens. */
  readonly hostname: string;
  /** The tables, and their rules. */
  readonly tables: Tables;
  /** What middleware, auth and records of calls need. */
  readonly calls: CallHost;
  /** The largest message that is accepted, in bytes; undefined for the endpoint's default. */
  readonly maxMessageBytes: number | undefined;
  /** The most bytes of a message's header; undefined for the endpoint's default. */
  readonly maxHeaderBytes: number | undefined;
  /** Whether clients have to say who they are. */
  readonly hasAuth: boolean;
}

/** A URI of a table. */
export interface DoorLocation {
  /** The URI. */
  readonly uri: string;
  /** When the URI expires; undefined when it does not. */
  readonly expires: Date | undefined;
}

/** An endpoint that begins and ends to listen with its server. */
export interface TableDoor {
  /** Listens, and answers with the tables of this server. */
  open(host: DoorHost): Promise<OpenDoor>;
}

/** An endpoint that listens. */
export interface OpenDoor extends Listening {
  /** The URI of a table for the client that makes this call; undefined when it has none. */
  locate(name: string, call: CallContext): DoorLocation | undefined;
}
