/**
 * Rows of dense unions.
 *
 * @module
 */
import { type BatchColumn, numbersOf, type RowRange } from "../format/batch_columns.ts";
import { about } from "../format/field_layout.ts";
import { childByTypeId } from "../format/union_children.ts";
import type { ColumnSlice } from "./column_slice.ts";

/**
 * Rows of a dense union: the slice has of each child the values from the first to the
 * last that a row has.
 */
export function sliceDenseUnion(
  column: BatchColumn,
  rows: RowRange,
): ColumnSlice {
  const { field, children } = column;
  const { start, count } = rows;
  const typeIds = column.buffers[0].subarray(start, start + count);
  const offsets = numbersOf(column, 1, rows);
  const childOf = childByTypeId(field);
  const lengths = children.map(({ node }) => node.length);
  const begins = children.map(() => Infinity);
  const ends = children.map(() => 0);
  for (let row = 0; row < count; row++) {
    const child = childOf[typeIds[row]];
    const offset = offsets[row];
    // A type id that is not there gives undefined, and no comparison with it holds.
    if (!(offset >= 0 && offset < lengths[child])) {
      throw about(field, `has offset ${offset} of type ${typeIds[row]}, where is none`);
    }
    if (offset < begins[child]) begins[child] = offset;
    if (offset >= ends[child]) ends[child] = offset + 1;
  }
  const moved = new Int32Array(count);
  for (let row = 0; row < count; row++) {
    moved[row] = offsets[row] - begins[childOf[typeIds[row]]];
  }
  return {
    buffers: [typeIds, new Uint8Array(moved.buffer)],
    children: children.map((child, index) =>
      ends[index] === 0
        ? { column: child, start: 0, count: 0 }
        : { column: child, start: begins[index], count: ends[index] - begins[index] }
    ),
  };
}
