/**
 * Messages as gRPC frames them, in the right way and in wrong ones.
 *
 * @module
 */
import { gzipSync } from "node:zlib";
import { joinBytes } from "../../../base/join_bytes.ts";
import { frame } from "../../helpers/wire/grpc_frame.ts";
import { mutateBytes, type Mutated } from "../mutate_bytes.ts";
import type { Random } from "../../helpers/random.ts";

const MAX_PIECE = 40;

type Framing = (
  messages: readonly Uint8Array[],
  random: Random,
) => Mutated<readonly Uint8Array[]>;

const FRAMINGS: readonly Framing[] = [
  (messages, random) => ({
    result: inPieces(joinBytes(messages.map((message) => frame(message))), random),
    what: "in small pieces",
  }),
  (messages, random) => {
    const right = joinBytes(messages.map((message) => frame(message)));
    const { result, what } = mutateBytes(right, random);
    return { result: [result], what: `framed, ${what}` };
  },
  (messages, random) => {
    const lies = messages.map((message) => wrongLength(message, random));
    return { result: lies, what: "with wrong lengths" };
  },
  (messages) => ({
    result: messages.map((message) => frame(message, true)),
    what: "flagged as compressed",
  }),
  (messages) => ({
    result: messages.map((message) => frame(gzipSync(message), true)),
    what: "compressed by gzip",
  }),
  (messages, random) => {
    const damaged = messages.map((message) =>
      frame(mutateBytes(gzipSync(message), random).result, true)
    );
    return { result: damaged, what: "compressed by gzip, and damaged" };
  },
  (messages) => ({
    result: [...messages.map((message) => frame(message)), new Uint8Array([0, 0, 0])],
    what: "and then half a prefix",
  }),
  (messages) => ({ result: messages, what: "without prefixes" }),
  (messages, random) => {
    const frames = messages.map((message) => frame(message));
    const times = random.pick([0, 2, 30]);
    return {
      result: Array.from({ length: times }, () => frames).flat(),
      what: `${times} times`,
    };
  },
];

/** The messages framed, in the right way for the most part. */
export function frameAnyhow(
  messages: readonly Uint8Array[],
  random: Random,
): Mutated<readonly Uint8Array[]> {
  if (random.oneIn(3)) return random.pick(FRAMINGS)(messages, random);
  return { result: messages.map((message) => frame(message)), what: "framed well" };
}

function wrongLength(message: Uint8Array, random: Random): Uint8Array {
  const bytes = frame(message);
  const length = random.pick([
    0,
    1,
    message.length + 1,
    message.length - 1,
    2 ** 20 + 1,
    2 ** 31,
    2 ** 32 - 1,
  ]);
  new DataView(bytes.buffer).setUint32(1, length);
  return bytes;
}

function inPieces(bytes: Uint8Array, random: Random): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + random.between(1, MAX_PIECE);
    pieces.push(bytes.subarray(at, end));
    at = end;
  }
  return pieces;
}
