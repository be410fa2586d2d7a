/**
 * Columns as plain values, which can be compared.
 *
 * @module
 */
import { type RecordBatch, type Table, Vector } from "apache-arrow";

/** A vector's values as plain ones, which can be compared. */
export function valuesOf(vector: Vector): unknown[] {
  return Array.from(
    { length: vector.length },
    (_, row) => plain(vector.get(row)),
  );
}

/** A table's or a batch's columns as plain values, by index and name. */
export function plainColumns(
  table: Table | RecordBatch,
): [string, unknown[]][] {
  return table.schema.fields.map(({ name }, index) => [
    name,
    valuesOf(table.getChildAt(index)!),
  ]);
}

function plain(value: unknown): unknown {
  if (value instanceof Vector) return valuesOf(value);
  if (ArrayBuffer.isView(value)) return [...value as Uint8Array];
  if (typeof value !== "object" || value === null) return value;
  return [...value as Iterable<[string, unknown]>].map((
    [key, inner],
  ) => [key, plain(inner)]);
}
