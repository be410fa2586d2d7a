/**
 * What the server tells the page, in JSON. These are types alone: the page's scripts use
 * them, too.
 *
 * @module
 */

/** A table in the list. */
export interface ListedTable {
  /** Its name. */
  readonly name: string;
  /** Its rows. */
  readonly rows: number;
  /** Its bytes, as an Arrow IPC stream. */
  readonly bytes: number;
  /** Its columns; absent when its schema cannot be read. */
  readonly columns?: number;
  /** When it was put, as ISO 8601. */
  readonly modified: string;
}

/** A table that is looked at. */
export interface ShownTable extends Omit<ListedTable, "columns"> {
  /** What the caller may do with it. */
  readonly may: { readonly write: boolean; readonly drop: boolean };
  /** The query by which a link may download it; empty when none is needed. */
  readonly download: string;
  /** The part of it that was asked for. */
  readonly part: TablePart;
}

/** What is told of a column. */
export interface ColumnAnswer {
  /** Its place in the table, from 0 on. */
  readonly index: number;
  /** Its name, cut where it is long. */
  readonly name: string;
  /** Its type. */
  readonly type: string;
  /** Whether it may have nulls. */
  readonly nullable: boolean;
  /** Whether its values are numbers, which are aligned at their ends. */
  readonly isNumeric: boolean;
  /** What is told of the sample's values; absent where they cannot be read. */
  readonly summary?: Summary;
}

/** A part of a table. */
export interface TablePart {
  /** How many columns the table has. */
  readonly columnCount: number;
  /** How many of them have names that were asked for. */
  readonly found: number;
  /** The number of the first of them in this answer. */
  readonly from: number;
  /** The columns in this answer. */
  readonly columns: readonly ColumnAnswer[];
  /** How many rows the summaries are of. */
  readonly sampleRows: number;
  /** Why these are fewer than they could be. */
  readonly problem?: string;
  /** The first rows, as texts; null for null and for what cannot be read. */
  readonly rows: readonly (readonly (string | null)[])[];
}

/** What is told of a column's values. */
export interface Summary {
  /** How many of the rows are null. */
  readonly nulls: number;
  /** How many values have no place among the others: NaN and the infinite ones. */
  readonly unplaced?: number;
  /** The least value. */
  readonly low?: string;
  /** The greatest value. */
  readonly high?: string;
  /** How many values are in each part of the range from the least to the greatest. */
  readonly bars?: readonly number[];
  /** How many values differ from each other. */
  readonly distinct?: number;
  /** The most frequent values. */
  readonly frequent?: readonly FrequentValue[];
}

/** A value that is there more than once, or one of few. */
export interface FrequentValue {
  /** Its text. */
  readonly text: string;
  /** How many rows have it. */
  readonly count: number;
}

/** The sums of all calls of a server, ended or not. */
export interface Traffic {
  /** How many calls have begun. */
  readonly calls: number;
  /** How many of them run now. */
  readonly running: number;
  /** How many have ended that may have changed the tables. */
  readonly changes: number;
  /** The bytes of messages and bodies that have come. */
  readonly received: number;
  /** The bytes of messages and bodies that were sent. */
  readonly sent: number;
}
