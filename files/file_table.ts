/**
 * Tables in files that are open.
 *
 * @module
 */
import type { RecordBatch } from "apache-arrow";
import { encode } from "../flight/arrow/encode/encode.ts";
import type { ArrowSchema } from "../flight/arrow/format/arrow_schema.ts";
import { splitMessages } from "../flight/arrow/split/split_messages.ts";
import type { FlightDataInit } from "../proto/flight_data.ts";
import { type FileFormat, tableNameOf } from "./file_format.ts";
import type { OpenSource } from "./source/file_source.ts";
import type { TableReader } from "./table_reader.ts";

/** What messages stay below, unless it is said. */
const DEFAULT_MAX_MESSAGE_BYTES = 2 << 20;

/**
 * A table in a file. It is an async iterable of its batches, so that it can be put
 * (`client.putTable(name, file, { schema: file.schema })`) or written in another format
 * (`writeFile(file, { format: "arrow" })`) as it is. Its rows can be read once, in one
 * way. It has to be closed, unless its rows were read to their end.
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
export interface FileTable extends AsyncIterable<RecordBatch>, AsyncDisposable {
  /** The file's format. */
  readonly format: FileFormat;
  /** The table's name, from that of the file; undefined when the file has none. */
  readonly tableName: string | undefined;
  /**
   * The schema, of the columns that are read. Getting it throws a FileError when
   * apache-arrow for JavaScript does not have a column's type. The messages of such a file
   * can be read all the same.
   */
  readonly schema: ArrowSchema;
  /** The batches. They throw a FileError with its place where the file is wrong. */
  batches(): AsyncGenerator<RecordBatch>;
  /**
   * The table as messages of a flight, the schema first, for `FlightClient.doPut`. Those
   * of an Arrow file of which all columns are read are its own: with types that
   * apache-arrow does not know, too. A message stays below `maxMessageBytes` (2 MiB unless
   * it is said) where its batch can be split. They throw a FileError where the file is
   * wrong.
   */
  messages(maxMessageBytes?: number): AsyncGenerator<FlightDataInit>;
  /** Closes the file. */
  close(): Promise<void>;
}

/** A file whose schema was read. */
export class OpenTable implements FileTable {
  readonly format: FileFormat;
  readonly tableName: string | undefined;
  readonly #source: OpenSource;
  readonly #reader: TableReader;
  #isTaken = false;

  /** The table that this reader reads from this source, which it closes. */
  constructor(format: FileFormat, source: OpenSource, reader: TableReader) {
    this.format = format;
    this.tableName = source.name === undefined ? undefined : tableNameOf(source.name);
    this.#source = source;
    this.#reader = reader;
  }

  get schema(): ArrowSchema {
    return this.#reader.schema;
  }

  async *batches(): AsyncGenerator<RecordBatch> {
    this.#take();
    try {
      yield* this.#reader.batches();
    } finally {
      await this.close();
    }
  }

  [Symbol.asyncIterator](): AsyncGenerator<RecordBatch> {
    return this.batches();
  }

  async *messages(
    maxMessageBytes: number = DEFAULT_MAX_MESSAGE_BYTES,
  ): AsyncGenerator<FlightDataInit> {
    const messages = this.#reader.messages?.();
    if (messages === undefined) {
      yield* encode(this.batches(), { schema: this.schema, maxMessageBytes });
      return;
    }
    this.#take();
    try {
      yield* splitMessages(messages, maxMessageBytes);
    } finally {
      await this.close();
    }
  }

  async close(): Promise<void> {
    await this.#reader.close?.();
    await this.#source.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #take(): void {
    if (this.#isTaken) throw new TypeError("Cannot read a file's rows twice");
    this.#isTaken = true;
  }
}
