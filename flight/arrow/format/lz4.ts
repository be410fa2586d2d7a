/**
 * The LZ4 frame format, which Arrow uses to compress buffers. It is written here
 * because a decoder for bytes from strangers has to stop at the length that they
 * announced, and the JavaScript packages do not.
 *
 * @module
 */

const MAGIC = 0x184d2204;
/** Version 1, blocks that do not need each other, at most 4 MiB; and their check byte. */
const DESCRIPTOR: readonly number[] = [0x60, 0x70, 0x73];
const BLOCK_SIZE = 4 << 20;
const UNCOMPRESSED_BLOCK = 0x80000000;
const MIN_MATCH = 4;
/** The format wants the last bytes of a block to be literals. */
const LAST_LITERALS = 5;
const LAST_MATCH_START = 12;
const MAX_DISTANCE = 0xffff;
const HASH_BITS = 14;
/** From this length on a call of the runtime copies faster than a loop. */
const LONG_COPY = 64;
/** After so many misses in a row, as a power of two, the search takes longer steps. */
const SKIP_BITS = 6;

/** These bytes as one LZ4 frame. */
export function lz4Encode(source: Uint8Array): Uint8Array {
  const blocks = Math.ceil(source.length / BLOCK_SIZE);
  const bound = source.length + Math.ceil(source.length / 255) + 16 * blocks +
    15;
  const target = new Uint8Array(bound);
  const view = new DataView(target.buffer);
  const positions = new Int32Array(1 << HASH_BITS).fill(-1);
  view.setUint32(0, MAGIC, true);
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
  if (count < LONG_COPY) {
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

/**
 * The `length` bytes that this LZ4 frame holds. Checksums in the frame are not
 * looked at: what they would protect has its own checks.
 *
 * @throws {SyntaxError} when the frame is damaged, or holds more bytes or fewer.
 */
export function lz4Decode(source: Uint8Array, length: number): Uint8Array {
  const view = new DataView(
    source.buffer,
    source.byteOffset,
    source.byteLength,
  );
  if (source.length < 7 || view.getUint32(0, true) !== MAGIC) {
    throw new SyntaxError("Cannot read an LZ4 frame: it does not start as one");
  }
  const flags = source[4];
  if (flags >> 6 !== 1) {
    throw new SyntaxError(
      `Cannot read an LZ4 frame: its version is ${flags >> 6}, not 1`,
    );
  }
  const hasBlockChecksum = (flags & 16) !== 0;
  const hasContentSize = (flags & 8) !== 0;
  const hasDictionaryId = (flags & 1) !== 0;
  let at = 7 + (hasContentSize ? 8 : 0) + (hasDictionaryId ? 4 : 0);
  const target = new Uint8Array(length);
  let written = 0;
  while (true) {
    if (at + 4 > source.length) throw damaged();
    const word = view.getUint32(at, true);
    at += 4;
    if (word === 0) break;
    const end = at + word % UNCOMPRESSED_BLOCK;
    if (end > source.length) throw damaged();
    if (word < UNCOMPRESSED_BLOCK) {
      written = decodeBlock(source, at, end, target, written);
    } else {
      if (written + end - at > length) throw damaged();
      target.set(source.subarray(at, end), written);
      written += end - at;
    }
    at = end + (hasBlockChecksum ? 4 : 0);
  }
  if (written !== length) throw damaged();
  return target;
}

/** Reads source[at, end) as one block into `target`; gives where it ends there. */
function decodeBlock(
  source: Uint8Array,
  at: number,
  end: number,
  target: Uint8Array,
  written: number,
): number {
  const size = target.length;
  while (at < end) {
    const token = source[at++];
    let literals = token >> 4;
    if (literals === 15) {
      let more = 255;
      while (more === 255) {
        if (at >= end) throw damaged();
        literals += more = source[at++];
      }
    }
    if (literals > end - at || literals > size - written) throw damaged();
    if (literals < LONG_COPY) {
      for (const to = at + literals; at < to;) target[written++] = source[at++];
    } else {
      target.set(source.subarray(at, at + literals), written);
      written += literals;
      at += literals;
    }
    if (at === end) break;

    if (at + 2 > end) throw damaged();
    const distance = source[at] | source[at + 1] << 8;
    at += 2;
    let length = MIN_MATCH + (token & 15);
    if (length === MIN_MATCH + 15) {
      let more = 255;
      while (more === 255) {
        if (at >= end) throw damaged();
        length += more = source[at++];
      }
    }
    if (distance === 0 || distance > written || length > size - written) {
      throw damaged();
    }
    let from = written - distance;
    const to = written + length;
    if (length < LONG_COPY) {
      while (written < to) target[written++] = target[from++];
    } else {
      // What repeats itself is copied in steps that grow with what there is already.
      while (written < to) {
        const step = Math.min(written - from, to - written);
        target.copyWithin(written, from, from + step);
        written += step;
      }
    }
  }
  return written;
}

function damaged(): SyntaxError {
  return new SyntaxError(
    "Cannot read an LZ4 frame: it is damaged, or not as long as announced",
  );
}
