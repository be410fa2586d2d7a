/**
 * The cases of the contract of rpc/transport.ts over every pair of transports, with and
 * without TLS, and what a transport cannot keep.
 *
 * @module
 */
import { assertRejects } from "@std/assert";
import { grpcJs } from "../../grpc_js/mod.ts";
import { wireClient } from "../../wire/client.ts";
import { wireServer } from "../../wire/server.ts";
import { within } from "../helpers/waiting.ts";
import type { Case, Pair } from "./contract.ts";
import { overTls } from "./over_tls.ts";
import { CALL_CASES } from "./contract_calls.ts";
import { CHANNEL_CASES } from "./contract_channel.ts";
import { ENDING_CASES } from "./contract_endings.ts";
import { FLOW_CASES } from "./contract_flow.ts";
import { HEADER_CASES } from "./contract_headers.ts";
import { LIMIT_CASES } from "./contract_limits.ts";
import { SERVER_CASES } from "./contract_server.ts";
import { TLS_CASES } from "./contract_tls.ts";

const PLAIN: { readonly [name: string]: Pair } = {
  "wire server, wire client": { server: wireServer(), client: wireClient() },
  "wire server, grpcJs client": { server: wireServer(), client: grpcJs() },
  "grpcJs server, wire client": { server: grpcJs(), client: wireClient() },
  "grpcJs server, grpcJs client": { server: grpcJs(), client: grpcJs() },
};

/** Two sides of grpc-js over TLS would only test that. */
const { "grpcJs server, grpcJs client": _, ...OURS } = PLAIN;
const PAIRS: { readonly [name: string]: Pair } = { ...PLAIN, ...await overTls(OURS) };

/** The cases without TLS of their own. */
export const COMMON_CASES: readonly Case[] = [
  ...CALL_CASES,
  ...HEADER_CASES,
  ...ENDING_CASES,
  ...FLOW_CASES,
  ...SERVER_CASES,
  ...CHANNEL_CASES,
  ...LIMIT_CASES,
];

/** The cases for a pair. */
function casesOf(pair: string): readonly Case[] {
  return pair in PLAIN
    ? [...COMMON_CASES, ...TLS_CASES]
    : COMMON_CASES.filter(({ isPlain = false }) => !isPlain);
}

/** A case that a transport cannot keep. */
interface Gap {
  /** The case's name. */
  readonly name: string;
  /** The side that cannot keep it, as the pairs name it. */
  readonly side: "grpcJs server" | "grpcJs client";
  /** Whether it can without TLS. @default false */
  readonly isOnlyOverTls?: boolean;
  /** Whether to try it can end the process, so that it is not tried. @default false */
  readonly endsProcess?: boolean;
  /** Why it cannot. */
  readonly reason: string;
}

/** Gaps of one side for the same reason. */
function gaps(side: Gap["side"], reason: string, names: readonly string[]): Gap[] {
  return names.map((name) => ({ name, side, reason }));
}

const FAR = "a call without a deadline has none, and one that is far away is kept";

/** What the transports cannot keep. */
export const GAPS: readonly Gap[] = [
  ...gaps("grpcJs server", "node:http2 joins the values of a header with commas", [
    "several values of a text header reach the server as several",
  ]),
  ...gaps("grpcJs client", "node:http2 joins the values of a header with commas", [
    "several values of a text header reach the client as several",
  ]),
  ...gaps("grpcJs client", "grpc-js throws away what was not read before an error", [
    "messages before an error status all reach the reader",
    "small messages before an error status all reach a reader that is there",
  ]),
  ...gaps("grpcJs client", "node:http2 of Deno fails when a server leaves", [
    "what was sent before a server drained is read in full by a client that waits",
    "drain waits until the running calls have ended and their clients were told",
    "a server that drains accepts no new calls",
    "drain needs no client to hang up, and no calls",
    "close ends every call: its signal with CANCELLED, its client UNAVAILABLE",
    "close may follow drain, and be called twice",
    "TLS: a handshake that stops holds up no drain",
    "TLS: a server drains and closes as without TLS",
  ]).map((gap) => ({ ...gap, endsProcess: true })),
  ...gaps("grpcJs client", "grpc-js takes a deadline beyond 24 days for another", [
    FAR,
  ]),
  ...gaps("grpcJs server", "grpc-js takes a deadline beyond 24 days for another", [
    FAR,
  ]),
  ...gaps("grpcJs server", "grpc-js does not tell a refusal of its own from a cancel", [
    "maxMessageBytes: the server's signal and requests have the same status",
  ]),
  ...gaps("grpcJs server", "grpc-js does not say that a message was not whole", [
    "requests that end inside a message never seem to be complete",
  ]),
  {
    name: "a server listens on a Unix socket",
    side: "grpcJs server",
    isOnlyOverTls: true,
    reason: "grpc-js has no TLS on Unix sockets",
  },
  ...gaps("grpcJs server", "grpc-js's public API has no means to keep this limit", [
    "maxArrivingBytes: partial and unread messages of all calls count together",
    "maxCallHeaderBytes: a call with larger headers is refused before it is answered",
    "maxIdleTime: a client that sends nothing of its request is told so",
    "maxIdleTime: methods that may idle, and servers that take their time, are left alone",
    "maxIdleTime: a connection that answers no ping is closed",
    "maxStallTime: a client that takes nothing of an answer is cut off",
    "maxStallTime: a server that has nothing to send is left alone",
  ]),
];

/** How long a case may take on a busy machine, in milliseconds. */
const MAX_CASE = 120_000;

/** grpc-js leaves timers when it is closed while it dials. They hold no process. */
function leavesTimers(pair: string, { dials = false }: Case): boolean {
  return dials && pair.includes("grpcJs client");
}

function test(pair: string, one: Case): void {
  const { name, run } = one;
  const gap = GAPS.find((gap) =>
    gap.name === name && pair.includes(gap.side) &&
    !(gap.isOnlyOverTls && pair in PLAIN)
  );
  Deno.test({
    name: gap === undefined
      ? `${pair}: ${name}`
      : `${pair} cannot keep: ${name} (${gap.reason})`,
    ignore: gap?.endsProcess,
    sanitizeOps: !leavesTimers(pair, one),
    sanitizeResources: !leavesTimers(pair, one),
    async fn() {
      const running = run(PAIRS[pair]);
      const judged = gap === undefined ? running : assertRejects(() => running);
      await within<unknown>(judged, name, MAX_CASE);
    },
  });
}

/**
 * Declares the tests of every pair: those that leave timers, or the others. They need a
 * file each, as Deno would see the timers in the tests that follow.
 */
export function testContract({ timers }: { readonly timers: boolean }): void {
  for (const pair of Object.keys(PAIRS)) {
    for (const one of casesOf(pair)) {
      if (leavesTimers(pair, one) === timers) test(pair, one);
    }
  }
}
