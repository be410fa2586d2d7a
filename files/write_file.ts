/**
 * Writes files with tables.
 *
 * @module
 */
import {
  checkOptions,
  type OptionKinds,
  type OptionSet,
} from "../base/check_options.ts";
import { FLAG, oneOf, text } from "../base/value_kinds.ts";
import { decode } from "../flight/arrow/decode/decode.ts";
import { isSchemaLike, type SchemaLike } from "../flight/arrow/encode/arrow_like.ts";
import { encode } from "../flight/arrow/encode/encode.ts";
import type { EncodeSource } from "../flight/arrow/encode/encode_source.ts";
import { CODECS, type Compression } from "../flight/arrow/compression/compression.ts";
import type { FlightDataInit } from "../proto/flight_data.ts";
import { growDictionaries } from "./arrow/grow_dictionaries.ts";
import { writeArrowFile, writeArrowStream } from "./arrow/write_arrow.ts";
import { CSV_WRITE_KINDS, type CsvWriteOptions } from "./csv/csv_options.ts";
import { writeCsv } from "./csv/write_csv.ts";
import {
  chooseFormat,
  FILE_FORMATS,
  type FileFormat,
  isGzipName,
} from "./file_format.ts";
import { writeJson } from "./json/write_json.ts";
import { OpenTable } from "./file_table.ts";
import { type ParquetCompression, writeParquet } from "./parquet/write_parquet.ts";
import { gzip } from "./source/gzip.ts";

/** How the parts of a file are compressed. */
export type FileCompression = ParquetCompression;

/** Larger batches are split. */
const MAX_BATCH_BYTES: { readonly [format in FileFormat]: number } = {
  csv: 2 << 20,
  json: 2 << 20,
  ndjson: 2 << 20,
  arrow: 64 << 20,
  arrows: 64 << 20,
  parquet: 8 << 20,
};
const ARROW_CODECS: readonly FileCompression[] = ["none", ...CODECS];

/** How {@linkcode writeFile} writes. */
export interface WriteFileOptions extends CsvWriteOptions {
  /** The file's format. @default what the file's name says */
  format?: FileFormat;
  /** The file's name, for its format; nothing is written there. */
  name?: string;
  /** The schema; it is needed when there may be no batch. @default the first batch's */
  schema?: SchemaLike;
  /** Whether the file is compressed with gzip. @default whether its name ends in .gz */
  gzip?: boolean;
  /**
   * How the parts of a file are compressed: those of Arrow with `lz4` or `zstd`, those of
   * Parquet with any of these.
   * @default "snappy" for Parquet; else none
   */
  compression?: FileCompression;
}

const WRITE_FILE_OPTIONS: OptionSet<WriteFileOptions> = {
  of: "writeFile()",
  example: '{ format: "csv" }',
  kinds: {
    format: oneOf(...FILE_FORMATS),
    name: text("quakes.csv"),
    schema: { wanted: "a Schema of apache-arrow", isType: isSchemaLike },
    gzip: FLAG,
    compression: oneOf("none", "lz4", "zstd", "snappy", "gzip"),
    ...CSV_WRITE_KINDS,
  } satisfies OptionKinds<WriteFileOptions>,
};

/**
 * The bytes of a file with this table, in chunks: a table, a batch, or batches as they
 * come, of which one is held at a time. Where the batches come from is closed when not
 * all chunks are read.
 *
 * @throws {TypeError} at once, when an option has a wrong type.
 * @throws {FileError} when the format cannot hold the table; it names the column.
 *
 * @example A table as CSV
 * ```ts
 * import { writeFile } from "@tinyflight/flight/files";
 * import { tableFromArrays } from "apache-arrow";
 *
 * const table = tableFromArrays({ depth: [562.5, 650] });
 * let csv = "";
 * for await (const chunk of writeFile(table, { format: "csv" })) {
 *   csv += new TextDecoder().decode(chunk);
 * }
 * console.log(csv); // depth, 562.5, 650.0
 * ```
 */
