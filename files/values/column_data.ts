/**
 * Columns of apache-arrow from their parts.
 *
 * @module
 */
import {
  Data,
  type DataType,
  makeData,
  RecordBatch,
  type Schema,
  Struct,
} from "apache-arrow";

/** The parts of a column. */
export interface ColumnParts {
  /** Which rows have a value. @default all */
  readonly validity?: Validity;
  /** Where each row's values start, and the last one's end. */
  readonly offsets?: Int32Array | BigInt64Array;
  /** The values. */
  readonly values?: ArrayBufferView;
  /** The columns in it. */
  readonly children?: readonly Data[];
}

/** The column of these parts. */
export function columnData(type: DataType, rows: number, parts: ColumnParts): Data {
  const { validity, offsets, values, children = [] } = parts;
  // The types of a Data's buffers depend on its type, which is known only when it runs.
  const buffers = [offsets, values, validity?.bitmap] as never;
  return new Data(type, 0, rows, validity?.nullCount ?? 0, buffers, [...children]);
}

/** The batch of these columns. */
export function batchOf(
  schema: Schema,
  rows: number,
  columns: readonly Data[],
): RecordBatch {
  const type = new Struct(schema.fields);
  const children = [...columns];
  return new RecordBatch(
    schema,
    makeData({ type, length: rows, nullCount: 0, children }),
  );
}

/** Which rows of a column have a value. */
export class Validity {
  readonly #rows: number;
  #bitmap: Uint8Array | undefined;
  #nullCount = 0;

  /** All of so many rows. */
  constructor(rows: number) {
    this.#rows = rows;
  }

  /** A bit a row, which is 1 where there is a value; none when all have one. */
  get bitmap(): Uint8Array {
    return this.#bitmap ?? NOTHING;
  }

  /** How many have none. */
  get nullCount(): number {
    return this.#nullCount;
  }

  /** Says that a row has no value. */
  setNull(row: number): void {
    this.#bitmap ??= new Uint8Array(Math.ceil(this.#rows / 8)).fill(0xff);
    this.#bitmap[row >> 3] &= ~(1 << (row & 7));
    this.#nullCount++;
  }
}

const NOTHING = new Uint8Array(0);
