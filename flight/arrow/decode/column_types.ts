/**
 * The types of columns: what a program expects of a table, in its types and when it
 * asks for a check.
 *
 * @module
 */
import { type Schema, type Table, Type, type TypeMap } from "apache-arrow";
import type { ValueKind } from "../../../base/check_options.ts";
import { meantHint } from "../../../base/nearest_names.ts";
import { showValue } from "../../../base/show_value.ts";
import { FlightError } from "../../errors.ts";
import type { TypeLike } from "../encode/arrow_like.ts";
import { TypeRebuilder } from "../encode/rebuild_type.ts";
import { typeInWords } from "../encode/stream_schema.ts";
import { quote } from "../format/finding.ts";

/** The type of each column, by its name: `{ city: Utf8; latitude: Float64 }`. */
export type ColumnTypes = TypeMap;

/** Columns of which no types are stated: apache-arrow's tables have these by default. */
export type AnyColumns = Table extends Table<infer T> ? T : never;

/**
 * The table with columns of these types; without types it is apache-arrow's own. Only
 * `any`, which stands for no types, makes 0 a part of 1.
 */
export type TableOf<T extends ColumnTypes> = 0 extends 1 & T ? Table : TypedTable<T>;

/**
 * A table whose rows have types: those of apache-arrow's Table are `any` in a loop and in
 * `toArray()`. As everywhere in apache-arrow, the types do not say that a value may be
 * null.
 */
export interface TypedTable<T extends ColumnTypes> extends Table<T> {
  /** The rows, one after the other. */
  [Symbol.iterator](): IterableIterator<Table<T>["TValue"]>;
  /** The rows. */
  toArray(): Table<T>["TValue"][];
}

/** The kind of the option `types`. */
export const COLUMN_TYPES: ValueKind = {
  wanted: (value) => {
    const wrong = isObject(value)
      ? Object.entries(value).find(([_, type]) => !isTypeLike(type))
      : undefined;
    const what = "an object with a type of apache-arrow for each column, such as " +
      "{ depth: new Int32() }";
    return wrong === undefined
      ? what
      : `${what}; ${quote(wrong[0])} is ${showValue(wrong[1])}`;
  },
  isType: (value) => isObject(value) && Object.values(value).every(isTypeLike),
};

/**
 * Checks that a schema has these columns, with these types. It may have others, in any
 * order. Whether a column may have nulls does not matter, as a type does not say it.
 *
 * @throws {FlightError} INVALID_ARGUMENT, that names the first column that differs.
 */
export function checkTypes(
  types: Readonly<Record<string, TypeLike>>,
  schema: Schema,
): void {
  const rebuilder = new TypeRebuilder();
  for (const [name, type] of Object.entries(types)) {
    const field = schema.fields.find((field) => field.name === name);
    if (field === undefined) {
      const hint = meantHint(name, schema.fields.map((field) => field.name));
      throw new FlightError(
        "INVALID_ARGUMENT",
        `Cannot read the column ${
          quote(name)
        } of the option \`types\`: it is not there${
          hint === undefined ? "" : `; ${hint}`
        }`,
      );
    }
    const wanted = typeInWords(rebuilder.type(type, name));
    const found = typeInWords(field.type);
    if (wanted === found) continue;
    throw new FlightError(
      "INVALID_ARGUMENT",
      `Cannot read the column ${quote(name)} as ${wanted}: its type is ${found}`,
    );
  }
}

function isTypeLike(value: unknown): value is TypeLike {
  return isObject(value) && typeof value.typeId === "number" && value.typeId in Type;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
