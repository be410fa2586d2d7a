/**
 * What a server says of a table.
 *
 * @module
 */
import type { FlightEndpoint, FlightInfo } from "../proto/messages.ts";
import type { Init } from "../proto/message_type.ts";
import { encapsulate } from "../flight/arrow/format/ipc_stream.ts";
import {
  formatLocation,
  isEveryAddress,
  parseLocation,
} from "../flight/protocol/location.ts";
import type { CallContext } from "../flight/server/call_context.ts";
import { timestampOf } from "../flight/protocol/timestamps.ts";
import type { TableEntry, TableLocation } from "../stores/store.ts";
import { bytesOfTicket, type TableTicket } from "./ticket.ts";

/** The FlightInfo of a table that is had at these endpoints. */
export function flightInfoOf(
  table: TableEntry,
  endpoint: Init<FlightEndpoint>[],
): Init<FlightInfo> {
  return {
    schema: encapsulate(table.schema),
    flightDescriptor: table.descriptor,
    endpoint,
    totalRecords: BigInt(table.rows),
    totalBytes: BigInt(table.bytes),
    ordered: true,
  };
}

/** The tickets of a table's endpoints: one, or one for each of its pieces. */
export function ticketsOf({ name, pieces }: TableEntry): TableTicket[] {
  return pieces?.map(({ id }) => ({ name, piece: id })) ?? [{ name }];
}

/** An endpoint that is had from the server at this location, and under these URIs. */
export function endpointOf(
  ticket: TableTicket,
  location: string,
  http: readonly TableLocation[],
): Init<FlightEndpoint> {
  const times = http.flatMap(({ expires }) => expires ?? []);
  const first = new Date(Math.min(...times.map((time) => time.getTime())));
  return {
    ticket: { ticket: bytesOfTicket(ticket) },
    location: [location, ...http.map(({ uri }) => uri)].map((uri) => ({ uri })),
    expirationTime: times.length === 0 ? undefined : timestampOf(first),
  };
}

/**
 * Where the client that asks will find a server of this location again: a server that
 * listens on every address is found where the client has reached it.
 */
export function locationFor(location: string, { authority }: CallContext): string {
  const { address, tls } = parseLocation(location);
  if (authority === undefined || "path" in address) return location;
  if (!isEveryAddress(address.hostname)) return location;
  try {
    const reached = parseLocation(`grpc://${authority}`);
    return formatLocation({ address: reached.address, tls });
  } catch {
    // What a client says of the host need not be one.
    return location;
  }
}
