/**
 * Frames of HTTP/2 in any order: several clients at once, for a server with narrow
 * limits, and a server for a client.
 *
 * @module
 */
import { FlightError, type TinyClient } from "../../../mod.ts";
import {
  callHeaders,
  FRAMES,
  http2Frame,
  literalHeaders,
  PREFACE,
} from "../../helpers/wire/http2_bytes.ts";
import { joinBytes } from "../../../base/join_bytes.ts";
import { collect } from "../../helpers/serving.ts";
import { attackTarget } from "./attack_target.ts";
import { AttackedServer, TOKEN } from "../calls/attacked_server.ts";
import { FLOODS } from "../calls/http2_floods.ts";
import { conversation, type Side } from "../calls/http2_frames.ts";
import { Random } from "../../helpers/random.ts";
import { talkTo } from "../../helpers/wire/raw_tcp.ts";
import { converseWith } from "../calls/recorded_wire.ts";
import { rightRequest } from "../calls/requests.ts";
import { readSeeds, type Seed } from "../streams/seeds.ts";
import type { Target } from "../target.ts";

/** So many clients talk to the server at the same time. */
const PEERS = 8;
/** How long a client may say nothing; some of them do for as long. */
const MAX_IDLE_TIME = 50;
const LIMITS = {
  maxIdleTime: MAX_IDLE_TIME,
  maxArrivingBytes: 1_000_000,
  maxConnectionCalls: 10,
  maxCallHeaderBytes: 4096,
};
/** The calls that a client makes at once. */
const CALLS = 6;
const CALL_TIMEOUT = 100;

const SETTINGS = http2Frame({ type: FRAMES.SETTINGS });
const CLIENT: Side = { first: [PREFACE, SETTINGS], head: callHead, moves: FLOODS };
const SERVER: Side = { first: [SETTINGS], head: answerHead, moves: FLOODS };

/** Clients that say anything. */
export async function serverHttp2Target(seed: number): Promise<Target> {
  const seeds = readSeeds();
  const attacked = await AttackedServer.start(LIMITS);
  const port = Number(attacked.server.location.split(":").at(-1));
  return attackTarget((index) => {
    const random = new Random(seed, "http2", index);
    const peers = Array.from(
      { length: PEERS },
      () => conversation(CLIENT, seeds, random, MAX_IDLE_TIME),
    );
    return {
      result: peers.map(({ result }) => result),
      what: peers.map(({ what }) => what).join("; "),
    };
  }, {
    attacked,
    async run(peers) {
      await Promise.all(peers.map((turns) => talkTo(port, turns)));
      return attacked.checkRecords() > 0 ? "accepted" : "refused";
    },
  });
}

/** A server that says anything. */
export function clientHttp2Target(seed: number): Target {
  const seeds = readSeeds();
  return attackTarget((index) => {
    const random = new Random(seed, "http2", index);
    const { result, what } = conversation(SERVER, seeds, random, 0);
    return { result: result.map(({ bytes }) => bytes), what };
  }, { run: (pieces) => converseWith(pieces, callTogether) });
}

/** Makes several calls at once; one of them has to end well. */
async function callTogether({ flight }: TinyClient): Promise<void> {
  const options = { timeout: CALL_TIMEOUT };
  const outcomes = await Promise.allSettled(
    Array.from({ length: CALLS }, () => collect(flight.listActions(options))),
  );
  const errors = outcomes.filter((outcome) => outcome.status === "rejected")
    .map(({ reason }) => reason);
  const unexpected = errors.find((error) => !(error instanceof FlightError));
  if (unexpected !== undefined || errors.length === CALLS) {
    throw unexpected ?? errors[0];
  }
}

function callHead(seeds: readonly Seed[], random: Random): Uint8Array {
  const { method } = rightRequest(seeds, random);
  const more = random.pick<Readonly<Record<string, string>>>([
    {},
    {},
    { "grpc-timeout": `${random.below(100)}m` },
    { "grpc-encoding": random.pick(["gzip", "deflate", "br"]) },
  ]);
  const token: Readonly<Record<string, string>> = random.oneIn(10)
    ? {}
    : { "authorization": `Bearer ${TOKEN}` };
  return joinBytes([callHeaders(method), literalHeaders({ ...token, ...more })]);
}

function answerHead(_: readonly Seed[], random: Random): Uint8Array {
  return literalHeaders({
    ":status": random.oneIn(10) ? "503" : "200",
    "content-type": "application/grpc",
    ...random.oneIn(10) ? { "grpc-encoding": "gzip" } : {},
  });
}
