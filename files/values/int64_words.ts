/**
 * Numbers of 64 bits, written as two of 32, which is much faster than by bigints.
 *
 * @module
 */

const TWO_TO_32 = 2 ** 32;
const TWO_TO_16 = 2 ** 16;

/**
 * Writes `high * factor + low` as the number `index` of 64 bits: `high` is below 2^38 and
 * `factor` and `low` below 2^31, whatever their signs.
 */
export function setProduct(
  words: Int32Array,
  index: number,
  high: number,
  factor: number,
  low: number,
): void {
  // Each product below 2^53 is exact: so `high` is split.
  const top = Math.floor(high / TWO_TO_16);
  const upper = top * factor;
  const lower = (high - top * TWO_TO_16) * factor + low;
  const upperTop = Math.floor(upper / TWO_TO_16);
  const sum = (upper - upperTop * TWO_TO_16) * TWO_TO_16 + lower;
  words[2 * index] = sum;
  words[2 * index + 1] = upperTop + Math.floor(sum / TWO_TO_32);
}

/** Writes a whole number below 2^53. */
export function setInt53(words: Int32Array, index: number, value: number): void {
  words[2 * index] = value;
  words[2 * index + 1] = Math.floor(value / TWO_TO_32);
}
