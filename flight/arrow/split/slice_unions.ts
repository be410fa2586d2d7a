/**
 * Rows of dense unions.
 *
 * @module
 */
import type { BatchColumn, ColumnSlice, RowRange } from "../format/batch_columns.ts";
import { about } from "../format/field_layout.ts";
import { readNumbers } from "../format/read_numbers.ts";

const TYPE_IDS = 256;

/**
 * Rows of a dense union: each child is cut to all between the first and the last
 * of its values that a row has.
 */
export function sliceDenseUnion(
  column: BatchColumn,
  { start, count }: RowRange,
): ColumnSlice {
  const { field, children } = column;
  const typeIds = column.buffers[0].subarray(start, start + count);
  const offsets = readNumbers(column.buffers[1].subarray(4 * start), 32, count);
  const childOf = new Int16Array(TYPE_IDS).fill(-1);
  children.forEach((_, index) => childOf[field.type.typeIds?.[index] ?? index] = index);
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
