/**
 * Rows of arrays whose values lie at offsets: texts, lists, maps and list views.
 *
 * @module
 */
import { type BatchColumn, numbersOf, type RowRange } from "../format/batch_columns.ts";
import { about } from "../format/field_layout.ts";
import { writeNumbers } from "../format/write_numbers.ts";
import type { ColumnSlice } from "./column_slice.ts";

/** Offsets that start at 0, and the values that they divide. */
interface SlicedOffsets {
  readonly offsets: Uint8Array;
  readonly begin: number;
  readonly end: number;
}

/** Rows of texts or bytes. */
export function sliceBinary(column: BatchColumn, rows: RowRange): ColumnSlice {
  const bytes = column.buffers[1];
  const { offsets, begin, end } = sliceOffsets(column, rows, bytes.length);
  return { buffers: [offsets, bytes.subarray(begin, end)], children: [] };
}

/** Rows of lists or maps. */
export function sliceList(column: BatchColumn, rows: RowRange): ColumnSlice {
  const [child] = column.children;
  const { offsets, begin, end } = sliceOffsets(column, rows, child.node.length);
  return {
    buffers: [offsets],
    children: [{ column: child, start: begin, count: end - begin }],
  };
}

/**
 * Rows of list views. They may have any order, and share items: the slice has the child's
 * items from the first to the last that a row has.
 */
export function sliceListView(column: BatchColumn, rows: RowRange): ColumnSlice {
  const { bits } = column.field.type.buffers[0];
  const offsets = numbersOf(column, 0, rows);
  const sizes = numbersOf(column, 1, rows);
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

function sliceOffsets(
  column: BatchColumn,
  rows: RowRange,
  limit: number,
): SlicedOffsets {
  const { bits } = column.field.type.buffers[0];
  const offsets = numbersOf(column, 0, rows);
  const begin = offsets[0];
  const end = offsets[rows.count];
  if (begin < 0 || end < begin || end > limit) {
    throw about(
      column.field,
      `has offsets from ${begin} to ${end}, outside of its ${limit}`,
    );
  }
  return { offsets: writeNumbers(offsets, bits, begin), begin, end };
}