export function writeFile(
  source: EncodeSource,
  options: WriteFileOptions = {},
): AsyncGenerator<Uint8Array> {
  checkOptions(WRITE_FILE_OPTIONS, options);
  const { schema } = options;
  const { format, codec } = choose(options);
  const maxMessageBytes = MAX_BATCH_BYTES[format];
  const isAsItIs = source instanceof OpenTable && schema === undefined &&
    codec === undefined;
  const messages = isAsItIs
    ? source.messages(maxMessageBytes)
    : encode(source, { schema, compression: codec, maxMessageBytes });
  return write(messages, format, options);
}

/**
 * The bytes of a file with the table in these messages, such as `FlightClient.doGet`
 * gives. In the formats of Arrow they stay as they are, with types that apache-arrow
 * does not know, too.
 *
 * @throws {TypeError} at once, when an option has a wrong type.
 * @throws {FileError} when the format cannot hold the table; it names the column.
 *
 * @example From a server to a file
 * ```ts
 * import { writeMessages } from "@tinyflight/flight/files";
 * import { ticketOf } from "@tinyflight/flight/flight";
 * import { TinyClient } from "@tinyflight/flight/client";
 * import { TinyServer } from "@tinyflight/flight/server";
 * import { tableFromArrays } from "apache-arrow";
 *
 * await using server = await new TinyServer({ port: 0 }).listen();
 * await using client = await TinyClient.connect(server.location);
 * await client.putTable("points", tableFromArrays({ x: [1, 2, 3] }));
 *
 * const messages = client.flight.doGet(ticketOf("points"));
 * let bytes = 0;
 * for await (const chunk of writeMessages(messages, { format: "arrow" })) {
 *   bytes += chunk.length;
 * }
 * console.log(bytes > 0); // true
 * ```
 */
export function writeMessages(
  messages: AsyncIterable<FlightDataInit>,
  options: WriteFileOptions = {},
): AsyncGenerator<Uint8Array> {
  checkOptions(WRITE_FILE_OPTIONS, options);
  return write(messages, choose(options).format, options);
}

/**
 * The file's format, and how Arrow's messages are compressed.
 *
 * @throws {TypeError} when the format has no such compression.
 */
function choose(
  options: WriteFileOptions,
): { format: FileFormat; codec: Compression | undefined } {
  const format = chooseFormat(options.format, options.name, "write");
  const { compression = "none" } = options;
  const isArrow = format === "arrow" || format === "arrows";
  const allowed = isArrow ? ARROW_CODECS : format === "parquet" ? undefined : ["none"];
  if (allowed?.includes(compression) === false) {
    throw new TypeError(
      `Cannot use the compression "${compression}": ` +
        (isArrow ? "Arrow has lz4 and zstd" : `${format} has none but gzip: true`),
    );
  }
  const codec = isArrow && compression !== "none"
    ? compression as Compression
    : undefined;
  return { format, codec };
}

function write(
  messages: AsyncIterable<FlightDataInit>,
  format: FileFormat,
  options: WriteFileOptions,
): AsyncGenerator<Uint8Array> {
  const chunks = writeFormat(messages, format, options);
  return options.gzip ?? isGzipName(options.name ?? "") ? gzip(chunks) : chunks;
}

async function* writeFormat(
  messages: AsyncIterable<FlightDataInit>,
  format: FileFormat,
  options: WriteFileOptions,
): AsyncGenerator<Uint8Array> {
  if (format === "arrow") return yield* writeArrowFile(growDictionaries(messages));
  if (format === "arrows") return yield* writeArrowStream(messages);
  // What these formats get is verified, decompressed, and of this copy of apache-arrow.
  await using reader = decode(messages);
  const schema = await reader.schema();
  const batches = reader.batches();
  if (format === "csv") yield* writeCsv(schema, batches, options);
  else if (format === "parquet") {
    yield* writeParquet(encode(batches, { schema }), options);
  } else yield* writeJson(schema, batches, { isLines: format === "ndjson" });
}
