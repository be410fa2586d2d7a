/**
 * Wrong streams, without a network between: what the server does with them, and
 * what the client does.
 *
 * @module
 */
import { Random } from "../../helpers/random.ts";
import { misaligned, readSeeds, wrongStream } from "../streams/seeds.ts";
import { checkPaths } from "../streams/stream_checks.ts";
import type { Target } from "../target.ts";

/** Limits by which a batch goes out in many pieces, in a few, or in one. */
const SPLITTING = [64, 200, 600, 4096];

/** Streams of all types with bits, lengths and messages changed, and made-up ones. */
export function streamTarget(seed: number): Target {
  const seeds = readSeeds();
  return {
    count: Infinity,
    prepare(index) {
      const random = new Random(seed, "stream", index);
      const { result, what } = wrongStream(seeds, random);
      const messages = random.oneIn(2) ? misaligned(result) : result;
      const mostBytes = random.pick(SPLITTING);
      return {
        describe: () => what,
        run: () => checkPaths(messages, mostBytes),
      };
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
