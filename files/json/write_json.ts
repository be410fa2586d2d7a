/**
 * Writes JSON and NDJSON.
 *
 * @module
 */
import { type Data, DataType, type RecordBatch, type Schema } from "apache-arrow";
import { DictionaryLookup } from "../../flight/arrow/decode/dictionary_lookup.ts";
import { FileError } from "../file_error.ts";
import { encodeBase64 } from "../../base/binary_text.ts";
import { ByteSink } from "../values/byte_sink.ts";
import { byteValues, isBytes, isText } from "../values/text_bytes.ts";
import {
  asColumnError,
  halfOf,
  isScalar,
  scalarWriter,
  UnwritableValue,
  type WriteValue,
} from "../values/write_scalars.ts";

/** How {@linkcode writeJson} writes. */
export interface JsonWriteOptions {
  /** Whether each row is a line of its own, without an array around them. */
  readonly isLines: boolean;
}

/** A chunk has at least so many bytes, but for the last. */
const MIN_CHUNK = 1 << 20;
const LINE_FEED = 10;
const SPACE = 32;
const QUOTE = 34;
const COMMA = 44;
const BACKSLASH = 92;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const ENCODER = new TextEncoder();
const SHORT_ESCAPES: { readonly [byte: number]: string } = {
  8: "\\b",
  9: "\\t",
  10: "\\n",
  12: "\\f",
  13: "\\r",
  34: '\\"',
  92: "\\\\",
};

/**
 * The table as JSON: an array of objects, one a line, or without the array (NDJSON).
 *
 * @throws {FileError} when a column has a type that JSON cannot hold.
 */
export async function* writeJson(
  schema: Schema,
  batches: AsyncIterable<RecordBatch>,
  { isLines }: JsonWriteOptions,
): AsyncGenerator<Uint8Array> {
  const sink = new ByteSink();
  const writer = new JsonWriter(sink);
  checkNames(schema);
  for (const { name, type } of schema.fields) checkType(name, type);
  let isFirst = true;
  if (!isLines) sink.byte(OPEN_BRACKET);
  for await (const batch of batches) {
    const writeRow = writer.rowWriter(batch);
    for (let row = 0; row < batch.numRows; row++) {
      if (!isLines) {
        if (!isFirst) sink.byte(COMMA);
        sink.byte(LINE_FEED);
      }
      isFirst = false;
      writeRow(row);
      if (isLines) sink.byte(LINE_FEED);
    }
    if (sink.at >= MIN_CHUNK) yield sink.take();
  }
  if (!isLines) sink.ascii("\n]\n");
  if (sink.at > 0) yield sink.take();
}

class JsonWriter {
  readonly #sink: ByteSink;

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  /** Writes the rows of a batch as objects. */
  rowWriter(batch: RecordBatch): WriteValue {
    const names = batch.schema.fields.map(({ name }) => name);
    const columns = batch.data.children.map((data, index) => {
      const write = this.#writerOf(data);
      return (row: number) => {
        try {
          write(row);
        } catch (error) {
          throw asColumnError(error, names[index]);
        }
      };
    });
    return this.#objectWriter(names, columns);
  }

