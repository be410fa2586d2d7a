/**
 * How CSV is read and written.
 *
 * @module
 */
import type { OptionKinds, ValueKind } from "../../base/check_options.ts";
import type { BinaryText } from "../../base/binary_text.ts";
import { arrayOf, FLAG, oneOf, text } from "../../base/value_kinds.ts";

/** How `readFile` reads CSV. */
export interface CsvReadOptions {
  /**
   * The character between two cells, one of ASCII.
   * @default a tab for names that end in .tsv; else found from the first rows, among
   * comma, semicolon, tab and `|`
   */
  delimiter?: string;
  /** Whether the first row has the columns' names. @default true */
  header?: boolean;
  /** The columns' names, in place of those of the header. */
  names?: readonly string[];
  /** Texts that are null when they are not in quotes, beside nothing. @default none */
  nulls?: readonly string[];
  /**
   * The types of columns by their names, such as
   * `{ id: "int64", at: "timestamp[ms, UTC]", price: "decimal128(10, 2)" }`.
   * JSON and NDJSON have it, too.
   * @default found from all of a column's cells
   */
  types?: Readonly<Record<string, string>>;
  /** How binary values are written, in columns of the type binary. @default "base64" */
  binary?: BinaryText;
}

/** How `writeFile` writes CSV. */
export interface CsvWriteOptions {
  /** The character between two cells. @default "," */
  delimiter?: string;
  /** Whether the first row has the columns' names. @default true */
  header?: boolean;
  /** How binary values are written. @default they are refused */
  binary?: BinaryText;
}

const DELIMITER: ValueKind = {
  wanted: 'one character of ASCII, such as ";", and no letter, digit, quote, line ' +
    "break or one of _ . + -",
  isType: (value) => typeof value === "string",
  isInRange: (value) => /^[^"\r\n\w.+\-\u0080-\uffff]$/.test(String(value)),
};

const BINARY = oneOf("hex", "base64");

/** The kinds of the options for reading CSV. */
export const CSV_READ_KINDS: OptionKinds<CsvReadOptions> = {
  delimiter: DELIMITER,
  header: FLAG,
  names: arrayOf(text(), 'an array of names, such as ["depth", "mag"]'),
  nulls: arrayOf(text(), 'an array of texts, such as ["NA"]'),
  types: {
    wanted: 'types by column, such as { id: "int64" }',
    isType: (value) =>
      typeof value === "object" && value !== null &&
      Object.values(value).every((type) => typeof type === "string"),
  },
  binary: BINARY,
};

/** The kinds of the options for writing CSV. */
export const CSV_WRITE_KINDS: OptionKinds<CsvWriteOptions> = {
  delimiter: DELIMITER,
  header: FLAG,
  binary: BINARY,
};
