/**
 * Locations: the URIs under which Flight servers are reached.
 *
 * @module
 */
import type { Address } from "../../rpc/transport.ts";

/** Where a location's URI leads. */
export interface ParsedLocation {
  /** The server's address. */
  readonly address: Address;
  /** Whether TLS is spoken there. */
  readonly tls: boolean;
}

/** The port of a location that names none; the walk-through's. */
export const DEFAULT_PORT = 5678;

/** The location that stands for the connection by which the client has asked. */
export const REUSE_CONNECTION = "arrow-flight-reuse-connection://?";

/** The schemes of locations with a host and a port, and whether they mean TLS. */
const HOST_SCHEMES: { readonly [scheme: string]: boolean } = {
  "grpc:": false,
  "grpc+tcp:": false,
  "grpc+tls:": true,
};

/**
 * Reads a location of the schemes `grpc://`, `grpc+tcp://`, `grpc+tls://` and
 * `grpc+unix://`.
 *
 * @throws {TypeError} when it is none of them, and says which there are.
 */
export function parseLocation(uri: string): ParsedLocation {
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(uri)?.[0].toLowerCase() ?? "";
  const rest = uri.slice(scheme.length);
  if (scheme === "grpc+unix:") {
    const [, path] = /^(?:\/\/)?(\/(?!\/).+)$/.exec(rest) ?? [];
    if (path !== undefined) return { address: { path }, tls: false };
  }
  if (Object.hasOwn(HOST_SCHEMES, scheme)) {
    const parts = /^\/\/(?:\[([0-9a-f:.%]+)\]|([^/:@?#\s[\]]+))(?::(\d{1,5}))?\/?$/i
      .exec(rest);
    const port = Number(parts?.[3] ?? DEFAULT_PORT);
    const hostname = parts?.[1] ?? parts?.[2];
    if (hostname !== undefined && port > 0 && port < 65536) {
      return { address: { hostname, port }, tls: HOST_SCHEMES[scheme] };
    }
  }
  throw new TypeError(
    `Cannot read the location "${uri}": it has to look like grpc://host:port, grpc+tls://host:port or grpc+unix:///path`,
  );
}

/** The location of a server at this address. */
export function formatLocation({ address, tls }: ParsedLocation): string {
  if ("path" in address) return `grpc+unix://${address.path}`;
  const { hostname, port } = address;
  return `grpc+${tls ? "tls" : "tcp"}://${formatHost(hostname)}:${port}`;
}

/** Whether this is {@linkcode REUSE_CONNECTION}, in whichever way it is written. */
export function isReuseConnection(uri: string): boolean {
  return /^arrow-flight-reuse-connection:/i.test(uri);
}

/** Whether a FlightClient can read an endpoint at this location. */
export function isReadable(uri: string): boolean {
  if (isReuseConnection(uri)) return true;
  try {
    parseLocation(uri);
    return true;
  } catch {
    return false;
  }
}

/** A host as it stands in a URI: an IPv6 address in brackets. */
export function formatHost(hostname: string): string {
  return hostname.includes(":") ? `[${hostname}]` : hostname;
}

/** Whether a server with this hostname listens on every address of the machine. */
export function isEveryAddress(hostname: string): boolean {
  return hostname === "0.0.0.0" || hostname === "::";
}
