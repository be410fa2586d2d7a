/**
 * Reads numbers and bits of Arrow's buffers, which may start at any byte of the memory.
 *
 * @module
 */

/** Numbers that can be read by index. */
export type Numbers =
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | Float64Array;

/** One of the classes of {@linkcode Numbers}. */
interface NumbersClass {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): Numbers;
}

const SIGNED: Record<number, NumbersClass> = {
  8: Int8Array,
  16: Int16Array,
  32: Int32Array,
};
const UNSIGNED: Record<number, NumbersClass> = {
  8: Uint8Array,
  16: Uint16Array,
  32: Uint32Array,
};
const TWO_TO_32 = 2 ** 32;

/**
 * The first `count` integers of 8, 16, 32 or 64 bits in a buffer. Those of 64 bits
 * are copied into floats, rounded when they are beyond 2^53; the others are a view
 * of the buffer, unless it is not aligned.
 */
export function readNumbers(
  bytes: Uint8Array,
  bits: number,
  count: number,
  signed = true,
): Numbers {
  if (bits === 64) return readInt64s(bytes, count, signed);
  const NumberArray = (signed ? SIGNED : UNSIGNED)[bits];
  const aligned = align(bytes, count, NumberArray.BYTES_PER_ELEMENT);
  return new NumberArray(aligned.buffer, aligned.byteOffset, count);
}

/** How many of the first `count` bits of a bitmap are zero. */
export function countNulls(bitmap: Uint8Array, count: number): number {
  const wordCount = Math.floor(count / 32);
  const words = readNumbers(bitmap, 32, wordCount);
  let ones = 0;
  for (let index = 0; index < wordCount; index++) ones += onesIn(words[index]);
  for (let index = wordCount * 32; index < count; index++) {
    ones += bitmap[index >> 3] >> (index & 7) & 1;
  }
  return count - ones;
}

/** Whether the row is null by its bitmap; without a bitmap none is. */
export function isNull(bitmap: Uint8Array | undefined, row: number): boolean {
  if (bitmap === undefined) return false;
  return (bitmap[Math.floor(row / 8)] >> row % 8 & 1) === 0;
}

function readInt64s(bytes: Uint8Array, count: number, signed: boolean): Float64Array {
  const aligned = align(bytes, count, 8);
  const words = new Uint32Array(aligned.buffer, aligned.byteOffset, 2 * count);
  const numbers = new Float64Array(count);
  for (let index = 0; index < count; index++) {
    const high = words[2 * index + 1];
    numbers[index] = (signed ? high | 0 : high) * TWO_TO_32 + words[2 * index];
  }
  return numbers;
}

function align(bytes: Uint8Array, count: number, size: number): Uint8Array {
  if (bytes.byteOffset % size === 0) return bytes;
  // The slice() of a node Buffer, unlike that of a Uint8Array, does not copy.
  const copy = new Uint8Array(count * size);
  copy.set(bytes.subarray(0, copy.length));
  return copy;
}

/** How many bits of a 32-bit word are one: sums of pairs, then of wider groups. */
function onesIn(word: number): number {
  word -= word >>> 1 & 0x55555555;
  word = (word & 0x33333333) + (word >>> 2 & 0x33333333);
  word = word + (word >>> 4) & 0x0f0f0f0f;
  return Math.imul(word, 0x01010101) >>> 24;
}
