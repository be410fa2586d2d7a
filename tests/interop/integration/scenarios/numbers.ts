/**
 * The tables of the scenarios: one column, `number`, without nulls.
 *
 * @module
 */
import {
  type DataType,
  Field,
  Schema,
  Table,
  type Vector,
  vectorFromArray,
} from "apache-arrow";

/** The schema of a column of this type. */
export function numberSchema(type: DataType): Schema {
  return new Schema([new Field("number", type, false)]);
}

/** The table of a column with these values. */
export function numberTable(type: DataType, values: readonly number[]): Table {
  const number: Vector = vectorFromArray(values, type);
  return new Table(numberSchema(type), { number });
}
