/**
 * Why a stored table cannot be read.
 *
 * @module
 */
import { FlightError } from "../../flight/errors.ts";
import type { DamagedFile } from "./trailer.ts";

/** The error for a table whose file is damaged. */
export function damagedTable(name: string, damage: DamagedFile): FlightError {
  return new FlightError(
    "DATA_LOSS",
    `Cannot read the table "${name}": its file ${damage.message}; drop it, or put it again`,
    { cause: damage },
  );
}

/** The error for a version of a table that is gone before its first message was given. */
export function goneVersion(name: string): FlightError {
  return new FlightError(
    "ABORTED",
    `Cannot read the table "${name}": it was replaced or dropped meanwhile; try again`,
  );
}

/** The error for a version of a table that is gone when some of it was given. */
export function goneRest(name: string): FlightError {
  return new FlightError(
    "UNAVAILABLE",
    `Cannot read the table "${name}" to its end: it was replaced or dropped meanwhile; try again`,
  );
}
