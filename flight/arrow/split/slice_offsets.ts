/**
 * Rows of arrays whose values lie at offsets: texts, lists, maps and list views.
 *
 * @module
 */
import type { BatchColumn, ColumnSlice, RowRange } from "../format/batch_columns.ts";
import { about } from "../format/field_layout.ts";
import { type Numbers, readNumbers } from "../format/read_numbers.ts";
import { writeNumbers } from "../format/write_numbers.ts";

/** Offsets that start at 0, and the values that they divide. */
interface CutOffsets {
  readonly offsets: Uint8Array;
  readonly begin: number;
  readonly end: number;
}

/** Rows of texts or bytes. */
export function sliceBinary(column: BatchColumn, rows: RowRange): ColumnSlice {
  const bytes = column.buffers[1];
  const { offsets, begin, end } = cutOffsets(column, rows, bytes.length);
  return { buffers: [offsets, bytes.subarray(begin, end)], children: [] };
}

/** Rows of lists or maps. */
export function sliceList(column: BatchColumn, rows: RowRange): ColumnSlice {
  const [child] = column.children;
  const { offsets, begin, end } = cutOffsets(column, rows, child.node.length);
  return {
    buffers: [offsets],
    children: [{ column: child, start: begin, count: end - begin }],
  };
}

/**
 * Rows of list views. They may lie in any order, and share items: the child is cut
 * to all between the first and the last item that a row has.
 */
export function sliceListView(column: BatchColumn, rows: RowRange): ColumnSlice {
  const { bits } = column.field.type.buffers[0];
  const offsets = numbersOf(column, 0, rows.start, rows.count);
  const sizes = numbersOf(column, 1, rows.start, rows.count);
  const [child] = column.children;
  let begin = Infinity, end = 0;
  for (let row = 0; row < rows.count; row++) {
    const offset = offsets[row], size = sizes[row];
    if (offset < 0 || size < 0 || offset + size > child.node.length) {
      throw about(
        column.field,
        `has a list of ${size} at ${offset}, outside of its ${child.node.length}`,
      );
    }
    if (size === 0) continue;
    if (offset < begin) begin = offset;
    if (offset + size > end) end = offset + size;
  }
  if (end === 0) begin = 0;
  const moved = offsets.slice();
  for (let row = 0; row < rows.count; row++) {
    // An empty list may lie where the slice has no items.
    if (sizes[row] === 0) moved[row] = begin;
  }
  return {
    buffers: [writeNumbers(moved, bits, begin), writeNumbers(sizes, bits)],
    children: [{ column: child, start: begin, count: end - begin }],
  };
}

function cutOffsets(
  column: BatchColumn,
  { start, count }: RowRange,
  limit: number,
): CutOffsets {
  const { bits } = column.field.type.buffers[0];
  const offsets = numbersOf(column, 0, start, count + 1);
  const begin = offsets[0];
  const end = offsets[count];
  if (begin < 0 || end < begin || end > limit) {
    throw about(
      column.field,
      `has offsets from ${begin} to ${end}, outside of its ${limit}`,
    );
  }
  return { offsets: writeNumbers(offsets, bits, begin), begin, end };
}

function numbersOf(
  { field, buffers }: BatchColumn,
  index: number,
  start: number,
  count: number,
): Numbers {
  const { bits } = field.type.buffers[index];
  return readNumbers(buffers[index].subarray(start * bits / 8), bits, count);
}
