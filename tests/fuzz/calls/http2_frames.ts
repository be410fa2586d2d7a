/**
 * Frames of HTTP/2 that a library could write, in an order in which none would.
 *
 * @module
 */
import { deflateSync, gzipSync } from "node:zlib";
import {
  FLAGS,
  FRAMES,
  http2Frame,
  KEPT_HEADER,
  keptHeader,
  literalHeaders,
  TOO_MANY_HEADERS,
  uint32s,
} from "../../helpers/wire/http2_bytes.ts";
import { joinBytes } from "../../../base/join_bytes.ts";
import { frame } from "../../helpers/wire/grpc_frame.ts";
import type { Mutated } from "../mutate_bytes.ts";
import type { Random } from "../../helpers/random.ts";
import type { Turn } from "../../helpers/wire/raw_tcp.ts";
import { rightRequest } from "./requests.ts";
import type { Seed } from "../streams/seeds.ts";

const MAX_MOVES = 22;
/** A move in so many is one of a side's own. */
const OWN_MOVE_IN = 12;
/** A move in so many is one of those that end most connections. */
const LAST_MOVE_IN = 20;
const LARGE_VALUE = "y".repeat(2000);

/** Who says the frames. */
export interface Side {
  /** What is said first of all. */
  readonly first: readonly Uint8Array[];
  /** The headers with which a call begins, or an answer. */
  head(seeds: readonly Seed[], random: Random): Uint8Array;
  /** What it does beside what any side does, once in a while. */
  readonly moves?: Readonly<Record<string, Move>>;
}

/** One side of a connection, as far as it has come. */
export interface Peer {
  readonly side: Side;
  readonly random: Random;
  readonly seeds: readonly Seed[];
  /** The calls that have begun, by their streams. */
  readonly streams: number[];
}

/** Some frames, by what they do. */
export type Move = (peer: Peer, stream: number) => Uint8Array[];

const { DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY } = FRAMES;
const { WINDOW_UPDATE, CONTINUATION } = FRAMES;
const { END_STREAM, ACK, END_HEADERS } = FLAGS;

const MOVES: Readonly<Record<string, Move>> = {
  "a call": call,
  "a call and its messages": (peer) => [
    ...call(peer),
    ...messages(peer, peer.streams.at(-1)!),
  ],
  "a call and its trailers": (peer) => [
    ...call(peer),
    headers(peer.streams.at(-1)!, TRAILERS[0], END_STREAM),
  ],
  "messages": messages,
  "many messages": ({ random }, stream) => [
    data(
      stream,
      joinBytes(Array(random.below(3000)).fill(frame(new Uint8Array(0)))),
    ),
  ],
  "a packed message": ({ random }, stream) => {
    const pack = random.pick([gzipSync, deflateSync]);
    const packed = pack(new Uint8Array(random.pick([20, 2_000_000])));
    const length = random.oneIn(3) ? random.below(packed.length) : packed.length;
    return [data(stream, frame(packed.subarray(0, length), true))];
  },
  "part of a message": ({ random }, stream) => {
    const large = frame(new Uint8Array(random.pick([100, 900_000])));
    return [data(stream, large.subarray(0, random.below(20_000)))];
  },
  "the end": (_, stream) => [data(stream, new Uint8Array(0), END_STREAM)],
  "trailers": ({ random }, stream) => [
    headers(stream, random.pick(TRAILERS), END_STREAM),
  ],
  "a reset": ({ random }, stream) => [
    http2Frame({
      type: RST_STREAM,
      stream,
      payload: uint32s(random.pick([0, 2, 5, 7, 8, 11])),
    }),
  ],
  "a ping": () => [http2Frame({ type: PING, payload: new Uint8Array(8) })],
  "a window": ({ random }, stream) => [
    http2Frame({
      type: WINDOW_UPDATE,
      stream: random.pick([0, stream]),
      payload: uint32s(random.pick([1, 100_000])),
    }),
  ],
  "settings": (peer) => [
    http2Frame({
      type: SETTINGS,
      // The window with which streams begin.
      payload: Uint8Array.from([0, 4, ...uint32s(peer.random.pick([0, 7, 2 ** 30]))]),
    }),
  ],
};

