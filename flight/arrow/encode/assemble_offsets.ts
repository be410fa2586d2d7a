/**
 * Takes the offsets of rows out of a column of apache-arrow.
 *
 * @module
 */
import type { Data } from "apache-arrow";
import { slots } from "../format/byte_windows.ts";

/** Offsets of 32 or 64 bits. */
type OffsetArray = Int32Array<ArrayBuffer> | BigInt64Array<ArrayBuffer>;

/** The offsets of variable-width values, and the range that they cover. */
export interface Offsets {
  /** rows + 1 offsets, the first of them 0. */
  readonly bytes: Uint8Array;
  /** Where the values start, in the column's own values. */
  readonly begin: number;
  /** Where they end there. */
  readonly end: number;
}

/** The offsets of `rows` rows from `start` on. Rows that the column does not have are empty. */
export function assembleOffsets(data: Data, start: number, rows: number): Offsets {
  const last = Math.min(start + rows, data.length);
  const found = written(
    data.valueOffsets?.subarray(start, last + 1) ?? new Int32Array(0),
  );
  if (found.length === 0) {
    const { BYTES_PER_ELEMENT } = data.type.OffsetArrayType;
    return { bytes: new Uint8Array((rows + 1) * BYTES_PER_ELEMENT), begin: 0, end: 0 };
  }
  const begin = Number(found[0]);
  const end = Number(found[found.length - 1]);
  const bytes = begin === 0 && found.length === rows + 1
    ? slots(found, found.BYTES_PER_ELEMENT, 0, rows + 1)
    : new Uint8Array(fromZero(found, rows + 1));
  return { bytes, begin, end };
}

/** The offsets minus the first of them; the last is repeated up to this count. */
function fromZero(found: OffsetArray, count: number): ArrayBuffer {
  if (found instanceof BigInt64Array) {
    const first = found[0];
    const result = new BigInt64Array(count).fill(found[found.length - 1] - first);
    for (let index = 0; index < found.length; index++) {
      result[index] = found[index] - first;
    }
    return result.buffer;
  }
  const first = found[0];
  const result = new Int32Array(count).fill(found[found.length - 1] - first);
  for (let index = 0; index < found.length; index++) {
    result[index] = found[index] - first;
  }
  return result.buffer;
}

/**
 * The offsets without zeros at their end. Those were never written: apache-arrow's builders
 * reserve more offsets than they use, and its tables may count them as rows.
 */
function written(found: OffsetArray): OffsetArray {
  let length = found.length;
  while (length > 0 && Number(found[length - 1]) === 0) length--;
  return length === 0 ? found : found.subarray(0, length);
}
