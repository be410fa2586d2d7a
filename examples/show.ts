/**
 * Formats tables for people to read.
 *
 * @module
 */
import { DataType, type Table } from "apache-arrow";

const GAP = "  ";
const MAX_DIGITS = 6;
const MAX_CHARACTERS = 32;

/**
 * A table's shape, its columns with their types, and its first rows. Numbers are
 * aligned at their decimal points, everything else is aligned to the left.
 */
export function formatTable(table: Table, rows = 5): string {
  const length = Math.min(rows, table.numRows);
  const columns = table.schema.fields.map(({ name, type }, index) => {
    const column = table.getChildAt(index);
    const values = Array.from({ length }, (_, row) => column?.get(row));
    const cells = [name, `${type}`, ...formatValues(values)];
    return { cells, isNumber: DataType.isInt(type) || DataType.isFloat(type) };
  });
  const rest = table.numRows - length;
  return [
    formatShape(table),
    "",
    ...alignColumns(columns),
    ...rest > 0 ? [`and ${rest} more ${rest === 1 ? "row" : "rows"}`] : [],
  ].join("\n");
}

/** How many rows and columns a table has. */
export function formatShape({ numRows, numCols }: Table): string {
  const rows = `${numRows} ${numRows === 1 ? "row" : "rows"}`;
  return `${rows} x ${numCols} ${numCols === 1 ? "column" : "columns"}`;
}

function formatValues(values: readonly unknown[]): string[] {
  const digits = Math.max(0, ...values.map(countDigits));
  return values.map((value) => {
    // A number with an exponent stays as it is.
    const isPlain = typeof value === "number" && /^-?[\d.]+$/.test(`${value}`);
    return isPlain ? value.toFixed(digits) : formatText(`${value}`);
  });
}

/** How many digits a number shows after its point. */
function countDigits(value: unknown): number {
  const digits = typeof value === "number"
    ? /\.(\d+)$/.exec(`${value}`)?.[1]
    : undefined;
  return Math.min(digits?.length ?? 0, MAX_DIGITS);
}

/** The text in one line, cut when it is long. */
function formatText(text: string): string {
  const characters = [...text.replace(/\s+/g, " ")];
  return characters.length <= MAX_CHARACTERS
    ? characters.join("")
    : `${characters.slice(0, MAX_CHARACTERS - 1).join("")}…`;
}

function alignColumns(
  columns: readonly { readonly cells: readonly string[]; readonly isNumber: boolean }[],
): string[] {
  const padded = columns.map(({ cells, isNumber }) => {
    const width = Math.max(...cells.map((cell) => [...cell].length));
    return cells.map((cell) => {
      const space = " ".repeat(width - [...cell].length);
      return isNumber ? space + cell : cell + space;
    });
  });
  const lines = padded[0] ?? [];
  return lines.map((_, row) => padded.map((cells) => cells[row]).join(GAP).trimEnd());
}
