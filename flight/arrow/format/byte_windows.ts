/**
 * Ranges of a buffer: of bytes, of slots, or of bits. They are views of the buffer where
 * that is possible, and end with zeros where the buffer is too short.
 *
 * @module
 */

/** The `length` bytes from `start` on. */
export function window(
  bytes: Uint8Array | undefined,
  start: number,
  length: number,
): Uint8Array {
  const found = bytes?.subarray(start, start + length);
  if (found?.length === length) return found;
  const padded = new Uint8Array(length);
  if (found !== undefined) padded.set(found);
  return padded;
}

/** The slots of `rows` rows from `start` on, each of `width` bytes. */
export function slots(
  values: ArrayBufferView<ArrayBuffer> | undefined,
  width: number,
  start: number,
  rows: number,
): Uint8Array {
  const bytes = values &&
    new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return window(bytes, start * width, rows * width);
}

/** The `count` bits from bit `from` on. The rest of the last byte may be anything. */
export function bits(
  bitmap: Uint8Array | undefined,
  from: number,
  count: number,
): Uint8Array {
  const length = Math.ceil(count / 8);
  const shift = from % 8;
  const first = from >> 3;
  if (shift === 0 || bitmap === undefined) return window(bitmap, first, length);
  const shifted = new Uint8Array(length);
  for (let index = 0; index < length; index++) {
    const high = bitmap[first + index + 1] ?? 0;
    shifted[index] = bitmap[first + index] >> shift | high << (8 - shift);
  }
  return shifted;
}
