/**
 * How files are read.
 *
 * @module
 */
import type { OptionKinds, OptionSet } from "../base/check_options.ts";
import {
  arrayOf,
  FLAG,
  functionLike,
  oneOf,
  SIGNAL,
  text,
} from "../base/value_kinds.ts";
import { CSV_READ_KINDS, type CsvReadOptions } from "./csv/csv_options.ts";
import { FILE_FORMATS, type FileFormat } from "./file_format.ts";

/** How `readFile` reads. */
export interface ReadFileOptions extends CsvReadOptions {
  /** The file's format. @default what the file's name says */
  format?: FileFormat;
  /**
   * The file's name: for its format, its table's name, and messages.
   * @default the path or the Blob's name
   */
  name?: string;
  /** The names of the columns to read, which come in the file's order. @default all */
  columns?: readonly string[];
  /** Whether the file is compressed with gzip. @default whether its name ends in .gz */
  gzip?: boolean;
  /** The folder for temporary files. @default the system's */
  temporaryFolder?: string;
  /** Ends the reading when it is aborted. */
  signal?: AbortSignal;
  /**
   * Called with how many bytes of the file were read, and how many there are, where it is
   * read in order. CSV is read twice: before `readFile` resolves, for the types of its
   * columns, and then for its rows.
   */
  onRead?: (position: number, size: number) => void;
}

/** The options of `readFile`. */
export const READ_FILE_OPTIONS: OptionSet<ReadFileOptions> = {
  of: "readFile()",
  example: '{ format: "csv" }',
  kinds: {
    format: oneOf(...FILE_FORMATS),
    name: text("quakes.csv"),
    columns: arrayOf(text(), 'an array of names, such as ["depth", "mag"]'),
    gzip: FLAG,
    temporaryFolder: text("/tmp"),
    signal: SIGNAL,
    onRead: functionLike("(position, size) => {}"),
    ...CSV_READ_KINDS,
  } satisfies OptionKinds<ReadFileOptions>,
};

const CSV_ONLY = ["delimiter", "header", "names", "nulls", "binary"] as const;

/** @throws {TypeError} when an option does not count for files of this format. */
export function checkFormatOptions(options: ReadFileOptions, format: FileFormat): void {
  if (format === "csv") return;
  const isJson = format === "json" || format === "ndjson";
  const others = isJson ? CSV_ONLY : [...CSV_ONLY, "types"] as const;
  const wrong = others.find((name) => options[name] !== undefined);
  if (wrong === undefined) return;
  throw new TypeError(
    `Cannot use the option "${wrong}": files of the format ${format} do not have it`,
  );
}
