/**
 * Writes integers of Arrow's buffers.
 *
 * @module
 */
import type { Numbers } from "./read_numbers.ts";

const TWO_TO_32 = 2 ** 32;

/** A buffer with these integers, each minus `base`, of 16, 32 or 64 bits. */
export function writeNumbers(numbers: Numbers, bits: number, base = 0): Uint8Array {
  if (bits === 64) return writeInt64s(numbers, base);
  const { length } = numbers;
  const written = bits === 16 ? new Int16Array(length) : new Int32Array(length);
  for (let index = 0; index < length; index++) written[index] = numbers[index] - base;
  return new Uint8Array(written.buffer);
}

function writeInt64s(numbers: Numbers, base: number): Uint8Array {
  const words = new Uint32Array(2 * numbers.length);
  for (let index = 0; index < numbers.length; index++) {
    const number = numbers[index] - base;
    words[2 * index] = number;
    words[2 * index + 1] = Math.floor(number / TWO_TO_32);
  }
  return new Uint8Array(words.buffer);
}
