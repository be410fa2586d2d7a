/**
 * Frames of HTTP/2 in any order: several clients at once, for a server with narrow
 * limits, and a server for a client.
 *
 * @module
 */
import { FRAMES, http2Frame, literalHeaders, PREFACE } from "../http2_bytes.ts";
import { AttackedServer, TOKEN } from "./attacked_server.ts";
import { type Conversation, conversation, type Side } from "./http2_frames.ts";
import { Random } from "./random.ts";
import { talkTo } from "./raw_tcp.ts";
import { rightRequest } from "./requests.ts";
import { readSeeds, type Seed } from "./seeds.ts";
import { checkDuration, type Outcome, type Target } from "./target.ts";
import { converseWith } from "./wire_target.ts";

/** How long a case may take, in milliseconds. */
const LONGEST = 10_000;
/** So many clients talk to the server at the same time. */
const PEERS = 8;
const MAX_IDLE_TIME = 50;
const LIMITS = {
  maxIdleTime: MAX_IDLE_TIME,
  maxArrivingBytes: 1_000_000,
  maxConcurrentCalls: 40,
  maxConnectionCalls: 10,
  maxCallHeaderBytes: 4096,
};

const SETTINGS = http2Frame({ type: FRAMES.SETTINGS });
const CLIENT: Side = { first: [PREFACE, SETTINGS], head: callHead };
const SERVER: Side = { first: [SETTINGS], head: answerHead };

/** Clients that say anything. */
export async function serverHttp2Target(seed: number): Promise<Target> {
  const attacked = await AttackedServer.start(LIMITS);
  const port = Number(attacked.server.location.split(":").at(-1));
  return http2Target(seed, CLIENT, PEERS, {
    async run(peers) {
      const hungUp = await Promise.all(peers.map(({ turns }) => talkTo(port, turns)));
      attacked.checkRecords();
      return hungUp.includes(false) ? "accepted" : "refused";
    },
    check: () => attacked.check(),
    [Symbol.asyncDispose]: () => attacked[Symbol.asyncDispose](),
  });
}

/** A server that says anything. */
export function clientHttp2Target(seed: number): Target {
  return http2Target(seed, SERVER, 1, {
    run: ([{ turns }]) => converseWith(turns.map(({ bytes }) => bytes)),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
}

/** What is done with the conversations of a case. */
interface Attack extends AsyncDisposable {
  run(peers: readonly Conversation[]): Promise<Outcome>;
  check?(): Promise<void>;
}

function http2Target(
  seed: number,
  side: Side,
  peerCount: number,
  attack: Attack,
): Target {
  const seeds = readSeeds();
  return {
    count: Infinity,
    prepare(index) {
      const random = new Random(seed, "http2", index);
      const peers = Array.from(
        { length: peerCount },
        () => conversation(side, seeds, random, MAX_IDLE_TIME),
      );
      return {
        describe: () => peers.map(({ what }) => what.join(", ")).join("; "),
        async run() {
          const started = performance.now();
          const outcome = await attack.run(peers);
          checkDuration(started, LONGEST, "the case");
          return outcome;
        },
      };
    },
    check: () => attack.check?.() ?? Promise.resolve(),
    [Symbol.asyncDispose]: () => attack[Symbol.asyncDispose](),
  };
}

function callHead(seeds: readonly Seed[], random: Random): Uint8Array {
  const { method } = rightRequest(seeds, random);
  const more = random.pick<Readonly<Record<string, string>>>([
    {},
    {},
    { "grpc-timeout": `${random.below(100)}m` },
    { "grpc-encoding": random.pick(["gzip", "deflate", "br"]) },
  ]);
  return literalHeaders({
    ":method": "POST",
    ":scheme": "http",
    ":path": `/arrow.flight.protocol.FlightService/${method}`,
    ":authority": "localhost",
    "content-type": "application/grpc",
    "te": "trailers",
    ...random.oneIn(10) ? {} : { "authorization": `Bearer ${TOKEN}` },
    ...more,
  });
}

function answerHead(_: readonly Seed[], random: Random): Uint8Array {
  return literalHeaders({
    ":status": random.oneIn(10) ? "503" : "200",
    "content-type": "application/grpc",
    ...random.oneIn(10) ? { "grpc-encoding": "gzip" } : {},
  });
}
