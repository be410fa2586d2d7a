/**
 * The options for files of put, get and head.
 *
 * @module
 */
import { FILE_FORMATS, type FileFormat } from "../../files/file_format.ts";
import type { Option } from "../options/option.ts";
import { UsageError } from "../options/command_error.ts";
import type { GivenOptions } from "../options/given_options.ts";

/** The format of a file. */
export const AS: Option = {
  name: "as",
  kind: FILE_FORMATS,
  value: "FORMAT",
  help: FILE_FORMATS.join(", "),
  byDefault: "by the name",
};

/** The columns to read. */
export const COLUMNS: Option = {
  name: "columns",
  short: "c",
  kind: "list",
  value: "NAMES",
  help: "only these columns, such as city,latitude",
};

/** How CSV is. */
export const DELIMITER: Option = {
  name: "delimiter",
  kind: "text",
  value: "CHARACTER",
  help: "between two cells of CSV; tab for a tab",
};

/** The formats for which an option is; all others are for all formats. */
const FORMATS_OF: { readonly [option: string]: readonly FileFormat[] } = {
  delimiter: ["csv"],
  "no-header": ["csv"],
  nulls: ["csv"],
  binary: ["csv"],
  types: ["csv", "json", "ndjson"],
  compression: ["arrow", "arrows", "parquet"],
};
/** How Parquet is compressed in ways that Arrow does not have. */
const PARQUET_ONLY: readonly string[] = ["snappy", "gzip"];

/**
 * Checks that options are given only with the formats that they are for.
 *
 * @throws {UsageError} when they are not.
 */
export function checkFormatOptions(
  format: FileFormat,
  options: GivenOptions,
  ...names: readonly string[]
): void {
  const wrong = options.among(...names).find((name) =>
    !FORMATS_OF[name].includes(format)
  );
  if (wrong !== undefined) {
    throw new UsageError(
      `Cannot use --${wrong} with the format ${format}: it is for ${
        FORMATS_OF[wrong].join(", ")
      }`,
    );
  }
  const compression = names.includes("compression") && options.text("compression");
  if (compression && PARQUET_ONLY.includes(compression) && format !== "parquet") {
    throw new UsageError(
      `Cannot use --compression ${compression} with the format ${format}: it is for parquet`,
    );
  }
}
