/**
 * Formats of files, and what a file's name says of them.
 *
 * @module
 */
import { FileError } from "./file_error.ts";

/**
 * A format of files with tables: `arrow` is Arrow's file format (Feather V2), `arrows`
 * an Arrow IPC stream, `ndjson` one JSON object a line, `json` an array of objects.
 */
export type FileFormat = "csv" | "json" | "ndjson" | "arrow" | "arrows" | "parquet";

/** The formats, in the order in which messages name them. */
export const FILE_FORMATS: readonly FileFormat[] = [
  "csv",
  "json",
  "ndjson",
  "arrow",
  "arrows",
  "parquet",
];

/** The endings of names, without their dots. */
const ENDINGS: { readonly [ending: string]: FileFormat } = {
  csv: "csv",
  tsv: "csv",
  json: "json",
  ndjson: "ndjson",
  jsonl: "ndjson",
  arrow: "arrow",
  feather: "arrow",
  ipc: "arrow",
  arrows: "arrows",
  parquet: "parquet",
  pq: "parquet",
};
const GZIP_ENDING = /\.gz$/i;

/**
 * The format of a file with this name, by its ending: `.csv`, `.tsv`, `.json`,
 * `.ndjson`, `.jsonl`, `.arrow`, `.feather`, `.ipc`, `.arrows`, `.parquet` or `.pq`,
 * each perhaps with `.gz` after it. Undefined for any other.
 *
 * @example What names say
 * ```ts
 * import { formatOf } from "@tinyflight/flight/files";
 *
 * console.log(formatOf("data/quakes.csv")); // csv
 * console.log(formatOf("quakes.jsonl.gz")); // ndjson
 * console.log(formatOf("quakes")); // undefined
 * ```
 */
export function formatOf(fileName: string): FileFormat | undefined {
  const ending = /\.([^./\\]+)$/.exec(fileName.replace(GZIP_ENDING, ""))?.[1];
  const key = ending?.toLowerCase() ?? "";
  return Object.hasOwn(ENDINGS, key) ? ENDINGS[key] : undefined;
}

/**
 * The name of the table in a file with this name: the name without its folders, and
 * without the ending when that is one of a format. Undefined when nothing is left.
 *
 * @example The stem
 * ```ts
 * import { tableNameOf } from "@tinyflight/flight/files";
 *
 * console.log(tableNameOf("data/quakes.csv.gz")); // quakes
 * console.log(tableNameOf("data/2024.quakes")); // 2024.quakes
 * ```
 */
export function tableNameOf(fileName: string): string | undefined {
  const name = fileName.split(/[/\\]/).at(-1)!;
  const plain = name.replace(GZIP_ENDING, "");
  const stem = formatOf(name) === undefined ? plain : plain.replace(/\.[^.]+$/, "");
  return stem === "" ? undefined : stem;
}

/** Whether a file with this name is compressed with gzip. */
export function isGzipName(fileName: string): boolean {
  return GZIP_ENDING.test(fileName);
}

/** Whether a file with this name has tabs between its cells. */
export function hasTabs(fileName: string): boolean {
  return /\.tsv(\.gz)?$/i.test(fileName);
}

/**
 * The format that was asked for, or else that of the name.
 *
 * @throws {FileError} when neither says it.
 */
export function chooseFormat(
  format: FileFormat | undefined,
  fileName: string | undefined,
  verb: "read" | "write",
): FileFormat {
  const chosen = format ?? (fileName === undefined ? undefined : formatOf(fileName));
  if (chosen !== undefined) return chosen;
  const reason = fileName === undefined
    ? "its format is not given"
    : "its name does not end in that of a format";
  throw new FileError(`${reason}; give one of ${FILE_FORMATS.join(", ")}`, {
    verb,
    file: fileName,
  });
}
