/**
 * Writes the LZ4 frame format, which Arrow uses to compress buffers.
 *
 * @module
 */
import {
  LZ4_MAGIC,
  MIN_LONG_COPY,
  MIN_MATCH,
  UNCOMPRESSED_BLOCK,
} from "./lz4_frame.ts";

/** Version 1; independent blocks of 4 MiB at most; and the checksum of both. */
const DESCRIPTOR: readonly number[] = [0x60, 0x70, 0x73];
const BLOCK_SIZE = 4 << 20;
/** In this format a block ends with literals. */
const LAST_LITERALS = 5;
const LAST_MATCH_START = 12;
const MAX_DISTANCE = 0xffff;
const HASH_BITS = 14;
/** After 2 to this power misses in a row the search takes longer steps. */
const SKIP_BITS = 6;

/** These bytes as one LZ4 frame. */
export function lz4Encode(source: Uint8Array): Uint8Array {
  const blocks = Math.ceil(source.length / BLOCK_SIZE);
  const bound = source.length + Math.ceil(source.length / 255) + 16 * blocks +
    15;
  const target = new Uint8Array(bound);
  const view = new DataView(target.buffer);
  const positions = new Int32Array(1 << HASH_BITS).fill(-1);
  view.setUint32(0, LZ4_MAGIC, true);
  target.set(DESCRIPTOR, 4);
  let at = 7;
  for (let start = 0; start < source.length; start += BLOCK_SIZE) {
    const end = Math.min(start + BLOCK_SIZE, source.length);
    const blockEnd = encodeBlock(source, start, end, target, at + 4, positions);
    if (blockEnd - at - 4 < end - start) {
      view.setUint32(at, blockEnd - at - 4, true);
      at = blockEnd;
    } else {
      view.setUint32(at, UNCOMPRESSED_BLOCK + end - start, true);
      target.set(source.subarray(start, end), at + 4);
      at += 4 + end - start;
    }
  }
  view.setUint32(at, 0, true);
  return target.subarray(0, at + 4);
}

/** Writes source[start, end) as one block into `target`; gives where it ends there. */
function encodeBlock(
  source: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  at: number,
  positions: Int32Array,
): number {
  const view = new DataView(
    source.buffer,
    source.byteOffset,
    source.byteLength,
  );
  const matchLimit = end - LAST_LITERALS;
  let anchor = start;
  let position = start;
  let misses = 1 << SKIP_BITS;
  while (position < end - LAST_MATCH_START) {
    const word = view.getUint32(position, true);
    const hash = Math.imul(word, 0x9e3779b1) >>> (32 - HASH_BITS);
    const candidate = positions[hash];
    positions[hash] = position;
    if (
      candidate < start || position - candidate > MAX_DISTANCE ||
      view.getUint32(candidate, true) !== word
    ) {
      position += misses++ >> SKIP_BITS;
      continue;
    }
    misses = 1 << SKIP_BITS;
    let matchEnd = position + MIN_MATCH;
    const shift = position - candidate;
    while (
      matchEnd < matchLimit && source[matchEnd] === source[matchEnd - shift]
    ) {
      matchEnd++;
    }
    const matchLength = matchEnd - position - MIN_MATCH;
    at = writeLiterals(
      source,
      anchor,
      position,
      Math.min(matchLength, 15),
      target,
      at,
    );
    target[at++] = shift;
    target[at++] = shift >> 8;
    if (matchLength >= 15) at = writeLength(target, at, matchLength - 15);
    anchor = position = matchEnd;
  }
  return writeLiterals(source, anchor, end, 0, target, at);
}

/** Writes a sequence's token, with these low bits, and its literals. */
function writeLiterals(
  source: Uint8Array,
  start: number,
  end: number,
  lowBits: number,
  target: Uint8Array,
  at: number,
): number {
  const count = end - start;
  target[at++] = Math.min(count, 15) << 4 | lowBits;
  if (count >= 15) at = writeLength(target, at, count - 15);
  if (count < MIN_LONG_COPY) {
    for (let index = start; index < end; index++) target[at++] = source[index];
    return at;
  }
  target.set(source.subarray(start, end), at);
  return at + count;
}

function writeLength(target: Uint8Array, at: number, rest: number): number {
  for (; rest >= 255; rest -= 255) target[at++] = 255;
  target[at++] = rest;
  return at;
}