  /** Writes the values of a column, null for those that are. */
  #writerOf(data: Data): WriteValue {
    const write = this.#valueWriter(data);
    if (data.nullCount === 0) return write;
    return (row) => {
      if (data.getValid(row)) write(row);
      else this.#sink.ascii("null");
    };
  }

  #valueWriter(data: Data): WriteValue {
    const sink = this.#sink;
    const { type } = data;
    if (DataType.isNull(type)) return () => sink.ascii("null");
    if (DataType.isDictionary(type)) return this.#dictionaryWriter(data);
    if (DataType.isStruct(type)) {
      const names = type.children.map(({ name }) => name);
      const writers = data.children.map((child) => this.#writerOf(child));
      return this.#objectWriter(names, writers);
    }
    if (DataType.isFixedSizeList(type)) {
      const { listSize } = type;
      const write = this.#writerOf(data.children[0]);
      return (row) => this.#array(write, row * listSize, (row + 1) * listSize);
    }
    if (isListLike(type)) {
      const offsets: Int32Array | BigInt64Array = data.valueOffsets;
      const write = this.#writerOf(data.children[0]);
      return (row) =>
        this.#array(write, Number(offsets[row]), Number(offsets[row + 1]));
    }
    if (isText(type)) {
      const values = byteValues(data);
      return (row) => {
        values.find(row);
        this.#text(values.bytes, values.start, values.end);
      };
    }
    if (isBytes(type)) {
      const values = byteValues(data);
      return (row) => {
        values.find(row);
        sink.ascii(
          `"${encodeBase64(values.bytes.subarray(values.start, values.end))}"`,
        );
      };
    }
    return this.#scalarWriter(data);
  }

  #scalarWriter(data: Data): WriteValue {
    const sink = this.#sink;
    const { type, values } = data;
    const write = scalarWriter(data, sink)!;
    if (DataType.isFloat(type)) {
      const isHalf = values instanceof Uint16Array;
      return (row) => {
        if (!Number.isFinite(isHalf ? halfOf(values[row]) : values[row])) {
          throw new UnwritableValue("is NaN or infinite, which JSON does not have");
        }
        write(row);
      };
    }
    const isTime = DataType.isDate(type) || DataType.isTimestamp(type) ||
      DataType.isTime(type);
    if (!isTime) return write;
    return (row) => {
      sink.byte(QUOTE);
      write(row);
      sink.byte(QUOTE);
    };
  }

  #dictionaryWriter(data: Data): WriteValue {
    const found = new DictionaryLookup(data);
    const writers = found.parts.map((part) => this.#writerOf(part));
    return (row) => {
      found.find(Number(data.values[row]));
      writers[found.part](found.at);
    };
  }

  #objectWriter(names: readonly string[], writers: readonly WriteValue[]): WriteValue {
    const sink = this.#sink;
    const keys = names.map((name, index) => {
      const key = `${index === 0 ? "" : ","}${JSON.stringify(name)}:`;
      return ENCODER.encode(key);
    });
    return (row) => {
      sink.byte(OPEN_BRACE);
      for (let index = 0; index < keys.length; index++) {
        sink.copy(keys[index], 0, keys[index].length);
        writers[index](row);
      }
      sink.byte(CLOSE_BRACE);
    };
  }

  #array(write: WriteValue, start: number, end: number): void {
    const sink = this.#sink;
    sink.byte(OPEN_BRACKET);
    for (let item = start; item < end; item++) {
      if (item > start) sink.byte(COMMA);
      write(item);
    }
    sink.byte(CLOSE_BRACKET);
  }

  #text(bytes: Uint8Array, start: number, end: number): void {
    const sink = this.#sink;
    sink.byte(QUOTE);
    let from = start;
    for (let at = start; at < end; at++) {
      const byte = bytes[at];
      if (byte >= SPACE && byte !== QUOTE && byte !== BACKSLASH) continue;
      sink.copy(bytes, from, at);
      const hex = byte.toString(16).padStart(4, "0");
      sink.ascii(SHORT_ESCAPES[byte] ?? `\\u${hex}`);
      from = at + 1;
    }
    sink.copy(bytes, from, end);
    sink.byte(QUOTE);
  }
}

/** Maps are lists of objects with a key and a value each. */
function isListLike(type: DataType): boolean {
  return DataType.isList(type) || DataType.isLargeList(type) || DataType.isMap(type);
}

function checkType(name: string, type: DataType): void {
  const values: DataType = DataType.isDictionary(type) ? type.dictionary : type;
  const isHeld = DataType.isNull(values) || isScalar(values) || isText(values) ||
    isBytes(values) || DataType.isStruct(values) ||
    DataType.isFixedSizeList(values) || isListLike(values);
  if (!isHeld) {
    throw new FileError(
      `its type is ${values}, which JSON cannot hold; write Arrow or Parquet`,
      { verb: "write", columnName: name },
    );
  }
  for (const child of values.children ?? []) {
    checkType(`${name}.${child.name}`, child.type);
  }
}

/** @throws {FileError} when two columns have one name: a reader would lose one. */
function checkNames({ fields }: Schema): void {
  const names = new Set<string>();
  for (const { name } of fields) {
    if (names.has(name)) {
      throw new FileError("two columns have this name, and a JSON object only one", {
        verb: "write",
        columnName: name,
      });
    }
    names.add(name);
  }
}
