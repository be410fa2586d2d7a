/**
 * Frames by the thousands, and frames that are wrong in ways that have names.
 *
 * @module
 */
import { joinBytes } from "../../../base/join_bytes.ts";
import { FLAGS, FRAMES, http2Frame, uint32s } from "../../helpers/wire/http2_bytes.ts";
import type { Random } from "../../helpers/random.ts";
import type { Move, Peer } from "./http2_frames.ts";

const { DATA, HEADERS, RST_STREAM, SETTINGS, PING, WINDOW_UPDATE, CONTINUATION } =
  FRAMES;
const PRIORITY = 2;
const PUSH_PROMISE = 5;
const UNKNOWN = 200;
const { END_STREAM, END_HEADERS } = FLAGS;
const PADDED = 8;
const HAS_PRIORITY = 32;
const MAX_WINDOW = 2 ** 31 - 1;

/** Numbers at which settings and windows go wrong. */
const NUMBERS = [
  0,
  1,
  2,
  16_383,
  16_384,
  2 ** 24 - 1,
  2 ** 24,
  MAX_WINDOW,
  2 ** 32 - 1,
];

/** Moves of clients and servers that mean harm. */
export const FLOODS: Readonly<Record<string, Move>> = {
  "many pings": ({ random }) =>
    repeat(random, http2Frame({ type: PING, payload: new Uint8Array(8) })),
  "many settings": ({ random }) => repeat(random, http2Frame({ type: SETTINGS })),
  "many empty pieces of data": ({ random }, stream) =>
    repeat(random, http2Frame({ type: DATA, stream })),
  "many small windows": ({ random }, stream) =>
    repeat(
      random,
      http2Frame({
        type: WINDOW_UPDATE,
        stream: random.pick([0, stream]),
        payload: uint32s(1),
      }),
    ),
  "many unknown frames": ({ random }, stream) =>
    repeat(random, http2Frame({ type: UNKNOWN, stream })),
  "many priorities": ({ random }, stream) =>
    repeat(random, http2Frame({ type: PRIORITY, stream, payload: new Uint8Array(5) })),
  "many calls that are reset": (peer) =>
    repeatCalls(peer, { type: RST_STREAM, payload: uint32s(8) }),
  "many calls that have to be reset": (peer) =>
    repeatCalls(peer, { type: WINDOW_UPDATE, payload: uint32s(0) }),
  "headers without end": (peer) => {
    const stream = newStream(peer);
    const payload = peer.random.oneIn(2) ? new Uint8Array() : new Uint8Array(1);
    return [
      http2Frame({ type: HEADERS, stream }),
      ...repeat(peer.random, http2Frame({ type: CONTINUATION, stream, payload })),
    ];
  },
  "padding": ({ random }, stream) => {
    const payload = new Uint8Array(random.below(300));
    if (payload.length > 0) payload[0] = random.below(256);
    return [http2Frame({ type: DATA, flags: PADDED, stream, payload })];
  },
  "headers with padding and priority": (peer) => {
    const stream = newStream(peer);
    const { random } = peer;
    const head = peer.side.head(peer.seeds, random);
    const dependency = uint32s(random.pick([0, stream, stream + 2]));
    const payload = joinBytes([
      Uint8Array.of(4),
      dependency,
      Uint8Array.of(16),
      head,
      new Uint8Array(random.pick([4, 4, 0])),
    ]);
    const flags = END_HEADERS | PADDED | HAS_PRIORITY | random.pick([0, END_STREAM]);
    return [http2Frame({ type: HEADERS, flags, stream, payload })];
  },
  "a push": (peer, stream) => [
    http2Frame({
      type: PUSH_PROMISE,
      flags: END_HEADERS,
      stream,
      payload: joinBytes([uint32s(2), peer.side.head(peer.seeds, peer.random)]),
    }),
  ],
  "a window that is too wide": ({ random }, stream) => {
    const payload = uint32s(MAX_WINDOW);
    const wide = http2Frame({
      type: WINDOW_UPDATE,
      stream: random.pick([0, stream]),
      payload,
    });
    return [wide, wide];
  },
  "wild settings": ({ random }) => {
    const settings = Array.from({ length: random.between(1, 8) }, () => {
      const id = random.oneIn(4) ? random.below(65_536) : random.below(10);
      return [id >> 8, id & 255, ...uint32s(random.pick(NUMBERS))];
    });
    return [http2Frame({ type: SETTINGS, payload: Uint8Array.from(settings.flat()) })];
  },
  "a number that streams do not have": (peer) => {
    const stream = peer.random.pick([2, MAX_WINDOW - 1, MAX_WINDOW]);
    const payload = peer.side.head(peer.seeds, peer.random);
    return [http2Frame({ type: HEADERS, flags: END_HEADERS, stream, payload })];
  },
};

function repeat(random: Random, frame: Uint8Array): Uint8Array[] {
  return Array(random.pick([2, 10, 100, 1500, 12_000])).fill(frame);
}

/** Opens calls, each of which is followed by this frame of its stream. */
function repeatCalls(
  peer: Peer,
  frame: { readonly type: number; readonly payload: Uint8Array },
): Uint8Array[] {
  const head = peer.side.head(peer.seeds, peer.random);
  const length = peer.random.pick([2, 10, 100, 1500]);
  return Array.from({ length }, () => {
    const stream = newStream(peer);
    return joinBytes([
      http2Frame({ type: HEADERS, flags: END_HEADERS, stream, payload: head }),
      http2Frame({ ...frame, stream }),
    ]);
  });
}

function newStream({ streams }: Peer): number {
  const stream = 2 * streams.length + 1;
  streams.push(stream);
  return stream;
}
