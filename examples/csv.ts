/**
 * Reads CSV into an Arrow table; the cells decide each column's type.
 *
 * @module
 */
import {
  Field,
  Float64,
  Int32,
  Int64,
  makeData,
  Null,
  RecordBatch,
  Schema,
  Struct,
  Table,
  Utf8,
  type Vector,
  vectorFromArray,
} from "apache-arrow";
import { CsvError, parse } from "csv-parse/sync";

type Cell = string | null;

const LINE_BREAK = /\r\n|\n|\r/g;
const WHOLE = /^[+-]?\d+$/;
const REAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
/** Numbers without digits, as R writes them. */
const SPECIAL: ReadonlyMap<string, number> = new Map([
  ["NaN", NaN],
  ["Inf", Infinity],
  ["-Inf", -Infinity],
]);

/**
 * The table in a CSV file with a header. Empty cells and `NA` are null. A column
 * of whole numbers is Int32 if they all fit, else Int64; one of numbers is Float64;
 * any other is Utf8, and one without a value is Null. Cells are taken as they are,
 * so a space beside a number makes it text.
 *
 * @throws {SyntaxError} that names the line, when the text is not such a file.
 */
export function tableFromCsv(text: string): Table {
  const { header, rows } = readRecords(text);
  const columns = header.map((_, index) =>
    columnOf(
      rows.map((row) => row[index] === "" || row[index] === "NA" ? null : row[index]),
    )
  );
  const fields = header.map((name, index) =>
    new Field(name, columns[index].type, true)
  );
  const schema = new Schema(fields);
  const data = makeData({
    type: new Struct(fields),
    length: rows.length,
    children: columns.map((column) => column.data[0]),
  });
  return new Table(schema, [new RecordBatch(schema, data)]);
}

/** The header and the rows, each with as many cells as the header. */
function readRecords(text: string): { header: string[]; rows: string[][] } {
  let line = 1;
  let header: string[] | undefined;
  const rows: string[][] = [];
  for (const record of parseRecords(text)) {
    const isBlank = record.length === 1 && record[0] === "";
    if (header === undefined) {
      if (isBlank) break;
      header = record;
    } else if (record.length === header.length) rows.push(record);
    else if (!isBlank) {
      throw new SyntaxError(
        `Cannot read line ${line} of the CSV: it has ${record.length} cells, and the header ${header.length}`,
      );
    }
    line += 1 + countBreaks(record);
  }
  if (header === undefined) {
    throw new SyntaxError("Cannot read line 1 of the CSV: there is no header");
  }
  return { header, rows };
}

function parseRecords(text: string): string[][] {
  try {
    return parse(text, {
      bom: true,
      record_delimiter: ["\r\n", "\n", "\r"],
      relax_column_count: true,
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new SyntaxError(`Cannot read the CSV: ${error.message}`, { cause: error });
  }
}

/** The line breaks inside the quoted cells of a record. */
function countBreaks(record: readonly string[]): number {
  return record.reduce((sum, cell) => sum + (cell.match(LINE_BREAK)?.length ?? 0), 0);
}

function columnOf(cells: readonly Cell[]): Vector {
  const values = cells.filter((cell) => cell !== null);
  if (values.length === 0) return vectorFromArray(cells, new Null());
  if (values.every((cell) => WHOLE.test(cell))) {
    // BigInt() refuses a plus sign; Number() would round beyond 53 bits.
    const wholes = convert(cells, (cell) => BigInt(cell.replace("+", "")));
    if (fit(wholes, 32)) return vectorFromArray(convert(wholes, Number), new Int32());
    if (fit(wholes, 64)) return vectorFromArray(wholes, new Int64());
  }
  const reals = convert(cells, realOf);
  return reals.includes(undefined)
    ? vectorFromArray(cells, new Utf8())
    : vectorFromArray(reals, new Float64());
}

function convert<T, U>(
  cells: readonly (T | null)[],
  to: (value: T) => U,
): (U | null)[] {
  return cells.map((cell) => cell === null ? null : to(cell));
}

function fit(wholes: readonly (bigint | null)[], bits: number): boolean {
  return wholes.every((whole) =>
    whole === null || BigInt.asIntN(bits, whole) === whole
  );
}

/** The number in a cell; undefined when it is not a number, or too large for a Float64. */
function realOf(cell: string): number | undefined {
  const number = REAL.test(cell) ? Number(cell) : undefined;
  return Number.isFinite(number) ? number : SPECIAL.get(cell);
}
