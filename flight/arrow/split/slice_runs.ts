/**
 * Rows of run-end encoded arrays.
 *
 * @module
 */
import type { BatchColumn, ColumnSlice, RowRange } from "../format/batch_columns.ts";
import { about } from "../format/field_layout.ts";
import { readNumbers } from "../format/read_numbers.ts";
import { writeNumbers } from "../format/write_numbers.ts";

/** Rows of a run-end encoded array: the runs that they lie in, cut to them. */
export function sliceRuns(
  column: BatchColumn,
  { start, count }: RowRange,
): ColumnSlice {
  const [runEnds, values] = column.children;
  const { bits } = runEnds.field.type.buffers[0];
  const [bytes] = runEnds.buffers;
  const width = bits / 8;
  const endOf = (run: number): number =>
    readNumbers(bytes.subarray(run * width, (run + 1) * width), bits, 1)[0];
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
  const ends = readNumbers(bytes.subarray(first * width), bits, taken).slice();
  ends[taken - 1] = end;
  const cutEnds: BatchColumn = {
    ...runEnds,
    node: { length: taken, nullCount: 0 },
    buffers: [writeNumbers(ends, bits, start)],
  };
  return {
    buffers: [],
    children: [
      { column: cutEnds, start: 0, count: taken },
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
