/**
 * Tables in CSV.
 *
 * @module
 */
import { type DataType, Field, type RecordBatch, Schema } from "apache-arrow";
import { FileError } from "../file_error.ts";
import { hasTabs } from "../file_format.ts";
import type { OpenSource } from "../source/file_source.ts";
import type { TableReader } from "../table_reader.ts";
import type { BinaryText } from "../../base/binary_text.ts";
import { batchOf } from "../values/column_data.ts";
import { parseType } from "../values/column_types.ts";
import { type Block, textOfCell } from "./block.ts";
import {
  checkName,
  indicesOf,
  placeNames,
  uniqueNames,
} from "../values/column_names.ts";
import type { CsvReadOptions } from "./csv_options.ts";
import { ColumnGuess } from "./guess_types.ts";
import { NullCells } from "./null_cells.ts";
import { type CellContext, ColumnReader } from "./read_columns.ts";
import { scanCsv, type ScanOptions } from "./scan_csv.ts";
import { sniffDelimiter } from "./sniff_delimiter.ts";

/** How {@linkcode CsvReader} reads. */
export interface CsvReaderOptions extends CsvReadOptions {
  /** The columns to read. @default all */
  readonly columns?: readonly string[];
}

/** So many bytes are looked at for the delimiter and the header. */
const HEAD_BYTES = 64 * 1024;
const TAB = 9;

/** Reads a CSV file: once for the types of its columns, and once for its rows. */
export class CsvReader implements TableReader {
  readonly schema: Schema;
  readonly #source: OpenSource;
  readonly #scan: ScanOptions;
  readonly #context: CellContext;
  readonly #indices: readonly number[];
  readonly #hasHeader: boolean;

  private constructor(
    source: OpenSource,
    layout: Layout,
    types: readonly DataType[],
  ) {
    const { names, indices, hasHeader } = layout;
    this.schema = new Schema(
      indices.map((index, position) => new Field(names[index], types[position], true)),
    );
    this.#source = source;
    this.#scan = layout.scan;
    const { nulls, binary } = layout;
    this.#context = { nulls, file: source.name, names, binary };
    this.#indices = indices;
    this.#hasHeader = hasHeader;
  }

  /** Reads the header, and finds the types that are not given. */
  static async open(
    source: OpenSource,
    options: CsvReaderOptions,
  ): Promise<CsvReader> {
    const layout = await findLayout(source, options);
    const types = await findTypes(source, layout, options.types ?? {});
    return new CsvReader(source, layout, types);
  }

  async *batches(): AsyncGenerator<RecordBatch> {
    const { schema } = this;
    const readers = this.#indices.map((index, position) =>
      new ColumnReader(schema.fields[position].type, index, this.#context)
    );
    for await (const block of rowsOf(this.#source, this.#scan, this.#hasHeader)) {
      const columns = readers.map((reader) => reader.read(block));
      yield batchOf(schema, block.rows, columns);
    }
  }
}

/** How the cells of a file lie, and what they are called. */
interface Layout {
  readonly scan: ScanOptions;
  readonly nulls: NullCells;
  readonly binary: BinaryText;
  readonly names: readonly string[];
  /** The columns that are read. */
  readonly indices: readonly number[];
  readonly hasHeader: boolean;
}

async function findLayout(
  source: OpenSource,
  options: CsvReaderOptions,
): Promise<Layout> {
  const { header: hasHeader = true, names: given } = options;
  const file = source.name;
  let head = await source.peek(HEAD_BYTES);
  const delimiter = options.delimiter?.charCodeAt(0) ??
    (hasTabs(file ?? "") ? TAB : sniffDelimiter(head));
  const scan = { delimiter, columns: given?.length, file };
  let first = given === undefined ? await firstRow(head, scan) : undefined;
  if (given === undefined && first === undefined) {
    // The first row is longer than what was looked at.
    const bytes = await source.bytes();
    for (let size = 2 * head.length; first === undefined; size *= 2) {
      head = await bytes.read(0, size);
      first = await firstRow(head, scan, size >= bytes.size);
      if (size >= bytes.size) break;
    }
  }
  const found = given ?? first;
  if (found === undefined) {
    throw new FileError(hasHeader ? "it is empty, without a header" : "it is empty", {
      file,
    });
  }
  const names = hasHeader || given !== undefined
    ? uniqueNames(found)
    : placeNames(found.length);
  const indices = indicesOf(options.columns, names, file);
  const nulls = new NullCells(options.nulls);
  const { binary = "base64" } = options;
  return {
    scan: { ...scan, columns: names.length },
    nulls,
    binary,
    names,
    indices,
    hasHeader,
  };
}

/** The texts of the first row; undefined when these bytes have no whole row. */
async function firstRow(
  head: Uint8Array,
  scan: ScanOptions,
  isAll = head.length < HEAD_BYTES,
): Promise<string[] | undefined> {
  for await (
    const block of scanCsv([head], { ...scan, isPart: !isAll, maxRows: 1 })
  ) {
    return Array.from({ length: block.columns }, (_, cell) => textOfCell(block, cell));
  }
}

/** The types of the columns that are read. */
async function findTypes(
  source: OpenSource,
  { names, indices, nulls, scan, hasHeader }: Layout,
  given: Readonly<Record<string, string>>,
): Promise<DataType[]> {
  Object.keys(given).forEach((name) => checkName(name, names, source.name));
  const types = indices.map((index) =>
    Object.hasOwn(given, names[index]) ? parseType(given[names[index]]) : undefined
  );
  const guesses = types.map((type) =>
    type === undefined ? new ColumnGuess() : undefined
  );
  if (guesses.some((guess) => guess !== undefined)) {
    // The file is read twice.
    await source.bytes();
    for await (const block of rowsOf(source, scan, hasHeader)) {
      indices.forEach((index, position) => guesses[position]?.see(block, index, nulls));
    }
  }
  return types.map((type, position) => type ?? guesses[position]!.type());
}

/** The rows without the header. */
async function* rowsOf(
  source: OpenSource,
  scan: ScanOptions,
  hasHeader: boolean,
): AsyncGenerator<Block> {
  let isHeader = hasHeader;
  for await (const block of scanCsv(source.chunks(), scan)) {
    if (!isHeader) yield block;
    else if (block.rows > 1) {
      yield {
        ...block,
        starts: block.starts.subarray(block.columns),
        ends: block.ends.subarray(block.columns),
        kinds: block.kinds.subarray(block.columns),
        rows: block.rows - 1,
      };
    }
    isHeader = false;
  }
}
