/**
 * Checks those values of a batch that say where other values are: offsets, sizes, type
 * ids, run ends and indices of dictionaries. A reader follows them without a check of
 * its own. All other values, such as numbers and text, may be anything.
 *
 * @module
 */
import { type BatchColumn, numbersOf, validityOf } from "../format/batch_columns.ts";
import {
  about,
  checkBufferSize,
  type LayoutKind,
  MAX_ROWS,
} from "../format/field_layout.ts";
import { Finding, refuseWith } from "../format/finding.ts";
import { countNulls, isNull, readNumbers } from "../format/read_numbers.ts";
import { childByTypeId } from "../format/union_children.ts";
import type {
  VerifiedDictionary,
  VerifiedRecordBatch,
} from "../format/verified_message.ts";
import { MAX_INLINE_BYTES, VIEW_WORDS } from "../format/views.ts";
import type { StreamVerifier } from "./stream_verifier.ts";

/** Loops are faster with constants of their own module than with imported ones. */
const STEP = VIEW_WORDS;
const MAX_INLINE = MAX_INLINE_BYTES;

/** What is to be checked of a column, by how it is read. */
const CHECKS: Partial<Record<LayoutKind, (column: BatchColumn) => void>> = {
  "binary": (column) => checkOffsets(column, column.buffers[1].length),
  "list": (column) => checkOffsets(column, column.children[0].node.length),
  "list view": checkListViews,
  "view": checkViews,
  "sparse union": checkTypeIds,
  "dense union": checkUnionOffsets,
  "run-end encoded": checkRunEnds,
};

/**
 * Checks the values of a message that `verifier` accepted, before it is given the
 * next one. Its columns come with their bytes, decompressed.
 *
 * @throws {FlightError} with the verifier's code, when a value leads out of its buffer or child.
 *
 * @example Check a batch that is not compressed
 * ```ts
 * import { bytesIn, withBytes } from "../format/batch_columns.ts";
 * import { checkValues } from "./check_values.ts";
 * import type { StreamVerifier, VerifiedRecordBatch } from "./stream_verifier.ts";
 *
 * export function check(
 *   verifier: StreamVerifier,
 *   batch: VerifiedRecordBatch,
 *   body: Uint8Array,
 * ): void {
 *   checkValues(verifier, batch, withBytes(batch.columns, bytesIn(body)));
 * }
 * ```
 */
export function checkValues(
  verifier: StreamVerifier,
  message: VerifiedRecordBatch | VerifiedDictionary,
  columns: readonly BatchColumn[],
): void {
  const { rows } = message.kind === "dictionary" ? message.batch : message;
  refuseWith(verifier.code, () => {
    if (rows > MAX_ROWS) {
      throw new Finding(`it has ${rows} rows, more than ${MAX_ROWS}`);
    }
    for (const column of columns) checkColumn(verifier, column);
  });
}

function checkColumn(verifier: StreamVerifier, column: BatchColumn): void {
  const { field, node, bitmap, buffers } = column;
  if (node.length > MAX_ROWS) {
    throw about(field, `has ${node.length} rows, more than ${MAX_ROWS}`);
  }
  if (bitmap !== undefined) {
    checkBufferSize(field, field.buffers[0], node, bitmap.length);
  }
  for (const [index, layout] of field.type.buffers.entries()) {
    checkBufferSize(field, layout, node, buffers[index].length);
  }
  if (bitmap !== undefined) checkNullCount(column, bitmap);
  for (const child of column.children) checkColumn(verifier, child);
  if (node.length === 0) return;
  CHECKS[field.type.kind]?.(column);
  if (field.dictionary !== undefined) {
    checkIndices(column, verifier.dictionaryRows(field.dictionary.id) ?? 0);
  }
}

function checkNullCount({ field, node }: BatchColumn, bitmap: Uint8Array): void {
  if (bitmap.length === 0) return;
  const nulls = countNulls(bitmap, node.length);
  if (nulls !== node.nullCount) {
    throw about(field, `counts ${node.nullCount} nulls, but its bitmap has ${nulls}`);
  }
}

