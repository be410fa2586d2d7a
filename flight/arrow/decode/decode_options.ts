/**
 * What the decoder takes beside its messages.
 *
 * @module
 */
import type { OptionKinds, OptionSet, ValueKind } from "../../../base/check_options.ts";
import { arrayOf, FLAG, numberFrom, text } from "../../../base/value_kinds.ts";
import { quote } from "../format/finding.ts";
import type { VerifyOptions } from "../verify/stream_verifier.ts";
import { type AnyColumns, COLUMN_TYPES, type ColumnTypes } from "./column_types.ts";

/** How {@linkcode decode} reads, and what it accepts. */
export interface DecodeOptions<T extends ColumnTypes = AnyColumns>
  extends VerifyOptions {
  /**
   * The names of the columns to read. They come in the stream's order; the others
   * are passed over, and may be of any type.
   * @default all of them
   */
  columns?: readonly string[];
  /**
   * The types that columns must have, such as `{ depth: new Int32() }`. When a column is
   * missing, or has another type, the read fails with INVALID_ARGUMENT. Other columns
   * are read, too. These are also the types that rows and columns have in TypeScript.
   * @default no type is checked
   */
  types?: T;
  /**
   * Whether the values come from someone who is trusted, such as this process:
   * then only the messages' structure is checked, and not each value.
   * @default false
   */
  trusted?: boolean;
}

const COLUMNS: ValueKind = arrayOf(
  text(),
  (value) =>
    `an array of names, such as [${
      typeof value === "string" ? quote(value) : '"depth", "mag"'
    }]`,
);

/** The kinds of the options of {@linkcode decode}. */
export const DECODE_OPTION_KINDS: OptionKinds<DecodeOptions> = {
  code: text("INVALID_ARGUMENT"),
  maxHeaderBytes: numberFrom(1),
  maxDecompressedBytes: numberFrom(1),
  maxDepth: numberFrom(1),
  columns: COLUMNS,
  types: COLUMN_TYPES,
  trusted: FLAG,
};

/** The options of {@linkcode decode}. */
export const DECODE_OPTIONS: OptionSet<DecodeOptions> = {
  of: "decode()",
  example: '{ columns: ["depth", "mag"] }',
  kinds: DECODE_OPTION_KINDS,
};
