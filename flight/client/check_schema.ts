/**
 * What the endpoints of a flight have in common.
 *
 * @module
 */
import { FlightError } from "../errors.ts";

/** Checks that two endpoints have the same schema; zero bytes may follow after one. */
export function checkSchema(header: Uint8Array, expected: Uint8Array): void {
  const length = Math.max(header.length, expected.length);
  for (let at = 0; at < length; at++) {
    if ((header[at] ?? 0) === (expected[at] ?? 0)) continue;
    throw new FlightError(
      "INTERNAL",
      "Cannot read the flight: its endpoints have different schemas",
    );
  }
}
