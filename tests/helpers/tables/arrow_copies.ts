/**
 * Other versions of apache-arrow, and another copy of the same one, as a program has
 * them whose libraries bring their own.
 *
 * @module
 */
import * as arrow14 from "apache-arrow-14";
import * as arrow17 from "apache-arrow-17";
import * as arrow18 from "apache-arrow-18";
import * as arrow21 from "apache-arrow-21.1";
import type { TableLike } from "../../../flight/arrow/encode/arrow_like.ts";

/** A table of any version. */
export interface CopiedTable extends TableLike {
  /** How many rows it has. */
  readonly numRows: number;
  /** The rows from `begin` to before `end`. */
  slice(begin?: number, end?: number): CopiedTable;
}

/** What the tests use of a copy. */
export interface ArrowCopy {
  /** A table of a column for each member. */
  tableFromArrays(
    columns: Record<string, Int32Array | readonly unknown[]>,
  ): CopiedTable;
  /** The table in an Arrow IPC stream. */
  tableFromIPC(bytes: Uint8Array): CopiedTable;
}

/** The copies, by their versions. */
export const COPIES: ReadonlyMap<string, ArrowCopy> = new Map<string, ArrowCopy>([
  ["14.0.2", arrow14],
  ["17.0.0", arrow17],
  ["18.1.0", arrow18],
  ["21.1.0", arrow21],
  ["of the same version", await minifiedCopy()],
]);

/** The copy that apache-arrow has for browsers, as one file that exports by assignment. */
async function minifiedCopy(): Promise<ArrowCopy> {
  const url = new URL("./Arrow.es2015.min.js", import.meta.resolve("apache-arrow"));
  const copy: Partial<ArrowCopy> = {};
  new Function("exports", "module", await Deno.readTextFile(url))(copy, {
    exports: copy,
  });
  return copy as ArrowCopy;
}
