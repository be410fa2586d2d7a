/**
 * Tables in files: CSV, JSON, NDJSON, Arrow (files and streams) and Parquet, read and written batch by batch.
 *
 * @example CSV to Arrow
 * ```ts
 * import { readFile, writeFile } from "@tinyflight/flight/files";
 *
 * const bytes = new TextEncoder().encode("depth,mag\n562,4.8\n650,4.2\n");
 * await using quakes = await readFile(bytes, { name: "quakes.csv" });
 * console.log(`${quakes.schema}`); // Schema<{ 0: depth: Int64, 1: mag: Float64 }>
 * for await (const chunk of writeFile(quakes, { format: "arrow" })) {
 *   console.log(chunk.length);
 * }
 * ```
 *
 * @module
 */
export type { CsvReadOptions, CsvWriteOptions } from "./csv/csv_options.ts";
export { FileError, type FilePlace } from "./file_error.ts";
export { type FileFormat, formatOf, tableNameOf } from "./file_format.ts";
export type { FileTable } from "./file_table.ts";
export { readFile } from "./read_file.ts";
export type { ReadFileOptions } from "./read_options.ts";
export type { BinaryText } from "../base/binary_text.ts";
export type { FileSource } from "./source/file_source.ts";
export {
  type FileCompression,
  writeFile,
  type WriteFileOptions,
  writeMessages,
} from "./write_file.ts";
