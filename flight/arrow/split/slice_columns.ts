/**
 * Takes rows out of a record batch without decoding it. Bytes are views of the batch's
 * body where no other bytes are needed.
 *
 * @module
 */
import type { Assembly } from "../format/assembly.ts";
import { bits } from "../format/byte_windows.ts";
import {
  type BatchColumn,
  type RowRange,
  validityOf,
} from "../format/batch_columns.ts";
import type { FieldNode, LayoutKind } from "../format/field_layout.ts";
import { countNulls } from "../format/read_numbers.ts";
import type { ColumnSlice } from "./column_slice.ts";
import { sliceBinary, sliceList, sliceListView } from "./slice_offsets.ts";
import { sliceRuns } from "./slice_runs.ts";
import { sliceDenseUnion } from "./slice_unions.ts";
import { sliceViews } from "./slice_views.ts";

const NOTHING = new Uint8Array(0);

/** How each kind of array is sliced; the slice has a row at least. */
const SLICERS: Record<
  LayoutKind,
  (column: BatchColumn, rows: RowRange) => ColumnSlice
> = {
  "null": sliceRows,
  "fixed": sliceRows,
  "binary": sliceBinary,
  "view": sliceViews,
  "list": sliceList,
  "list view": sliceListView,
  "fixed-size list": sliceRows,
  "struct": sliceRows,
  "sparse union": sliceRows,
  "dense union": sliceDenseUnion,
  "run-end encoded": sliceRuns,
};

/**
 * These rows of the columns, in the form of a message. Bitmaps are not copied where
 * `start` is a multiple of 8.
 *
 * @throws {Finding} when an offset or a size leads out of its column.
 */
export function sliceColumns(
  columns: readonly BatchColumn[],
  start: number,
  count: number,
): Assembly {
  const nodes: FieldNode[] = [];
  const buffers: Uint8Array[] = [];
  const variadicCounts: number[] = [];
  const add = (column: BatchColumn, rows: RowRange): void => {
    const validity = validityOf(column);
    const bitmap = validity && sliceBits(validity, rows);
    const nullCount = bitmap === undefined ? 0 : countNulls(bitmap, rows.count);
    const { kind } = column.field.type;
    nodes.push({
      length: rows.count,
      nullCount: kind === "null" ? rows.count : nullCount,
    });
    if (column.bitmap !== undefined) {
      buffers.push(bitmap === undefined || nullCount === 0 ? NOTHING : bitmap);
    }
    const slice = rows.count === 0 ? emptySlice(column) : SLICERS[kind](column, rows);
    buffers.push(...slice.buffers);
    if (kind === "view") {
      const { variadicBuffers = [] } = slice;
      variadicCounts.push(variadicBuffers.length);
      for (const buffer of variadicBuffers) buffers.push(buffer);
    }
    for (const child of slice.children) add(child.column, child);
  };
  for (const column of columns) add(column, { start, count });
  return { rows: count, nodes, buffers, variadicCounts };
}

/** Rows of an array whose buffers and children go along with its rows. */
function sliceRows(column: BatchColumn, rows: RowRange): ColumnSlice {
  const { start, count } = rows;
  const { buffers, childRows } = column.field.type;
  return {
    buffers: buffers.map(({ bits: width }, index) => {
      const bytes = column.buffers[index];
      if (width === 1) return sliceBits(bytes, rows);
      return bytes.subarray(start * width / 8, (start + count) * width / 8);
    }),
    children: column.children.map((child) => (
      { column: child, start: start * childRows, count: count * childRows }
    )),
  };
}

/** No rows. Some readers want the one offset that there is even then. */
function emptySlice({ field, children }: BatchColumn): ColumnSlice {
  return {
    buffers: field.type.buffers.map(({ extra, bits: width }) =>
      extra === 0 ? NOTHING : new Uint8Array(extra * width / 8)
    ),
    children: children.map((column) => ({ column, start: 0, count: 0 })),
  };
}

function sliceBits(bitmap: Uint8Array, { start, count }: RowRange): Uint8Array {
  return bits(bitmap.subarray(Math.floor(start / 8)), start % 8, count);
}
