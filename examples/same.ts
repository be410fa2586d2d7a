/**
 * Compares two tables.
 *
 * @module
 */
import type { Field, Table } from "apache-arrow";

/**
 * The first difference between two tables: in the columns' names, types and metadata,
 * in the number of rows, or in a value or null. Undefined when the tables are equal.
 * Values are compared with `Object.is`, so it is for columns that are not nested.
 */
export function tableDifference(expected: Table, actual: Table): string | undefined {
  const [wanted, found] = [expected, actual].map(({ schema }) =>
    schema.fields.map(describeField).join(", ") + describeMetadata(schema.metadata)
  );
  if (wanted !== found) return `the schema is ${found} and not ${wanted}`;
  if (expected.numRows !== actual.numRows) {
    return `it has ${actual.numRows} rows and not ${expected.numRows}`;
  }
  for (const [index, { name }] of expected.schema.fields.entries()) {
    const [left, right] = [expected, actual].map((table) => table.getChildAt(index));
    for (let row = 0; row < expected.numRows; row++) {
      const [value, other] = [left?.get(row), right?.get(row)];
      if (!Object.is(value, other)) {
        return `row ${row} of "${name}" is ${describe(other)} and not ${
          describe(value)
        }`;
      }
    }
  }
}

function describeField({ name, type, nullable, metadata }: Field): string {
  const nulls = nullable ? "" : " not null";
  return `${name}: ${type}${nulls}${describeMetadata(metadata)}`;
}

function describeMetadata(metadata: ReadonlyMap<string, string>): string {
  return metadata.size === 0 ? "" : ` ${JSON.stringify([...metadata])}`;
}

function describe(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  return Object.is(value, -0) ? "-0" : `${value}`;
}
