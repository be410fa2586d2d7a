/**
 * Checks the values of a batch that a reader follows without looking: offsets,
 * sizes, type ids, run ends and indices of dictionaries. Values that are only
 * values, such as numbers and text, may be anything.
 *
 * @module
 */
import type { BatchColumn } from "../format/batch_columns.ts";
import {
  about,
  checkBufferSize,
  type FieldLayout,
  type FieldNode,
  type LayoutKind,
} from "../format/field_layout.ts";
import { Finding, refuseWith } from "../format/finding.ts";
import {
  countNulls,
  isNull,
  type Numbers,
  readNumbers,
} from "../format/read_numbers.ts";
import type {
  VerifiedDictionary,
  VerifiedRecordBatch,
} from "../format/verified_message.ts";
import type { StreamVerifier } from "./stream_verifier.ts";

/**
 * The most rows that can be read: the format asks no implementation for more than
 * a signed number of 32 bits counts, and columns of nulls have any number of rows
 * in no bytes at all.
 */
const MOST_ROWS = 2 ** 31 - 1;
/** A view holds texts of up to so many bytes itself. */
const INLINE_BYTES = 12;

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
 * next one. `buffers[i]` has the bytes of the message's i-th buffer, decompressed.
 *
 * @throws {FlightError} with the verifier's code, when a value leads astray.
 * @throws {RangeError} when there are not as many buffers as the message has.
 *
 * @example Check a batch that is not compressed
 * ```ts
 * import { checkValues } from "./check_values.ts";
 * import type { StreamVerifier, VerifiedRecordBatch } from "./stream_verifier.ts";
 *
 * export function check(
 *   verifier: StreamVerifier,
 *   batch: VerifiedRecordBatch,
 *   body: Uint8Array,
 * ): void {
 *   const buffers = batch.buffers.map(({ offset, length }) =>
 *     body.subarray(offset, offset + length)
 *   );
 *   checkValues(verifier, batch, buffers);
 * }
 * ```
 */
export function checkValues(
  verifier: StreamVerifier,
  message: VerifiedRecordBatch | VerifiedDictionary,
  buffers: readonly Uint8Array[],
): void {
  const batch = message.kind === "dictionary" ? message.batch : message;
  if (buffers.length !== batch.buffers.length) {
    throw new RangeError(
      `Cannot check a batch of ${batch.buffers.length} buffers: ${buffers.length} given`,
    );
  }
  refuseWith(verifier.code, () => new ValueChecker(verifier, batch, buffers).check());
}

/** Goes through a batch's columns in the order of its fields. */
class ValueChecker {
  readonly #verifier: StreamVerifier;
  readonly #batch: VerifiedRecordBatch;
  readonly #buffers: readonly Uint8Array[];
  #node = 0;
  #buffer = 0;
  #variadic = 0;

  constructor(
    verifier: StreamVerifier,
    batch: VerifiedRecordBatch,
    buffers: readonly Uint8Array[],
  ) {
    this.#verifier = verifier;
    this.#batch = batch;
    this.#buffers = buffers;
  }

  check(): void {
    if (this.#batch.rows > MOST_ROWS) {
      throw new Finding(`it has ${this.#batch.rows} rows, more than ${MOST_ROWS}`);
    }
    for (const field of this.#batch.fields) this.#column(field);
  }

  #column(field: FieldLayout): BatchColumn {
    const node = this.#batch.nodes[this.#node++];
    if (node.length > MOST_ROWS) {
      throw about(field, `has ${node.length} rows, more than ${MOST_ROWS}`);
    }
    let validity: Uint8Array | undefined;
    const buffers: Uint8Array[] = [];
    for (const layout of field.buffers) {
      const bytes = this.#buffers[this.#buffer++];
      checkBufferSize(field, layout, node, bytes.length);
      if (layout.role === "validity") validity = bytes;
      else buffers.push(bytes);
    }
    checkNullCount(field, node, validity);
    if (node.nullCount === 0) validity = undefined;
    const variadicBuffers = field.type.kind === "view" ? this.#variadicBuffers() : [];
    const children = field.children.map((child) => this.#column(child));
    const column = { field, node, validity, buffers, variadicBuffers, children };
    if (node.length > 0) {
      CHECKS[field.type.kind]?.(column);
      if (field.dictionary !== undefined) {
        checkIndices(column, this.#verifier.dictionaryRows(field.dictionary.id) ?? 0);
      }
    }
    return column;
  }

  #variadicBuffers(): readonly Uint8Array[] {
    const start = this.#buffer;
    this.#buffer += this.#batch.variadicCounts[this.#variadic++];
    return this.#buffers.slice(start, this.#buffer);
  }
}

function checkNullCount(
  field: FieldLayout,
  node: FieldNode,
  validity: Uint8Array | undefined,
): void {
  if (validity === undefined || validity.length === 0) return;
  const nulls = countNulls(validity, node.length);
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
  const { field, node, validity, variadicBuffers } = column;
  const words = readNumbers(column.buffers[0], 32, 4 * node.length);
  const sizes = variadicBuffers.map((buffer) => buffer.length);
  for (let row = 0; row < node.length; row++) {
    const size = words[4 * row];
    if (size >= 0 && size <= INLINE_BYTES) continue;
    const index = words[4 * row + 2];
    const offset = words[4 * row + 3];
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
  const { field, children } = column;
  const childOf = new Int16Array(256).fill(-1);
  children.forEach((_, index) => childOf[field.type.typeIds?.[index] ?? index] = index);
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
  const { field, validity } = column;
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

/** The numbers in one of a column's buffers, as many as its rows ask for. */
function numbersOf({ field, node, buffers }: BatchColumn, index: number): Numbers {
  const { bits, extra } = field.type.buffers[index];
  const signed = !field.type.name.startsWith("Uint");
  return readNumbers(buffers[index], bits, node.length + extra, signed);
}
