/**
 * What callers may do with tables.
 *
 * @module
 */
import { FlightError } from "../flight/errors.ts";

/**
 * What a caller wants to do: `read` a table, which is also to see it in lists; `write`,
 * which is to put or replace it; `drop` it; `shutdown` the server; read its `metrics`.
 */
export type Operation = "read" | "write" | "drop" | "shutdown" | "metrics";

/** All operations. */
export const OPERATIONS: readonly Operation[] = [
  "read",
  "write",
  "drop",
  "shutdown",
  "metrics",
];

/**
 * Whether somebody may do something. The identity is undefined for a caller whom the
 * server does not know; the table is undefined for what has none, which is `shutdown`
 * and `metrics`. When it throws, the call fails.
 */
export type Allow = (
  identity: string | undefined,
  operation: Operation,
  table: string | undefined,
) => boolean | Promise<boolean>;

/** Who makes a call. */
export interface Caller {
  /** Who the client is; undefined when the server does not know. */
  readonly identity: string | undefined;
  /** The client's address, such as `127.0.0.1:41234`. */
  readonly peer: string;
}

/** The error of a caller who may see a table, and not do this with it. */
export function notAllowed(what: string, { identity }: Caller): FlightError {
  const who = identity === undefined ? "callers without identity" : `"${identity}"`;
  return new FlightError(
    "PERMISSION_DENIED",
    `Cannot ${what}: the server's rules do not allow it to ${who}`,
  );
}