function checkOffsets(column: BatchColumn, limit: number): void {
  const offsets = numbersOf(column, 0);
  let before = 0;
  for (let index = 0; index < offsets.length; index++) {
    const offset = offsets[index];
    if (offset < before) {
      throw about(column.field, `has offset ${offset} after ${before}, at ${index}`);
    }
    before = offset;
  }
  if (before > limit) {
    throw about(
      column.field,
      `has offsets up to ${before}, but only ${limit} to point to`,
    );
  }
}

function checkListViews(column: BatchColumn): void {
  const offsets = numbersOf(column, 0);
  const sizes = numbersOf(column, 1);
  const limit = column.children[0].node.length;
  for (let row = 0; row < offsets.length; row++) {
    const offset = offsets[row];
    const size = sizes[row];
    if (offset < 0 || size < 0 || offset + size > limit) {
      throw about(
        column.field,
        `has a list of ${size} at ${offset} in row ${row}, outside of its ${limit}`,
      );
    }
  }
}

function checkViews(column: BatchColumn): void {
  const { field, node, variadicBuffers } = column;
  const validity = validityOf(column);
  const words = readNumbers(column.buffers[0], 32, STEP * node.length);
  const sizes = variadicBuffers.map((buffer) => buffer.length);
  for (let row = 0; row < node.length; row++) {
    const size = words[STEP * row];
    if (size >= 0 && size <= MAX_INLINE) continue;
    const index = words[STEP * row + 2];
    const offset = words[STEP * row + 3];
    // A buffer that is not there gives undefined, and no comparison with it holds.
    const inside = size > 0 && offset >= 0 && offset + size <= sizes[index];
    if (!inside && !isNull(validity, row)) {
      throw about(
        field,
        `has a view of ${size} bytes at ${offset} of buffer ${index} in row ${row}, ` +
          `outside of its ${sizes.length} buffers`,
      );
    }
  }
}

/** Checks the type ids, and gives the index of each id's child. */
function checkTypeIds(column: BatchColumn): Int16Array {
  const { field } = column;
  const childOf = childByTypeId(field);
  const typeIds = column.buffers[0];
  for (let row = 0; row < column.node.length; row++) {
    if (childOf[typeIds[row]] < 0) {
      throw about(field, `has the unknown type id ${typeIds[row]} in row ${row}`);
    }
  }
  return childOf;
}

function checkUnionOffsets(column: BatchColumn): void {
  const childOf = checkTypeIds(column);
  const typeIds = column.buffers[0];
  const offsets = numbersOf(column, 1);
  const lengths = column.children.map((child) => child.node.length);
  for (let row = 0; row < offsets.length; row++) {
    const offset = offsets[row];
    const length = lengths[childOf[typeIds[row]]];
    if (offset < 0 || offset >= length) {
      throw about(
        column.field,
        `has offset ${offset} in row ${row}, outside of its child's ${length}`,
      );
    }
  }
}

function checkRunEnds(column: BatchColumn): void {
  const { field, node, children: [runEnds] } = column;
  const ends = numbersOf(runEnds, 0);
  let before = 0;
  for (let run = 0; run < ends.length; run++) {
    const end = ends[run];
    if (end <= before) throw about(field, `has run end ${end} after ${before}`);
    before = end;
  }
  if (before < node.length) {
    throw about(field, `has ${node.length} rows, but its runs end at ${before}`);
  }
}

function checkIndices(column: BatchColumn, limit: number): void {
  const { field } = column;
  const validity = validityOf(column);
  const indices = numbersOf(column, 0);
  for (let row = 0; row < indices.length; row++) {
    const index = indices[row];
    if ((index < 0 || index >= limit) && !isNull(validity, row)) {
      throw about(
        field,
        `has index ${index} in row ${row}, outside of its dictionary's ${limit}`,
      );
    }
  }
}
