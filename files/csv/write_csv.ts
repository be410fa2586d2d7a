/**
 * Writes CSV (RFC 4180).
 *
 * @module
 */
import { type Data, DataType, type RecordBatch, type Schema } from "apache-arrow";
import { DictionaryLookup } from "../../flight/arrow/decode/dictionary_lookup.ts";
import { FileError } from "../file_error.ts";
import { ByteSink } from "../values/byte_sink.ts";
import type { CsvWriteOptions } from "./csv_options.ts";
import { encodeBase64, encodeHex } from "../../base/binary_text.ts";
import { byteValues, isBytes, isText } from "../values/text_bytes.ts";
import {
  asColumnError,
  isScalar,
  scalarWriter,
  type WriteValue,
} from "../values/write_scalars.ts";

/** A chunk has at least so many bytes, but for the last. */
const MIN_CHUNK = 1 << 20;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const QUOTE = 34;
/** Comma, semicolon, tab and `|`: so that a reader that guesses is not misled. */
const OTHER_DELIMITERS = [44, 59, 9, 124];

/**
 * The table as CSV. Null is an empty cell, and an empty text two quotes, so that both can
 * be told from each other again.
 *
 * @throws {FileError} when a column has a type that CSV cannot hold.
 */
export async function* writeCsv(
  schema: Schema,
  batches: AsyncIterable<RecordBatch>,
  options: CsvWriteOptions,
): AsyncGenerator<Uint8Array> {
  if (schema.fields.length === 0) {
    throw new FileError("the table has no columns, and CSV needs one", {
      verb: "write",
    });
  }
  const writer = new CsvWriter(options);
  for (const { name, type } of schema.fields) writer.checkType(name, type);
  if (options.header ?? true) writer.header(schema.fields.map(({ name }) => name));
  for await (const batch of batches) {
    writer.rows(batch);
    if (writer.size >= MIN_CHUNK) yield writer.take();
  }
  if (writer.size > 0) yield writer.take();
}

class CsvWriter {
  readonly #sink = new ByteSink();
  readonly #delimiter: number;
  readonly #binary: CsvWriteOptions["binary"];
  /** 1 for each byte that makes quotes necessary. */
  readonly #special = new Uint8Array(256);

  constructor({ delimiter = ",", binary }: CsvWriteOptions) {
    this.#delimiter = delimiter.charCodeAt(0);
    this.#binary = binary;
    const lineBreaks = [LINE_FEED, CARRIAGE_RETURN];
    for (const byte of [this.#delimiter, QUOTE, ...lineBreaks, ...OTHER_DELIMITERS]) {
      this.#special[byte] = 1;
    }
  }

  /** How many bytes were not taken. */
  get size(): number {
    return this.#sink.at;
  }

  take(): Uint8Array {
    return this.#sink.take();
  }

  checkType(name: string, type: DataType): void {
    const values: DataType = DataType.isDictionary(type) ? type.dictionary : type;
    const isHeld = DataType.isNull(values) || isScalar(values) || isText(values);
    if (isHeld || isBytes(values) && this.#binary !== undefined) return;
    throw new FileError(
      isBytes(values)
        ? `its type is ${values}, which CSV can hold only as text: give the option ` +
          'binary, "hex" or "base64"'
        : `its type is ${values}, which CSV cannot hold; write JSON, Arrow or Parquet`,
      { verb: "write", columnName: name },
    );
  }

  header(names: readonly string[]): void {
    const bytes = names.map((name) => new TextEncoder().encode(name));
    bytes.forEach((name, index) => {
      if (index > 0) this.#sink.byte(this.#delimiter);
      this.#text(name, 0, name.length);
    });
    this.#sink.byte(LINE_FEED);
  }

  rows(batch: RecordBatch): void {
    const sink = this.#sink;
    const columns = batch.data.children;
    const writers = columns.map((column) => this.#writerOf(column));
    const isNull = columns.map((column) => column.nullCount > 0);
    let row = 0;
    let column = 0;
    try {
      for (; row < batch.numRows; row++) {
        for (column = 0; column < writers.length; column++) {
          if (column > 0) sink.byte(this.#delimiter);
          if (!isNull[column] || columns[column].getValid(row)) writers[column](row);
        }
        sink.byte(LINE_FEED);
      }
    } catch (error) {
      throw asColumnError(error, batch.schema.fields[column].name);
    }
  }

  #writerOf(data: Data): WriteValue {
    const sink = this.#sink;
    if (DataType.isDictionary(data.type)) return this.#dictionaryWriter(data);
    if (DataType.isNull(data.type)) return () => {};
    const scalar = scalarWriter(data, sink);
    if (scalar !== undefined) return scalar;
    const values = byteValues(data);
    if (isText(data.type)) {
      return (row) => {
        values.find(row);
        this.#text(values.bytes, values.start, values.end);
      };
    }
    const encode = this.#binary === "hex" ? encodeHex : encodeBase64;
    return (row) => {
      values.find(row);
      const text = encode(values.bytes.subarray(values.start, values.end));
      // Nothing, without quotes, is null.
      sink.ascii(text === "" ? '""' : text);
    };
  }

  #dictionaryWriter(data: Data): WriteValue {
    const found = new DictionaryLookup(data);
    const writers = found.parts.map((part) => this.#writerOf(part));
    return (row) => {
      found.find(Number(data.values[row]));
      const { part, at } = found;
      if (found.parts[part].getValid(at)) writers[part](at);
    };
  }

  #text(bytes: Uint8Array, start: number, end: number): void {
    const sink = this.#sink;
    let quotes = 0;
    let isSpecial = start === end;
    for (let at = start; at < end; at++) {
      if (this.#special[bytes[at]] === 0) continue;
      isSpecial = true;
      if (bytes[at] === QUOTE) quotes++;
    }
    if (!isSpecial) {
      sink.copy(bytes, start, end);
      return;
    }
    sink.byte(QUOTE);
    if (quotes === 0) sink.copy(bytes, start, end);
    else {
      for (let at = start; at < end; at++) {
        if (bytes[at] === QUOTE) sink.byte(QUOTE);
        sink.byte(bytes[at]);
      }
    }
    sink.byte(QUOTE);
  }
}
