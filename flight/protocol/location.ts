/**
 * Locations: the URIs under which Flight servers are reached.
 *
 * @module
 */

/** Where a location's URI leads. */
export interface ParsedLocation {
  /** What grpc-js dials: `host:port`, `[::1]:port`, or `unix:/path`. */
  readonly target: string;
}

/** The port of a location that names none; the walk-through's. */
export const DEFAULT_PORT = 5678;

/** The location that stands for the connection by which the client has asked. */
export const REUSE_CONNECTION = "arrow-flight-reuse-connection://?";

const TCP_SCHEMES = ["grpc:", "grpc+tcp:"];

/**
 * Reads a location of the schemes `grpc://`, `grpc+tcp://` and `grpc+unix://`.
 *
 * @throws {TypeError} when it is none of them, and says which there are.
 */
export function parseLocation(uri: string): ParsedLocation {
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(uri)?.[0].toLowerCase();
  if (scheme === "grpc+unix:") {
    const path = uri.slice(scheme.length).replace(/^\/\/(?=\/)/, "");
    if (path.startsWith("/")) return { target: `unix:${path}` };
  }
  if (scheme !== undefined && TCP_SCHEMES.includes(scheme)) {
    const parts = /^\/\/(\[[0-9a-f:.%]+\]|[^/:@?#\s[\]]+)(?::(\d{1,5}))?\/?$/i.exec(
      uri.slice(scheme.length),
    );
    const port = Number(parts?.[2] ?? DEFAULT_PORT);
    if (parts !== null && port > 0 && port < 65536) {
      return { target: `${parts[1]}:${port}` };
    }
  }
  throw new TypeError(
    `Cannot read the location "${uri}": it has to look like grpc://host:port or grpc+unix:///path (TLS is not spoken yet)`,
  );
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

/** The location of a server that listens on this host and port. */
export function formatLocation(hostname: string, port: number): string {
  return `grpc+tcp://${formatHost(hostname)}:${port}`;
}

/** A host as it stands in a URI: an IPv6 address in brackets. */
export function formatHost(hostname: string): string {
  return hostname.includes(":") ? `[${hostname}]` : hostname;
}

/** Whether who listens on this host listens on every address of the machine. */
export function isEveryAddress(hostname: string): boolean {
  return hostname === "0.0.0.0" || hostname === "::";
}
