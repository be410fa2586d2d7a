/**
 * The valid streams that the fuzzer starts from: every type of Arrow, as pyarrow has
 * written it.
 *
 * @module
 */
import type { ArrowMessage } from "../../../flight/arrow/format/arrow_message.ts";
import {
  readStream,
  splitStream,
  streamNames,
} from "../../helpers/tables/arrow_stream.ts";
import type { Mutated } from "../mutate_bytes.ts";
import { mutateStream } from "./mutate_stream.ts";
import type { Random } from "../../helpers/random.ts";
import { wildStream } from "./wild_stream.ts";

/** A stream and its name. */
export interface Seed {
  readonly name: string;
  readonly messages: readonly ArrowMessage[];
}

/** All streams of tests/data. */
export function readSeeds(): Seed[] {
  return streamNames().map((name) => ({
    name,
    messages: splitStream(readStream(name)),
  }));
}

/** A stream that may be wrong: one of the seeds, or one that is made up, changed. */
export function wrongStream(
  seeds: readonly Seed[],
  random: Random,
): Mutated<readonly ArrowMessage[]> {
  if (random.oneIn(3)) {
    const made = wildStream(random);
    if (random.oneIn(2)) return { result: made, what: "a stream that is made up" };
    const { result, what } = mutateStream(made, random, random.pick(seeds).messages);
    return { result, what: `a stream that is made up: ${what}` };
  }
  const { name, messages } = random.pick(seeds);
  const { result, what } = mutateStream(messages, random, random.pick(seeds).messages);
  return { result, what: `${name}: ${what}` };
}

/** The stream at places in memory where no number is aligned, as gRPC has them. */
export function misaligned(messages: readonly ArrowMessage[]): ArrowMessage[] {
  return messages.map(({ header, body }) => ({
    header: moved(header),
    body: moved(body),
  }));
}

const GRPC_PREFIX = 5;

function moved(bytes: Uint8Array): Uint8Array {
  const buffer = new Uint8Array(GRPC_PREFIX + bytes.length);
  buffer.set(bytes, GRPC_PREFIX);
  return buffer.subarray(GRPC_PREFIX);
}
