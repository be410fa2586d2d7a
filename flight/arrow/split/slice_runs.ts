/**
 * Rows of run-end encoded arrays.
 *
 * @module
 */
import { type BatchColumn, numbersOf, type RowRange } from "../format/batch_columns.ts";
import { about } from "../format/field_layout.ts";
import { writeNumbers } from "../format/write_numbers.ts";
import type { ColumnSlice } from "./column_slice.ts";

/** Rows of a run-end encoded array: the runs that have them, cut off at the first and last row. */
export function sliceRuns(
  column: BatchColumn,
  { start, count }: RowRange,
): ColumnSlice {
  const [runEnds, values] = column.children;
  const { bits } = runEnds.field.type.buffers[0];
  const endOf = (run: number): number =>
    numbersOf(runEnds, 0, { start: run, count: 1 })[0];
  const runs = runEnds.node.length;
  const end = start + count;
  const first = findRun(endOf, runs, (runEnd) => runEnd > start);
  const last = findRun(endOf, runs, (runEnd) => runEnd >= end);
  if (last === runs) {
    throw about(
      column.field,
      `has ${column.node.length} rows, but its runs end before`,
    );
  }
  const taken = last + 1 - first;
  const ends = numbersOf(runEnds, 0, { start: first, count: taken }).slice();
  ends[taken - 1] = end;
  const slicedEnds: BatchColumn = {
    ...runEnds,
    node: { length: taken, nullCount: 0 },
    buffers: [writeNumbers(ends, bits, start)],
  };
  return {
    buffers: [],
    children: [
      { column: slicedEnds, start: 0, count: taken },
      { column: values, start: first, count: taken },
    ],
  };
}

/** The first run whose end is far enough, or the number of runs. */
function findRun(
  endOf: (run: number) => number,
  runs: number,
  isFar: (runEnd: number) => boolean,
): number {
  let low = 0, high = runs;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (isFar(endOf(middle))) high = middle;
    else low = middle + 1;
  }
  return low;
}
