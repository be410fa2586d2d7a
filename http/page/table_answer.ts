/**
 * What the page is told of a table: its columns, their pictures, and its first rows.
 *
 * @module
 */
import { setImmediate } from "node:timers/promises";
import { FlightError } from "../../flight/errors.ts";
import type { FieldLayout } from "../../flight/arrow/format/field_layout.ts";
import { layoutName } from "../../flight/arrow/format/layout_name.ts";
import { StreamVerifier } from "../../flight/arrow/verify/stream_verifier.ts";
import type { TableReading } from "../../stores/table_reading.ts";
import type { Tables } from "../../tables/tables.ts";
import { cutText } from "./cut_text.ts";
import { readSample, type Sample } from "./sample.ts";
import { summarise } from "./summary.ts";
import type { ColumnAnswer, Summary, TablePart } from "./told.ts";

/** The most columns in one answer. */
const MAX_COLUMNS = 100;
/** The most rows in one answer. */
const MAX_ROWS = 100;
const DEFAULT_COLUMNS = 24;
const DEFAULT_ROWS = 20;
/** Values are cut after so many characters. */
const MAX_CHARACTERS = 200;
/** Names are cut after so many; a column's may be of any length. */
const MAX_NAME = 500;

/** How much of a type is named. */
const TYPE_NAME = { maxCharacters: 300, maxLevels: 8 };

/** Which columns and rows are wanted. */
export interface WantedPart {
  /** The text that the columns' names have in them, in lower case. */
  readonly find: string;
  /** The number of the first column among these, from 0 on. */
  readonly from: number;
  /** How many columns. */
  readonly columns: number;
  /** How many rows. */
  readonly rows: number;
}

/**
 * The part of a table that a query asks for: `columns` and `rows` are how many, `from` is
 * the first column, and `find` a text in the names.
 *
 * @throws {FlightError} INVALID_ARGUMENT, when a number is none or too large.
 */
export function wantedPart(query: URLSearchParams): WantedPart {
  const number = (name: string, absent: number, most: number) => {
    const text = query.get(name) ?? `${absent}`;
    if (/^\d{1,9}$/.test(text) && Number(text) <= most) return Number(text);
    throw new FlightError(
      "INVALID_ARGUMENT",
      `Cannot give this part of the table: ${name} has to be a number from 0 to ${most}`,
    );
  };
  return {
    find: (query.get("find") ?? "").toLowerCase(),
    from: number("from", 0, 999_999_999),
    columns: number("columns", DEFAULT_COLUMNS, MAX_COLUMNS),
    rows: number("rows", DEFAULT_ROWS, MAX_ROWS),
  };
}

/** The wanted part of a table that is being read. */
export async function readPart(
  table: TableReading,
  wanted: WantedPart,
  { tables, signal }: { tables: Tables; signal: AbortSignal },
): Promise<TablePart> {
  using share = tables.openFields();
  const verifier = new StreamVerifier({ code: "DATA_LOSS" });
  const schema = verifier.verify(table.entry.schema, new Uint8Array(0));
  if (schema.kind !== "schema") throw new TypeError("a table begins with its schema");
  share.hold(schema.fieldCount);
  const { fields } = schema;
  const { find, from } = wanted;
  const found = [...fields.keys()].filter((index) =>
    find === "" || fields[index].name.toLowerCase().includes(find)
  );
  const shown = found.slice(from, from + wanted.columns);
  // Columns of one name are read together, or not at all.
  const unreadable = new Set(
    fields.filter((field) => !isReadable(field)).map(({ name }) => name),
  );
  const names = new Set(
    shown.map((index) => fields[index].name).filter((name) => !unreadable.has(name)),
  );
  const sample: Sample = names.size === 0
    ? { rows: 0, columns: [], problem: undefined }
    : await readSample(table, { columns: [...names], share, signal });
  const read = [...fields.keys()].filter((index) => names.has(fields[index].name));
  const cellsAt = (index: number) => sample.columns[read.indexOf(index)] ?? [];
  const columns: ColumnAnswer[] = [];
  for (const index of shown) {
    // Other calls go on meanwhile.
    await setImmediate();
    signal.throwIfAborted();
    const summary = names.has(fields[index].name)
      ? summarise({
        parts: cellsAt(index),
        rows: sample.rows,
        isText: isText(fields[index]),
      })
      : undefined;
    columns.push(describeColumn(fields[index], index, summary));
  }
  return {
    columnCount: fields.length,
    found: found.length,
    from,
    columns,
    sampleRows: sample.rows,
    problem: sample.problem,
    rows: firstRows(shown.map(cellsAt), Math.min(wanted.rows, sample.rows)),
  };
}

function describeColumn(
  field: FieldLayout,
  index: number,
  summary: Summary | undefined,
): ColumnAnswer {
  return {
    index,
    name: cutText(field.name, MAX_NAME),
    type: cutText(layoutName(field, TYPE_NAME), TYPE_NAME.maxCharacters),
    nullable: field.nullable,
    isNumeric: field.dictionary === undefined &&
      /^(U?[Ii]nt|Float|Decimal)\d/.test(field.type.name),
    summary,
  };
}

function firstRows(
  columns: readonly Sample["columns"][number][],
  count: number,
): (string | null)[][] {
  const rows = Array.from({ length: count }, (): (string | null)[] => []);
  for (const parts of columns) {
    let first = 0;
    for (const cells of parts) {
      const end = Math.min(count, first + cells.length);
      for (let row = first; row < end; row++) {
        const at = row - first;
        rows[row].push(cells.isValid(at) ? cells.text(at, MAX_CHARACTERS) : null);
      }
      first += cells.length;
    }
    if (parts.length === 0) { for (const row of rows) row.push(null); }
  }
  return rows;
}

/** Whether the frequent values are of interest. */
function isText({ type, dictionary }: FieldLayout): boolean {
  return dictionary !== undefined || /^(Large)?Utf8|^Bool/.test(type.name);
}

/** Whether apache-arrow has the types of a field, and of those in it. */
function isReadable({ type, children, dictionary }: FieldLayout): boolean {
  if (type.kind === "list view" || type.kind === "run-end encoded") return false;
  return children.every(isReadable) &&
    (dictionary === undefined || isReadable(dictionary.values));
}
