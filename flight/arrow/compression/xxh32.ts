/**
 * The hash function XXH32, whose value LZ4 frames have as their checksums.
 *
 * @module
 */

const PRIME_1 = 0x9e3779b1;
const PRIME_2 = 0x85ebca77;
const PRIME_3 = 0xc2b2ae3d;
const PRIME_4 = 0x27d4eb2f;
const PRIME_5 = 0x165667b1;
/** So many bytes go through four accumulators at once. */
const STRIPE_BYTES = 16;

/** The hash of these bytes with the seed 0, as an unsigned number. */
export function xxh32(bytes: Uint8Array): number {
  const { length } = bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  let at = 0;
  let hash = PRIME_5;
  if (length >= STRIPE_BYTES) {
    let a = PRIME_1 + PRIME_2 | 0;
    let b = PRIME_2 | 0;
    let c = 0;
    let d = -PRIME_1 | 0;
    for (; at + STRIPE_BYTES <= length; at += STRIPE_BYTES) {
      a = mix(a, view.getInt32(at, true));
      b = mix(b, view.getInt32(at + 4, true));
      c = mix(c, view.getInt32(at + 8, true));
      d = mix(d, view.getInt32(at + 12, true));
    }
    hash = rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18);
  }
  hash = hash + length | 0;
  for (; at + 4 <= length; at += 4) {
    hash = hash + Math.imul(view.getInt32(at, true), PRIME_3) | 0;
    hash = Math.imul(rotate(hash, 17), PRIME_4);
  }
  for (; at < length; at++) {
    hash = hash + Math.imul(bytes[at], PRIME_5) | 0;
    hash = Math.imul(rotate(hash, 11), PRIME_1);
  }
  hash = Math.imul(hash ^ hash >>> 15, PRIME_2);
  hash = Math.imul(hash ^ hash >>> 13, PRIME_3);
  return (hash ^ hash >>> 16) >>> 0;
}

function mix(accumulator: number, word: number): number {
  const sum = accumulator + Math.imul(word, PRIME_2) | 0;
  return Math.imul(rotate(sum, 13), PRIME_1);
}

function rotate(word: number, bits: number): number {
  return word << bits | word >>> (32 - bits);
}
