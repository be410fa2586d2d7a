/**
 * Bytes that were right, with something wrong in them.
 *
 * @module
 */
import { joinBytes } from "../../base/join_bytes.ts";
import type { Random } from "../helpers/random.ts";

/** What came of a change, and what the change was. */
export interface Mutated<T> {
  readonly result: T;
  /** The change in words, for whoever has to understand the failure. */
  readonly what: string;
}

type Change = (bytes: Uint8Array, random: Random, donor: Uint8Array) => Mutated<
  Uint8Array
>;

/** Numbers at which programs go wrong: signs, limits, and what is near them. */
const NUMBERS: readonly bigint[] = [
  0n,
  1n,
  2n,
  7n,
  8n,
  127n,
  128n,
  255n,
  256n,
  65_535n,
  2n ** 24n,
  30_000_000n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 53n - 1n,
  2n ** 53n + 1n,
  2n ** 62n,
  2n ** 63n - 1n,
  -1n,
  -2n,
  -8n,
  -(2n ** 31n),
  -(2n ** 63n),
];
const MAX_PIECE = 64;

/** Bytes that come together in protobuf, gRPC, HTTP/2 and flatbuffers. */
const WORDS: readonly (readonly number[])[] = [
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
  [0x0b, 0x0b, 0x0b, 0x0b],
  [0x0c],
  [0xc2, 0x3e],
  [0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00],
  [0xed, 0xa0, 0x80],
  [0x00],
];

const CHANGES: readonly Change[] = [
  flipBit,
  flipBit,
  setByte,
  setByte,
  setNumber,
  setNumber,
  setNumber,
  truncate,
  takeOut,
  putIn,
  splice,
  swap,
  fill,
];

/**
 * The bytes with one change: a bit, a byte, a number, a length, or a piece of them
 * or of `donor`. They are never changed where they lie.
 */
export function mutateBytes(
  bytes: Uint8Array,
  random: Random,
  donor: Uint8Array = bytes,
): Mutated<Uint8Array> {
  if (bytes.length === 0) return putIn(bytes, random);
  return random.pick(CHANGES)(bytes, random, donor);
}

/** A number at which programs go wrong. */
export function wildNumber(random: Random): bigint {
  return random.pick(NUMBERS);
}

function flipBit(bytes: Uint8Array, random: Random): Mutated<Uint8Array> {
  const at = random.below(bytes.length);
  const bit = random.below(8);
  const result = bytes.slice();
  result[at] ^= 1 << bit;
  return { result, what: `flip bit ${bit} of byte ${at}` };
}

function setByte(bytes: Uint8Array, random: Random): Mutated<Uint8Array> {
  const at = random.below(bytes.length);
  const value = random.oneIn(2)
    ? random.pick([0, 1, 2, 4, 8, 127, 128, 255])
    : bytes[at] + random.between(-8, 8) & 255;
  const result = bytes.slice();
  result[at] = value;
  return { result, what: `byte ${at} becomes ${value}` };
}

function setNumber(bytes: Uint8Array, random: Random): Mutated<Uint8Array> {
  const size = random.pick([2, 4, 4, 8, 8]);
  if (bytes.length < size) return setByte(bytes, random);
  const step = random.oneIn(8) ? 1 : size;
  const at = step * random.below(Math.floor((bytes.length - size) / step) + 1);
  const value = random.oneIn(3) ? BigInt(bytes.length) : wildNumber(random);
  const isBigEndian = random.oneIn(8);
  const result = bytes.slice();
  for (let index = 0; index < size; index++) {
    const byte = Number(value >> BigInt(8 * index) & 255n);
    result[at + (isBigEndian ? size - 1 - index : index)] = byte;
  }
  return { result, what: `the ${size} bytes at ${at} become the number ${value}` };
}

function truncate(bytes: Uint8Array, random: Random): Mutated<Uint8Array> {
  const length = random.below(bytes.length);
  return { result: bytes.slice(0, length), what: `only ${length} bytes are left` };
}

function takeOut(bytes: Uint8Array, random: Random): Mutated<Uint8Array> {
  const { at, length } = piece(bytes, random);
  const result = joinBytes([bytes.subarray(0, at), bytes.subarray(at + length)]);
  return { result, what: `${length} bytes at ${at} are gone` };
}

function putIn(bytes: Uint8Array, random: Random): Mutated<Uint8Array> {
  const at = random.below(bytes.length + 1);
  const added = random.pick([
    () => new Uint8Array(random.between(1, MAX_PIECE)),
    () => random.bytes(random.between(1, MAX_PIECE)),
    () => Uint8Array.from(random.pick(WORDS)),
  ])();
  const result = joinBytes([bytes.subarray(0, at), added, bytes.subarray(at)]);
  return { result, what: `${added.length} bytes are put in at ${at}` };
}

function splice(
  bytes: Uint8Array,
  random: Random,
  donor: Uint8Array,
): Mutated<Uint8Array> {
  if (donor.length === 0) return flipBit(bytes, random);
  const from = piece(donor, random);
  const at = random.below(bytes.length);
  const taken = donor.subarray(from.at, from.at + from.length);
  const result = bytes.slice();
  result.set(taken.subarray(0, bytes.length - at), at);
  return {
    result,
    what: `${from.length} bytes from ${from.at} overwrite those at ${at}`,
  };
}

function swap(bytes: Uint8Array, random: Random): Mutated<Uint8Array> {
  const size = random.pick([1, 4, 8, 16]);
  const places = Math.floor(bytes.length / size);
  if (places < 2) return flipBit(bytes, random);
  const [one, other] = [size * random.below(places), size * random.below(places)];
  const result = bytes.slice();
  result.set(bytes.subarray(one, one + size), other);
  result.set(bytes.subarray(other, other + size), one);
  return { result, what: `the ${size} bytes at ${one} and ${other} change places` };
}

function fill(bytes: Uint8Array, random: Random): Mutated<Uint8Array> {
  const { at, length } = piece(bytes, random);
  const value = random.pick([0, 1, 127, 128, 255]);
  const result = bytes.slice().fill(value, at, at + length);
  return { result, what: `the ${length} bytes at ${at} become ${value}` };
}

/** Where a short piece of the bytes lies. */
function piece(bytes: Uint8Array, random: Random): { at: number; length: number } {
  const at = random.below(bytes.length);
  const most = Math.min(MAX_PIECE, bytes.length - at);
  return { at, length: random.between(1, most) };
}
