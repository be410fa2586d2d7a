/**
 * The columns that a reader wants.
 *
 * @module
 */
import { meantHint } from "../../../base/nearest_names.ts";
import { FlightError } from "../../errors.ts";
import { quote } from "../format/finding.ts";

/** So many names of columns are listed in an error. */
const MAX_LISTED = 8;

/**
 * The indices of the wanted columns among those of a stream; of all without wanted ones.
 *
 * @throws {FlightError} INVALID_ARGUMENT, when one is not there, with names that may have
 * been meant.
 */
export function wantedColumns(
  columns: readonly string[] | undefined,
  names: readonly string[],
): readonly number[] {
  if (columns === undefined) return [...names.keys()];
  const missing = columns.find((name) => !names.includes(name));
  if (missing !== undefined) {
    const hint = meantHint(missing, names) ?? listColumns(names);
    throw new FlightError(
      "INVALID_ARGUMENT",
      `Cannot read the column ${quote(missing)}: it is not there; ${hint}`,
    );
  }
  const wanted = new Set(columns);
  return [...names.keys()].filter((index) => wanted.has(names[index]));
}

function listColumns(names: readonly string[]): string {
  if (names.length === 0) return "there are no columns";
  const rest = names.length - MAX_LISTED;
  const listed = names.slice(0, MAX_LISTED).map(quote).join(", ");
  return `the columns are ${listed}${rest > 0 ? ` and ${rest} more` : ""}`;
}
