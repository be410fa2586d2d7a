/**
 * How many rows apache-arrow can have.
 *
 * @module
 */
import { FlightError } from "../../errors.ts";

/** It counts the rows before each batch, or part of a dictionary, in 32 bits. */
const MAX_TABLE_ROWS = 2 ** 32 - 1;

/**
 * Checks that one table, one dictionary, or one array can have so many rows.
 *
 * @throws {FlightError} UNIMPLEMENTED when it cannot.
 */
export function checkRows(rows: number, most: number = MAX_TABLE_ROWS): void {
  if (rows <= most) return;
  throw new FlightError(
    "UNIMPLEMENTED",
    `Cannot read ${rows} rows: apache-arrow for JavaScript takes ${most} at most`,
  );
}
