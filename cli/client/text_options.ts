/**
 * The options for CSV and JSON, as the library has them.
 *
 * @module
 */
import { checkValue } from "../../base/check_options.ts";
import { CSV_READ_KINDS } from "../../files/csv/csv_options.ts";
import { parseType } from "../../files/values/column_types.ts";
import { UsageError } from "../options/command_error.ts";
import type { GivenOptions } from "../options/given_options.ts";

/**
 * The character of --delimiter.
 *
 * @throws {UsageError} when it cannot be one.
 */
export function delimiterOf(options: GivenOptions): string | undefined {
  const text = options.text("delimiter");
  if (text === undefined) return undefined;
  const delimiter = text === "tab" || text === "\\t" ? "\t" : text;
  checkUse(() => checkValue("delimiter", delimiter, CSV_READ_KINDS.delimiter));
  return delimiter;
}

/**
 * The types of --types, such as `id=int64,price=decimal128(10, 2)`, by columns.
 *
 * @throws {UsageError} when it does not look like that, or there is no such type.
 */
export function typesOf(options: GivenOptions): Record<string, string> | undefined {
  const text = options.text("types");
  if (text === undefined) return undefined;
  const types: Record<string, string> = Object.create(null);
  // A comma inside parentheses or brackets belongs to a type.
  for (const pair of text.split(/,(?![^(]*\))(?![^[]*\])/)) {
    const [, name, type] = /^(.+)[=:]\s*([^=:]+)$/.exec(pair.trim()) ?? [];
    if (name === undefined) {
      throw new UsageError(
        `Cannot use --types "${text}": it has to look like id=int64,day=date32`,
      );
    }
    checkUse(() => parseType(type));
    types[name.trim()] = type.trim();
  }
  return { ...types };
}

/** Makes what the library says of an option's value an error of how it is used. */
function checkUse(check: () => unknown): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    throw new UsageError(error.message, { cause: error });
  }
}
