/**
 * Reads what was decoded, as somebody would who uses it.
 *
 * @module
 */
import { MapRow, StructRow, type Table, Vector } from "apache-arrow";
import { Fault } from "../target.ts";

/**
 * More values than any stream here has: columns of nulls have any number of rows in
 * no bytes at all, and nobody waits for two thousand millions of them.
 */
const MAX_VALUES = 5000;
/** What apache-arrow says of numbers that it has no number for. */
const LIMITS: readonly RegExp[] = [
  // Dates and timestamps become numbers, exact ones, when they are read.
  /is not safe to convert to a number/,
];

/** Whether an error is one that apache-arrow gives for values that are in order. */
export function isLimit(error: unknown): boolean {
  return LIMITS.some((limit) => limit.test(String(error)));
}

/** Reads the values of all columns, up to a few thousand of them. */
export function readValues(table: Table): void {
  const reader = new ValueReader();
  table.schema.fields.forEach(({ name }, index) => {
    const column = table.getChildAt(index);
    if (column === null) throw new Fault(`the column ${name} is not there`);
    if (column.length !== table.numRows) {
      throw new Fault(
        `the column ${name} has ${column.length} of ${table.numRows} rows`,
      );
    }
    reader.read(column);
    reader.readLast(column);
  });
}

/** The values of all columns as one text, by which tables can be compared. */
export function showValues(table: Table): string {
  return table.schema.fields.map((_, index) => show(table.getChildAt(index))).join(
    "; ",
  );
}

function show(value: unknown): string {
  if (value instanceof Vector) {
    const rows = Array.from({ length: value.length }, (_, row) => value.get(row));
    return `[${rows.map(show)}]`;
  }
  if (value instanceof StructRow || value instanceof MapRow) {
    return `{${[...value].map(([key, item]) => `${show(key)}: ${show(item)}`)}}`;
  }
  return `${value}`;
}

class ValueReader {
  #count = 0;

  read(value: unknown): void {
    if (++this.#count > MAX_VALUES) return;
    if (value instanceof Vector) {
      const rows = Math.min(value.length, MAX_VALUES - this.#count);
      for (let row = 0; row < rows; row++) this.#readRow(value, row);
    } else if (value instanceof StructRow || value instanceof MapRow) {
      this.#withinLimits(() => {
        for (const [, item] of value) {
          if (this.#count > MAX_VALUES) break;
          this.read(item);
        }
      });
    }
  }

  readLast(column: Vector): void {
    if (column.length > 0) this.#readRow(column, column.length - 1);
  }

  #readRow(vector: Vector, row: number): void {
    this.#withinLimits(() => {
      const value = vector.get(row);
      if (vector.isValid(row) && value === undefined) {
        throw new Fault(`the value in row ${row} of ${vector.length} is undefined`);
      }
      this.read(value);
    });
  }

  #withinLimits(read: () => void): void {
    try {
      read();
    } catch (error) {
      if (!isLimit(error)) throw error;
    }
  }
}
