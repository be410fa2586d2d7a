/**
 * Tables in notebooks: what Jupyter shows of a table of apache-arrow.
 *
 * @example The last line of a notebook's cell
 * ```ts
 * import { showTable } from "@tinyflight/flight/notebook";
 * import { tableFromArrays } from "apache-arrow";
 *
 * showTable(tableFromArrays({ city: ["Suva", "Nadi"], latitude: [-18.14, -17.8] }));
 * ```
 *
 * @module
 */
import { DataType, type Field, type Table } from "apache-arrow";
import { encodeHex } from "./base/binary_text.ts";
import { checkOptions, checkValue, type OptionSet } from "./base/check_options.ts";
import { decimalOf, formatDecimal } from "./base/decimals.ts";
import { objectWith, wholeNumber } from "./base/value_kinds.ts";

/** How much {@linkcode showTable} shows. */
export interface ShowOptions {
  /** The most rows, the first ones of the table. @default 20 */
  rows?: number;
  /** The most columns, the first ones of the table. @default 50 */
  columns?: number;
}

/** What Jupyter shows, by media types: it takes the richest that it can show. */
export interface MimeBundle {
  /** A `<table>`, in which the names and values are texts, and never markup. */
  readonly "text/html": string;
  /** The same as lines, with a tab between two columns. */
  readonly "text/plain": string;
}

/** A table that a notebook shows when it is the value of a cell. */
export interface ShownTable {
  /** What is shown, under `Symbol.for("Jupyter.display")`, where Deno's kernel asks. */
  readonly [display: symbol]: () => MimeBundle;
}

const DISPLAY = Symbol.for("Jupyter.display");

const OPTIONS: OptionSet<ShowOptions> = {
  of: "showTable()",
  example: "{ rows: 5 }",
  kinds: {
    rows: wholeNumber(0, Number.MAX_SAFE_INTEGER),
    columns: wholeNumber(0, Number.MAX_SAFE_INTEGER),
  },
};

const TABLE = objectWith(
  ["getChildAt"],
  'a table of apache-arrow, such as await client.getTable("quakes")',
);

const DEFAULT_ROWS = 20;
const DEFAULT_COLUMNS = 50;
/** A longer text is cut. */
const MAX_CHARACTERS = 200;

/**
 * A table for a notebook: its size, the names and types of its columns, and its first
 * rows. Make it the last value of a cell in Deno's kernel for Jupyter.
 *
 * @throws {TypeError} when it is no table, or an option has a wrong type or is not known.
 * @throws {RangeError} when an option is out of its range.
 *
 * @example The first five rows, as text
 * ```ts
 * import { showTable } from "@tinyflight/flight/notebook";
 * import { tableFromArrays } from "apache-arrow";
 *
 * const table = tableFromArrays({ x: Int32Array.of(1, 2, 3) });
 * const shown = showTable(table, { rows: 2 });
 * console.log(shown[Symbol.for("Jupyter.display")]()["text/plain"]);
 * ```
 */
export function showTable(table: Table, options: ShowOptions = {}): ShownTable {
  checkValue("table", table, TABLE);
  checkOptions(OPTIONS, options);
  const { rows = DEFAULT_ROWS, columns = DEFAULT_COLUMNS } = options;
  return { [DISPLAY]: () => bundleOf(table, rows, columns) };
}

function bundleOf(table: Table, maxRows: number, maxColumns: number): MimeBundle {
  const fields = table.schema.fields.slice(0, maxColumns);
  const columns = fields.map((_, index) => table.getChildAt(index));
  const rows = Array.from(
    { length: Math.min(maxRows, table.numRows) },
    (_, row) => columns.map((column, index) => textOf(column?.get(row), fields[index])),
  );
  const size = sizeOf(table, rows.length, fields.length);
  const head = fields.map(({ name, type }) =>
    `<th>${escape(name)}<br><small>${escape(`${type}`)}</small></th>`
  );
  const body = rows.map((cells) =>
    `<tr>${cells.map((cell, index) => cellOf(cell, fields[index])).join("")}</tr>`
  );
  const lines = [
    fields.map(({ name, type }) => `${oneLine(name)}: ${type}`),
    ...rows.map((cells) => cells.map((cell) => oneLine(cell ?? "null"))),
  ];
  return {
    "text/html": `<table><caption>${size}</caption><thead><tr>${
      head.join("")
    }</tr></thead><tbody>${body.join("")}</tbody></table>`,
    "text/plain": [size, ...lines.map((cells) => cells.join("\t"))].join("\n"),
  };
}

/** How large the table is, and how much of it is shown. */
function sizeOf({ numRows, numCols }: Table, rows: number, columns: number): string {
  const size = `${count(numRows, "row")} x ${count(numCols, "column")}`;
  const shown = [
    ...rows < numRows ? [count(rows, "row")] : [],
    ...columns < numCols ? [count(columns, "column")] : [],
  ];
  return shown.length === 0 ? size : `${size}, the first ${shown.join(" and ")}`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

function cellOf(text: string | undefined, { type }: Field): string {
  if (text === undefined) return "<td><em>null</em></td>";
  const isNumber = DataType.isInt(type) || DataType.isFloat(type) ||
    DataType.isDecimal(type);
  return `<td${isNumber ? ' style="text-align: right"' : ""}>${escape(text)}</td>`;
}

/** A value as people read it; undefined for null. */
function textOf(value: unknown, { type }: Field): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === "number") {
    const isTime = DataType.isTimestamp(type) || DataType.isDate(type);
    return isTime ? timeOf(value, DataType.isDate(type)) : `${value}`;
  }
  if (DataType.isDecimal(type)) {
    // The words, since apache-arrow has a wrong text for large decimals of 256 bits.
    return formatDecimal(decimalOf(value as Uint32Array), type.scale);
  }
  if (value instanceof Uint8Array) {
    return cut(encodeHex(value.subarray(0, MAX_CHARACTERS)));
  }
  if (typeof value !== "object") return cut(`${value}`);
  return cut(
    JSON.stringify(value, (_, inner) => typeof inner === "bigint" ? `${inner}` : inner),
  );
}

/** A time in ISO 8601; the number itself when it is beyond what a Date can have. */
function timeOf(milliseconds: number, isDay: boolean): string {
  const date = new Date(milliseconds);
  if (Number.isNaN(date.getTime())) return `${milliseconds}`;
  const text = date.toISOString();
  return isDay && text.endsWith("T00:00:00.000Z") ? text.split("T")[0] : text;
}

function cut(text: string): string {
  return text.length <= MAX_CHARACTERS
    ? text
    : `${text.slice(0, MAX_CHARACTERS).replace(/[\ud800-\udbff]$/, "")}…`;
}

function oneLine(text: string): string {
  return text.replaceAll(/[\s\p{Cc}]+/gu, " ");
}

function escape(text: string): string {
  const names = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  return text.replaceAll(
    /[&<>"']/g,
    (character) => names[character as keyof typeof names],
  );
}
