/**
 * Header blocks, without a network between: what the wire's decoder does with wrong
 * ones, and the readers of headers with what it makes of them.
 *
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import { MalformedError } from "../../../wire/http2/field_rules.ts";
import {
  CompressionError,
  type DecodedHeaders,
  HpackDecoder,
} from "../../../wire/hpack/hpack_decoder.ts";
import { HpackEncoder } from "../../../wire/hpack/hpack_encoder.ts";
import { fieldSize, type HeaderField } from "../../../wire/hpack/hpack_table.ts";
import {
  checkRequestTrailers,
  readRequest,
} from "../../../wire/grpc/request_headers.ts";
import { readResponse, readTrailers } from "../../../wire/grpc/response_headers.ts";
import { mutateBytes, type Mutated } from "../mutate_bytes.ts";
import { Random } from "../../helpers/random.ts";
import { checkDuration, Fault, type Outcome, type Target } from "../target.ts";

const MAX_BLOCKS = 6;
const MAX_FIELDS = 12;
const TABLE_SIZES = [0, 64, 300, 4096];
const LIST_SIZES = [0, 100, 1000, 16_384];
/** So much is never reached: no block is that long, and no table has larger entries. */
const ENOUGH = 2 ** 40;
/** A case takes about a millisecond. */
const MAX_TIME = 2000;
const PATH = "/a.B/C";

const NAMES = [
  ":method",
  ":scheme",
  ":path",
  ":authority",
  ":status",
  "content-type",
  "content-length",
  "te",
  "grpc-timeout",
  "grpc-encoding",
  "grpc-status",
  "grpc-message",
  "authorization",
  "cookie",
  "x-a",
  "x-a-bin",
];
const VALUES = [
  "POST",
  "http",
  "/a.B/C",
  "200",
  "application/grpc",
  "trailers",
  "10S",
  "gzip",
  "0",
  "%e4%b8",
  "AAEC",
  "v".repeat(700),
];
/** The headers of a request and of a response that are right. */
const RIGHT: readonly (readonly HeaderField[])[] = [
  [
    [":method", "POST"],
    [":scheme", "http"],
    [":path", PATH],
    [":authority", "localhost"],
    ["content-type", "application/grpc"],
    ["te", "trailers"],
  ],
  [[":status", "200"], ["content-type", "application/grpc"]],
];

/** A block, and the list that it stood for before it was changed, if it was. */
interface Block {
  readonly bytes: Uint8Array;
  readonly list: readonly HeaderField[];
  readonly isChanged: boolean;
}

/** Blocks of one connection, from an encoder or from nothing, some with changes. */
export function hpackTarget(seed: number): Target {
  return {
    count: Infinity,
    prepare(index) {
      const random = new Random(seed, "hpack", index);
      const { result, what } = makeBlocks(random);
      const maxListSize = random.pick(LIST_SIZES);
      return {
        describe: () => `${what}; a list has at most ${maxListSize}`,
        run: () => decodeAll(result, maxListSize),
      };
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function makeBlocks(random: Random): Mutated<Block[]> {
  const encoder = new HpackEncoder();
  const what: string[] = [];
  const blocks = Array.from({ length: random.between(1, MAX_BLOCKS) }, (_, index) => {
    if (random.oneIn(4)) encoder.setMaxTableSize(random.pick(TABLE_SIZES));
    const list = makeList(random);
    const bytes = encoder.encode(list);
    if (random.oneIn(2)) return { bytes, list, isChanged: false };
    const change = random.oneIn(4)
      ? { result: random.bytes(random.below(60)), what: "any bytes" }
      : mutateBytes(bytes, random);
    what.push(`block ${index}: ${change.what}`);
    return { bytes: change.result, list, isChanged: true };
  });
  return { result: blocks, what: what.join("; ") };
}

function makeList(random: Random): HeaderField[] {
  const right = random.oneIn(2) ? random.pick(RIGHT) : [];
  const more = Array.from({ length: random.below(MAX_FIELDS) }, (): HeaderField => {
    const value = random.oneIn(4)
      ? String.fromCharCode(...random.bytes(random.below(20)))
      : random.pick(VALUES);
    return [random.pick(NAMES), value];
  });
  return [...right, ...more];
}

/** Decodes them with a limit and without one: both have to find the same. */
function decodeAll(blocks: readonly Block[], maxListSize: number): Outcome {
  const started = performance.now();
  const limited = new HpackDecoder();
  const whole = new HpackDecoder();
  let isRight = true;
  for (const { bytes, list, isChanged } of blocks) {
    const all = decode(whole, bytes, ENOUGH);
    const some = decode(limited, bytes, maxListSize);
    if ((all === undefined) !== (some === undefined)) {
      throw new Fault("the limit of a list decides whether a block can be decoded");
    }
    if (all === undefined || some === undefined) return "refused";
    isRight &&= !isChanged;
    if (isRight && !isDeepStrictEqual(all.headers, list)) {
      throw new Fault("a right block was decoded to something else");
    }
    compare(all, some, maxListSize);
    readAll(all.headers);
  }
  checkDuration(started, MAX_TIME, "to decode the blocks");
  return "accepted";
}

function decode(
  decoder: HpackDecoder,
  bytes: Uint8Array,
  maxListSize: number,
): DecodedHeaders | undefined {
  try {
    return decoder.decode(bytes, maxListSize);
  } catch (error) {
    if (error instanceof CompressionError) return undefined;
    throw error;
  }
}

function compare(all: DecodedHeaders, some: DecodedHeaders, maxListSize: number): void {
  const size = all.headers.reduce((sum, field) => sum + fieldSize(field), 0);
  if (all.isTooLarge || all.size !== size) {
    throw new Fault("the size of a list is wrong");
  }
  if (some.isTooLarge !== size > maxListSize) {
    throw new Fault("the limit of a list is not kept");
  }
  const kept = all.headers.slice(0, some.headers.length);
  if (!isDeepStrictEqual(kept, some.headers)) {
    throw new Fault("what is kept of a list is not its beginning");
  }
  const keptSize = kept.reduce((sum, field) => sum + fieldSize(field), 0);
  if (keptSize > maxListSize) throw new Fault("more of a list is kept than may be");
}

/** What is read from headers may be refused as malformed, and in no other way. */
function readAll(headers: readonly HeaderField[]): void {
  const readers = [
    () => readRequest(headers),
    () => checkRequestTrailers(headers),
    () => readResponse(headers, { path: PATH, isEnd: false }),
    () => readResponse(headers, { path: PATH, isEnd: true }),
    () => readTrailers(headers, { path: PATH }),
  ];
  for (const read of readers) {
    try {
      read();
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
    }
  }
}
