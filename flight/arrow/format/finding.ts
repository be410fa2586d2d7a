/**
 * What is found wrong with Arrow messages.
 *
 * @module
 */
import { FlightError, type FlightErrorCode } from "../../errors.ts";

/** The longest name in an error: errors are sent in headers of a few KiB. */
const MAX_QUOTED = 120;

/** A fault of a message. {@linkcode refuseWith} makes a FlightError of it. */
export class Finding extends Error {
  /** A finding whose reason completes the sentence "Cannot accept the message". */
  constructor(reason: string) {
    super(reason);
    this.name = "Finding";
  }
}

/**
 * Runs the check.
 *
 * @throws {FlightError} with this code, when the check throws a Finding.
 */
export function refuseWith<T>(code: FlightErrorCode, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof Finding)) throw error;
    throw new FlightError(code, `Cannot accept the message: ${error.message}`, {
      cause: error,
    });
  }
}

/** A name in quotes, cut when it is too long for an error's text. */
export function quote(name: string): string {
  return name.length > MAX_QUOTED ? `"${name.slice(0, MAX_QUOTED)}..."` : `"${name}"`;
}
