/**
 * The paths of tables.
 *
 * @module
 */
import { FlightError } from "../flight/errors.ts";
import { nameOfBytes } from "../tables/table_name.ts";

const TABLES = "/tables";

/**
 * The path of a table; undefined for the names `.` and `..`, which the path of a URL
 * cannot contain.
 */
export function pathOfTable(name: string): string | undefined {
  return /^\.{1,2}$/.test(name) ? undefined : `${TABLES}/${encodeURIComponent(name)}`;
}

/** Whether this is the path of the list of tables. */
export function isListPath(path: string): boolean {
  return path === TABLES || path === `${TABLES}/`;
}

/**
 * The name of the table at this path; undefined when it is not the path of a table.
 *
 * @throws {FlightError} INVALID_ARGUMENT, when the path does not contain a name.
 */
export function nameOfPath(path: string): string | undefined {
  if (!path.startsWith(`${TABLES}/`)) return undefined;
  let name: string;
  try {
    name = decodeURIComponent(path.slice(TABLES.length + 1));
  } catch (error) {
    throw new FlightError(
      "INVALID_ARGUMENT",
      "Cannot read the table's name: the path is not percent-encoded UTF-8",
      { cause: error },
    );
  }
  return nameOfBytes(new TextEncoder().encode(name));
}
