/**
 * Takes the views of rows out of a column of apache-arrow (Utf8View, BinaryView), with the
 * part of each data buffer that they refer to.
 *
 * @module
 */
import type { Data } from "apache-arrow";
import { bits, slots } from "../format/byte_windows.ts";
import { MAX_INLINE_BYTES, VIEW_BYTES, VIEW_WORDS } from "../format/views.ts";

/** Views, and the buffers that they refer to. */
export interface Views {
  /** Of each row 16 bytes: length, prefix, buffer and offset, or length and value. */
  readonly views: Uint8Array;
  /** The data buffers. */
  readonly buffers: readonly Uint8Array[];
}

/** Loops are faster with constants of their own module than with imported ones. */
const STEP = VIEW_WORDS;
const MAX_INLINE = MAX_INLINE_BYTES;

/**
 * The views of `rows` rows from `start` on. They are the column's own bytes, unless only a
 * part of a data buffer is taken: then null rows get zeros, as the views in them may refer
 * to anything.
 *
 * @throws {TypeError} when a view refers to a buffer that is not there.
 */
export function assembleViews(data: Data, start: number, rows: number): Views {
  const views = slots(data.values, VIEW_BYTES, start, rows);
  const words = wordsOf(views);
  const isValid = validityOf(data, start, rows);
  const buffers = data.variadicBuffers;
  const from = buffers.map(() => Infinity);
  const to = buffers.map(() => 0);
  for (let at = 0; at < words.length; at += STEP) {
    const length = words[at];
    if (length <= MAX_INLINE || !isValid(at / STEP)) continue;
    const index = words[at + 2];
    const offset = words[at + 3];
    if (buffers[index] === undefined) {
      throw new TypeError(`Cannot encode a view: there is no buffer ${index}`);
    }
    if (offset < from[index]) from[index] = offset;
    if (offset + length > to[index]) to[index] = offset + length;
  }
  if (buffers.every(({ length }, index) => from[index] === 0 && to[index] === length)) {
    return { views, buffers };
  }
  let count = 0;
  const places = to.map((end) => end > 0 ? count++ : -1);
  const moved = new Int32Array(words);
  for (let at = 0; at < moved.length; at += STEP) {
    if (moved[at] <= MAX_INLINE) continue;
    if (isValid(at / STEP)) {
      moved[at + 3] -= from[moved[at + 2]];
      moved[at + 2] = places[moved[at + 2]];
    } else moved.fill(0, at, at + STEP);
  }
  return {
    views: new Uint8Array(moved.buffer),
    buffers: buffers.map((buffer, index) => buffer.subarray(from[index], to[index]))
      .filter((_, index) => places[index] >= 0),
  };
}

function wordsOf(views: Uint8Array): Int32Array {
  const aligned = views.byteOffset % 4 === 0 ? views : new Uint8Array(views);
  return new Int32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4);
}

/** Says of each row whether the column has it, and it is not null. */
function validityOf(data: Data, start: number, rows: number): (row: number) => boolean {
  const present = Math.max(0, Math.min(rows, data.length - start));
  if (!(data.nullCount > 0)) return (row) => row < present;
  const bitmap = bits(data.nullBitmap, data.offset + start, present);
  return (row) => row < present && (bitmap[row >> 3] & 1 << row % 8) !== 0;
}
