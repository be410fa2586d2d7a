/**
 * What a server accepts: each limit with its default, its range, what it bounds, who
 * keeps it, and what a client is told that exceeds it.
 *
 * @module
 */
import type { OptionKinds, ValueKind } from "../../base/check_options.ts";
import { numberFrom, wholeNumber } from "../../base/value_kinds.ts";
import { REFUSALS } from "../../rpc/limits.ts";
import type { ServerTransport, TransportLimits } from "../../rpc/transport.ts";

/** A limit that an option sets. */
export interface Limit {
  /** Its value when the option is left out; undefined for none. */
  readonly default: number | undefined;
  /** What the option may be. */
  readonly kind: ValueKind;
  /** What its value counts. */
  readonly unit: "bytes" | "milliseconds" | "calls" | "connections";
  /** What it bounds. */
  readonly bounds: string;
  /** Who keeps it: the transport, FlightServer, or the tables of a TinyServer. */
  readonly keptBy: "transport" | "flight" | "tables";
  /** What a client is told that exceeds it; undefined when it is told nothing. */
  readonly refusal: ((most: number, found: number) => string) | undefined;
}

/** The limits of a {@linkcode FlightServer}. */
export interface ServerLimits {
  /** The largest message that is accepted, in bytes. @default 1 GiB */
  maxMessageBytes?: number;
  /**
   * The largest message of a method that takes exactly one, such as an action, in
   * bytes; at most maxMessageBytes. @default 16 MiB
   */
  maxRequestBytes?: number;
  /**
   * The most bytes of partial and unread messages, of all calls together. A call that
   * brings more is answered with RESOURCE_EXHAUSTED. Calls over HTTP may have as much
   * again. @default twice maxMessageBytes
   */
  maxArrivingBytes?: number;
  /**
   * How many calls may run at the same time, of all clients; one more is answered
   * with RESOURCE_EXHAUSTED. @default 1000
   */
  maxConcurrentCalls?: number;
  /**
   * How many calls a client may have under way on one connection (HTTP/2's setting
   * MAX_CONCURRENT_STREAMS). Clients wait with more. @default 100
   */
  maxConnectionCalls?: number;
  /**
   * How many calls may run at the same time from one IP address; one more is answered
   * with RESOURCE_EXHAUSTED. @default no limit
   */
  maxPeerCalls?: number;
  /**
   * How many calls of one caller may run at the same time; one more is answered with
   * RESOURCE_EXHAUSTED. A caller is an identity, or an IP address where there is none.
   * @default no limit
   */
  maxCallerCalls?: number;
  /**
   * The largest headers of a call that are accepted, in bytes: names, values, and 32
   * for each (HTTP/2's setting MAX_HEADER_LIST_SIZE). @default 64 KiB
   */
  maxCallHeaderBytes?: number;
  /** How many connections there may be; one more is closed. @default 1000 */
  maxConnections?: number;
  /**
   * How many connections there may be from one IP address; one more is closed.
   * @default no limit
   */
  maxPeerConnections?: number;
  /**
   * How long a client may send nothing, in milliseconds: in the middle of a put, or
   * instead of a request, until it is answered with RESOURCE_EXHAUSTED; on a
   * connection, until it has to answer a ping to stay, for which it has as long again.
   * @default 5 minutes
   */
  maxIdleTime?: number;
  /**
   * How long a client may read nothing of an answer that waits for it, in
   * milliseconds; then it is answered with RESOURCE_EXHAUSTED. @default 5 minutes
   */
  maxStallTime?: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;
const MINUTE = 60_000;

const COUNT = wholeNumber(1, Number.MAX_SAFE_INTEGER);
const UINT32 = 2 ** 32 - 1;

/** The limits of a server, by the names of their options, as docs/operations.md lists them. */
export const SERVER_LIMITS = {
  maxMessageBytes: {
    default: GIB,
    kind: wholeNumber(1, UINT32),
    unit: "bytes",
    bounds: "one message",
    keptBy: "transport",
    refusal: REFUSALS.maxMessageBytes,
  },
  maxRequestBytes: {
    default: 16 * MIB,
    kind: wholeNumber(1, UINT32),
    unit: "bytes",
    bounds: "the one message of a method that takes one",
    keptBy: "transport",
    refusal: REFUSALS.maxRequestBytes,
  },
  maxArrivingBytes: {
    default: 2 * GIB,
    kind: COUNT,
    unit: "bytes",
    bounds: "partial and unread messages, of all calls together",
    keptBy: "transport",
    refusal: REFUSALS.maxArrivingBytes,
  },
  maxConcurrentCalls: {
    default: 1000,
    kind: COUNT,
    unit: "calls",
    bounds: "calls that run at the same time",
    keptBy: "flight",
    refusal: (most: number) =>
      `Cannot accept the call: ${most} are running, the most (maxConcurrentCalls); try again later`,
  },
  maxConnectionCalls: {
    default: 100,
    kind: wholeNumber(1, UINT32),
    unit: "calls",
    bounds: "of these, on one connection; more wait",
    keptBy: "transport",
    refusal: undefined,
  },
  maxPeerCalls: {
    default: undefined,
    kind: COUNT,
    unit: "calls",
    bounds: "of these, from one IP address",
    keptBy: "transport",
    refusal: REFUSALS.maxPeerCalls,
  },
  maxCallerCalls: {
    default: undefined,
    kind: COUNT,
    unit: "calls",
    bounds: "of these, of one identity, or of one IP address",
    keptBy: "flight",
    refusal: (most: number) =>
      `Cannot accept the call: ${most} of yours are running, the most (maxCallerCalls); try again later`,
  },
  maxCallHeaderBytes: {
    default: 64 * KIB,
    kind: wholeNumber(KIB, UINT32),
    unit: "bytes",
    bounds: "a call's headers",
    keptBy: "transport",
    refusal: REFUSALS.maxCallHeaderBytes,
  },
  maxConnections: {
    default: 1000,
    kind: COUNT,
    unit: "connections",
    bounds: "connections; one more is closed",
    keptBy: "transport",
    refusal: undefined,
  },
  maxPeerConnections: {
    default: undefined,
    kind: COUNT,
    unit: "connections",
    bounds: "of these, from one IP address",
    keptBy: "transport",
    refusal: undefined,
  },
  maxIdleTime: {
    default: 5 * MINUTE,
    kind: numberFrom(1, "a number of milliseconds, 1 or more"),
    unit: "milliseconds",
    bounds: "how long a client may send nothing",
    keptBy: "transport",
    refusal: REFUSALS.maxIdleTime,
  },
  maxStallTime: {
    default: 5 * MINUTE,
    kind: numberFrom(1, "a number of milliseconds, 1 or more"),
    unit: "milliseconds",
    bounds: "how long a client may read nothing of what it gets",
    keptBy: "transport",
    refusal: REFUSALS.maxStallTime,
  },
} as const satisfies { readonly [name in keyof Required<ServerLimits>]: Limit };

const TRANSPORT_LIMITS = (Object.keys(SERVER_LIMITS) as (keyof ServerLimits)[]).filter(
  (name): name is keyof TransportLimits => SERVER_LIMITS[name].keptBy === "transport",
);

/** The kinds of the options that set these limits. */
export function kindsOf<T>(
  limits: { readonly [name in keyof Required<T>]: Limit },
): OptionKinds<T> {
  const kinds = Object.entries<Limit>(limits).map(([name, { kind }]) => [name, kind]);
  return Object.fromEntries(kinds);
}

/** The value of a limit with these options; `Infinity` for none. */
export function limitOf(name: keyof ServerLimits, options: ServerLimits): number {
  if (options[name] !== undefined) return options[name];
  const byDefault = SERVER_LIMITS[name].default ?? Infinity;
  const { maxMessageBytes = SERVER_LIMITS.maxMessageBytes.default } = options;
  if (name === "maxArrivingBytes") return 2 * maxMessageBytes;
  if (name === "maxRequestBytes") return Math.min(byDefault, maxMessageBytes);
  return byDefault;
}

/**
 * What a transport is asked to keep: the limits that the options name, which it
 * refuses when it cannot, and of the defaults those that it can.
 */
export function transportLimits(
  options: ServerLimits,
  { limits }: ServerTransport,
): Partial<TransportLimits> {
  const asked = TRANSPORT_LIMITS.filter((name) =>
    options[name] !== undefined ||
    limits.includes(name) && limitOf(name, options) !== Infinity
  );
  return Object.fromEntries(asked.map((name) => [name, limitOf(name, options)]));
}
