/**
 * Reads files with tables.
 *
 * @module
 */
import { checkOptions } from "../base/check_options.ts";
import { openArrow } from "./arrow/open_arrow.ts";
import { CsvReader } from "./csv/csv_reader.ts";
import { chooseFormat, type FileFormat } from "./file_format.ts";
import { type FileTable, OpenTable } from "./file_table.ts";
import { JsonReader } from "./json/json_reader.ts";
import { openParquet } from "./parquet/open_parquet.ts";
import {
  checkFormatOptions,
  READ_FILE_OPTIONS,
  type ReadFileOptions,
} from "./read_options.ts";
import { type FileSource, OpenSource } from "./source/file_source.ts";
import type { TableReader } from "./table_reader.ts";

/**
 * Opens a file with a table, and reads as much of it as its schema needs: of CSV and
 * JSON everything, since a column's type depends on all of its values. The rows are
 * read when they are asked for, batch by batch.
 *
 * @throws {FileError} when the file is wrong; it names the place.
 * @throws {TypeError} when an option has a wrong type.
 *
 * @example From a file to a server
 * ```ts
 * import { readFile } from "@tinyflight/flight/files";
 * import { TinyClient } from "@tinyflight/flight/client";
 * import { TinyServer } from "@tinyflight/flight/server";
 *
 * await using server = await new TinyServer({ port: 0 }).listen();
 * await using client = await TinyClient.connect(server.location);
 *
 * const bytes = new TextEncoder().encode("depth,mag\n562,4.8\n650,4.2\n");
 * await using quakes = await readFile(bytes, { name: "quakes.csv" });
 * await client.putTable("quakes", quakes, { schema: quakes.schema });
 * ```
 */
export async function readFile(
  source: FileSource,
  options: ReadFileOptions = {},
): Promise<FileTable> {
  checkOptions(READ_FILE_OPTIONS, options);
  const opened = await OpenSource.open(source, options);
  try {
    const format = chooseFormat(options.format, opened.name, "read");
    checkFormatOptions(options, format);
    const reader = await openReader(opened, format, options);
    return new OpenTable(format, opened, reader);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** The reader of a format; it has read the schema. */
function openReader(
  source: OpenSource,
  format: FileFormat,
  options: ReadFileOptions,
): Promise<TableReader> {
  const { columns } = options;
  switch (format) {
    case "csv":
      return CsvReader.open(source, options);
    case "json":
    case "ndjson":
      return JsonReader.open(source, options);
    case "arrow":
      return openArrow(source, { mayBeFile: true, columns });
    case "arrows":
      return openArrow(source, { mayBeFile: false, columns });
    case "parquet":
      return openParquet(source, { columns });
  }
}