/** Those after which most connections are over. */
const LAST_MOVES: Readonly<Record<string, Move>> = {
  "a leave": ({ random }) => [
    http2Frame({ type: GOAWAY, payload: uint32s(0, random.pick([0, 0, 2])) }),
  ],
  "an answer to no ping": () => [
    http2Frame({ type: PING, flags: ACK, payload: new Uint8Array(8) }),
  ],
  "headers in pieces": (peer) => {
    const stream = nextStream(peer);
    const more = peer.random.below(6);
    const piece = keptHeader("x", LARGE_VALUE);
    return [
      http2Frame({
        type: HEADERS,
        stream,
        payload: peer.side.head(peer.seeds, peer.random),
      }),
      ...Array.from(
        { length: more },
        () => http2Frame({ type: CONTINUATION, stream, payload: piece }),
      ),
      http2Frame({ type: CONTINUATION, flags: flag(peer, 2, END_HEADERS), stream }),
    ];
  },
  "anything": ({ random }, stream) => [
    http2Frame({
      type: random.below(10),
      flags: random.below(256),
      stream: random.pick([0, stream]),
      payload: random.bytes(random.below(30)),
    }),
  ],
};

const TRAILERS: readonly Uint8Array[] = [
  literalHeaders({ "grpc-status": "0" }),
  literalHeaders({ "x-trailer": "1" }),
  literalHeaders({ ":path": "/" }),
  TOO_MANY_HEADERS,
  joinBytes([keptHeader("x", LARGE_VALUE), new Uint8Array(20).fill(KEPT_HEADER)]),
];

/**
 * What this side says, with a pause now and then: a short one, or one of so many
 * milliseconds.
 */
export function conversation(
  side: Side,
  seeds: readonly Seed[],
  random: Random,
  longPause: number,
): Mutated<readonly Turn[]> {
  const peer: Peer = { side, random, seeds, streams: [] };
  const turns: Turn[] = [{ bytes: joinBytes(side.first), pause: 0 }];
  const what: string[] = [];
  let frames = call(peer);
  for (let count = random.between(3, MAX_MOVES); count > 0; count--) {
    const move = anyMove(peer);
    what.push(move.what);
    frames.push(...move.result);
    if (!random.oneIn(5)) continue;
    const pause = random.oneIn(20) ? longPause : random.below(8);
    turns.push({ bytes: joinBytes(frames), pause });
    frames = [];
  }
  turns.push({ bytes: joinBytes(frames), pause: random.below(20) });
  return { result: turns, what: what.join(", ") };
}

function anyMove(peer: Peer): Mutated<Uint8Array[]> {
  const { random, streams } = peer;
  const own = peer.side.moves;
  const moves = own !== undefined && random.oneIn(OWN_MOVE_IN)
    ? own
    : random.oneIn(LAST_MOVE_IN)
    ? LAST_MOVES
    : MOVES;
  const what = random.pick(Object.keys(moves));
  const stream = random.oneIn(3) ? random.pick(streams) : streams.at(-1)!;
  return { result: moves[what](peer, stream), what };
}

function nextStream({ streams }: Peer): number {
  const stream = 2 * streams.length + 1;
  streams.push(stream);
  return stream;
}

function call(peer: Peer): Uint8Array[] {
  return [
    headers(
      nextStream(peer),
      peer.side.head(peer.seeds, peer.random),
      flag(peer, 8, END_STREAM),
    ),
  ];
}

function messages(peer: Peer, stream: number): Uint8Array[] {
  return rightRequest(peer.seeds, peer.random).messages.map((message) =>
    data(stream, frame(message), flag(peer, 4, END_STREAM))
  );
}

function headers(stream: number, payload: Uint8Array, flags: number): Uint8Array {
  return http2Frame({ type: HEADERS, flags: END_HEADERS | flags, stream, payload });
}

function data(stream: number, payload: Uint8Array, flags = 0): Uint8Array {
  return http2Frame({ type: DATA, flags, stream, payload });
}

/** The flag, once in so many times. */
function flag({ random }: Peer, times: number, flag: number): number {
  return random.oneIn(times) ? flag : 0;
}
