/**
 * Reads files with tables.
 *
 * @module
 */
import type { RecordBatch } from "apache-arrow";
import { checkOptions } from "../base/check_options.ts";
import type { EncodeSource } from "../flight/arrow/encode/encode_source.ts";
import { encode } from "../flight/arrow/encode/encode.ts";
import type { ArrowSchema } from "../flight/arrow/format/arrow_schema.ts";
import { splitMessages } from "../flight/arrow/split/split_messages.ts";
import type { FlightDataInit } from "../proto/flight_data.ts";
import { chooseFormat, type FileFormat, tableNameOf } from "./file_format.ts";
import { ArrowReader } from "./arrow/arrow_reader.ts";
import { READ_FILE_OPTIONS, type ReadFileOptions } from "./read_options.ts";
import { type FileSource, OpenSource } from "./source/file_source.ts";
import type { TableReader } from "./table_reader.ts";

/** What messages of {@linkcode FileTable.messages} stay below, unless it is said. */
const DEFAULT_MAX_MESSAGE_BYTES = 2 << 20;

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
    const reader = await openReader(opened, format, options);
    return new FileTable(format, opened, reader);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/**
 * A table in a file. It is an async iterable of its batches, so that it can be put
 * (`client.putTable(name, file, { schema: file.schema })`) or written in another format
 * as it is. Its rows can be read once, in one way. It has to be closed, unless its rows
 * were read to their end.
 *
 * @example The rows, batch by batch
 * ```ts
 * import { readFile } from "@tinyflight/flight/files";
 *
 * const bytes = new TextEncoder().encode("depth,mag\n562,4.8\n650,4.2\n");
 * await using quakes = await readFile(bytes, { name: "quakes.csv" });
 * console.log(quakes.tableName, `${quakes.schema.fields[0].type}`); // quakes Int64
 * for await (const batch of quakes) console.log(batch.numRows); // 2
 * ```
 */
export class FileTable implements AsyncIterable<RecordBatch>, AsyncDisposable {
  /** The file's format. */
  readonly format: FileFormat;
  /** The table's name, from that of the file; undefined when the file has none. */
  readonly tableName: string | undefined;
  readonly #source: OpenSource;
  readonly #reader: TableReader;
  #isTaken = false;

  /** What {@linkcode readFile} gives. */
  constructor(format: FileFormat, source: OpenSource, reader: TableReader) {
    this.format = format;
    this.tableName = source.name === undefined ? undefined : tableNameOf(source.name);
    this.#source = source;
    this.#reader = reader;
  }

  /**
   * The schema, of the columns that are read.
   *
   * @throws {FileError} when apache-arrow for JavaScript has no such type. The messages
   * of such a file can be read all the same.
   */
  get schema(): ArrowSchema {
    return this.#reader.schema;
  }

  /**
   * The batches.
   *
   * @throws {FileError} when the file is wrong; it names the place.
   */
  async *batches(): AsyncGenerator<RecordBatch> {
    this.#take();
    try {
      yield* this.#reader.batches();
    } finally {
      await this.close();
    }
  }

  /** The same as {@linkcode FileTable.batches}. */
  [Symbol.asyncIterator](): AsyncGenerator<RecordBatch> {
    return this.batches();
  }

  /**
   * The table as messages of a flight, the schema first, for `FlightClient.doPut`. Those
   * of an Arrow file are its own: with types that apache-arrow does not know, too. The
   * option `columns` does not count then. A message stays below `maxMessageBytes` where
   * its batch can be split.
   *
   * @throws {FileError} when the file is wrong; it names the place.
   */
  async *messages(
    maxMessageBytes: number = DEFAULT_MAX_MESSAGE_BYTES,
  ): AsyncGenerator<FlightDataInit> {
    const messages = this.#reader.messages?.();
    if (messages === undefined) {
      const source: EncodeSource = this.batches();
      yield* encode(source, { schema: this.schema, maxMessageBytes });
      return;
    }
    this.#take();
    try {
      yield* splitMessages(messages, maxMessageBytes);
    } finally {
      await this.close();
    }
  }

  /** Closes the file. */
  async close(): Promise<void> {
    await this.#source.close();
  }

  /** The same as {@linkcode FileTable.close}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #take(): void {
    if (this.#isTaken) throw new TypeError("Cannot read a file's rows twice");
    this.#isTaken = true;
  }
}

/** The reader of a format; it has read the schema. */
function openReader(
  source: OpenSource,
  format: FileFormat,
  { columns }: ReadFileOptions,
): Promise<TableReader> {
  switch (format) {
    case "arrow":
      return ArrowReader.open(source, { mayBeFile: true, columns });
    case "arrows":
      return ArrowReader.open(source, { mayBeFile: false, columns });
  }
  throw new Error(format);
}
