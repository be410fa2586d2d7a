/**
 * What a server says of a table.
 *
 * @module
 */
import type { FlightInfo } from "../proto/messages.ts";
import type { Init } from "../proto/message_type.ts";
import { encapsulate } from "../flight/arrow/format/ipc_stream.ts";
import {
  formatLocation,
  isEveryAddress,
  parseLocation,
} from "../flight/protocol/location.ts";
import type { CallContext } from "../flight/server/call_context.ts";
import { timestampOf } from "../flight/protocol/timestamps.ts";
import type { TableEntry } from "../stores/store.ts";
import type { HttpLocation } from "./table_door.ts";
import { bytesOfName } from "./table_name.ts";

/** The FlightInfo of a table that is had at this location, and perhaps over HTTP. */
export function flightInfoOf(
  table: TableEntry,
  location: string,
  http: HttpLocation | undefined,
): Init<FlightInfo> {
  const uris = http === undefined ? [location] : [location, http.uri];
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
