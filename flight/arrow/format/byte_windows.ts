/**
 * Windows on buffers: a range of bytes, slots or bits, as bytes. They are views where the
 * bytes are right as they lie, and end in zeros where the buffer ends too early.
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

/** The `count` bits from bit `from` on; what follows them in the last byte is left open. */
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
