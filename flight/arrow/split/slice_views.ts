/**
 * Rows of arrays of views (Utf8View, BinaryView).
 *
 * @module
 */
import {
  type BatchColumn,
  type RowRange,
  validityOf,
} from "../format/batch_columns.ts";
import { about } from "../format/field_layout.ts";
import { isNull, readNumbers } from "../format/read_numbers.ts";
import { MAX_INLINE_BYTES, VIEW_BYTES, VIEW_WORDS } from "../format/views.ts";
import type { ColumnSlice } from "./column_slice.ts";

/**
 * When a range of a buffer has more than so many times the bytes of the texts in it, the
 * texts are copied one by one.
 */
const MAX_SPREAD = 2;

/** Loops are faster with constants of their own module than with imported ones. */
const STEP = VIEW_WORDS;
const MAX_INLINE = MAX_INLINE_BYTES;

/** What the rows of a slice have of one data buffer. */
interface Use {
  readonly buffer: Uint8Array;
  begin: number;
  end: number;
  /** How many bytes all the texts have. */
  size: number;
  /** Which of the slice's data buffers it becomes, once that is known. */
  place: number;
}

/**
 * Rows of views, with what they refer to: of each data buffer the range from the first to
 * the last text, or copies of the texts where most of that range belongs to no row. Null
 * rows become zeros, as the views in them may refer to anything.
 */
export function sliceViews(
  column: BatchColumn,
  { start, count }: RowRange,
): ColumnSlice {
  const views = column.buffers[0].subarray(VIEW_BYTES * start);
  const words = new Int32Array(readNumbers(views, 32, STEP * count));
  clearNulls(words, validityOf(column), start);
  const uses = findUses(words, column);
  const used = uses.filter(({ size }) => size > 0);
  used.forEach((use, place) => use.place = place);
  const variadicBuffers = used.map((use) =>
    isSparse(use) ? new Uint8Array(use.size) : use.buffer.subarray(use.begin, use.end)
  );
  const filled = used.map(() => 0);
  for (let at = 0; at < words.length; at += STEP) {
    const size = words[at];
    if (size <= MAX_INLINE) continue;
    const use = uses[words[at + 2]];
    const offset = words[at + 3];
    words[at + 2] = use.place;
    if (isSparse(use)) {
      const text = use.buffer.subarray(offset, offset + size);
      variadicBuffers[use.place].set(text, filled[use.place]);
      words[at + 3] = filled[use.place];
      filled[use.place] += size;
    } else words[at + 3] = offset - use.begin;
  }
  return { buffers: [new Uint8Array(words.buffer)], variadicBuffers, children: [] };
}

function clearNulls(
  words: Int32Array,
  validity: Uint8Array | undefined,
  start: number,
): void {
  if (validity === undefined) return;
  for (let at = 0; at < words.length; at += STEP) {
    if (isNull(validity, start + at / STEP)) words.fill(0, at, at + STEP);
  }
}

function findUses(words: Int32Array, { field, variadicBuffers }: BatchColumn): Use[] {
  const uses = variadicBuffers.map((buffer): Use => (
    { buffer, begin: Infinity, end: 0, size: 0, place: 0 }
  ));
  for (let at = 0; at < words.length; at += STEP) {
    const size = words[at];
    if (size >= 0 && size <= MAX_INLINE) continue;
    const use = uses[words[at + 2]];
    const offset = words[at + 3];
    if (
      use === undefined || size < 0 || offset < 0 || offset + size > use.buffer.length
    ) {
      throw about(
        field,
        `has a view of ${size} bytes at ${offset} of buffer ${words[at + 2]}, ` +
          `outside of its ${uses.length} buffers`,
      );
    }
    if (offset < use.begin) use.begin = offset;
    if (offset + size > use.end) use.end = offset + size;
    use.size += size;
  }
  return uses;
}

function isSparse({ begin, end, size }: Use): boolean {
  return end - begin > MAX_SPREAD * size;
}
