/**
 * How the checks of Arrow messages say what is wrong.
 *
 * @module
 */
import { FlightError, type FlightErrorCode } from "../../errors.ts";

/** Names come from a stranger, and an error travels in headers of a few KiB. */
const LONGEST_NAME = 120;

/** What is wrong with a message, before it is known as which status it is told. */
export class Finding extends Error {
  /** A finding whose reason completes the sentence "Cannot accept the message". */
  constructor(reason: string) {
    super(reason);
    this.name = "Finding";
  }
}

/** Runs `check`, and makes of what it finds wrong a FlightError with this code. */
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
  return name.length > LONGEST_NAME
    ? `"${name.slice(0, LONGEST_NAME)}..."`
    : `"${name}"`;
}
