/**
 * Other ways to a server's tables, beside gRPC.
 *
 * @module
 */
import type { CallContext } from "../flight/server/call_context.ts";
import type { Listening } from "../flight/server/flight_server.ts";
import type { CallHost } from "../flight/server/running_call.ts";
import type { Tables } from "./tables.ts";

/** What a door needs of its server. */
export interface DoorHost {
  /** The host name or IP address on which the server listens. */
  readonly hostname: string;
  /** The tables, and their rules. */
  readonly tables: Tables;
  /** What stands around every call. */
  readonly calls: CallHost;
  /** The largest message that is accepted, in bytes; undefined for the door's own. */
  readonly maxMessageBytes: number | undefined;
  /** The most bytes of a message's header; undefined for the door's own limit. */
  readonly maxHeaderBytes: number | undefined;
  /** Whether clients have to say who they are. */
  readonly hasAuth: boolean;
}

/** Where a table is had, and until when. */
export interface DoorLocation {
  /** The URI under which the table is had. */
  readonly uri: string;
  /** When the URI expires; undefined when it does not. */
  readonly expires: Date | undefined;
}

/** A way to a server's tables, which opens and closes with the server. */
export interface TableDoor {
  /** Listens, and answers for this server from then on. */
  open(host: DoorHost): Promise<OpenDoor>;
}

/** A door that listens. */
export interface OpenDoor extends Listening {
  /** Where the client that makes this call has the table; undefined for nowhere. */
  locate(name: string, call: CallContext): DoorLocation | undefined;
}
