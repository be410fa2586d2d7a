/**
 * How a call without an identity is answered.
 *
 * @module
 */
import { FlightError } from "../flight/errors.ts";

/** The error of a call whose credentials are missing or wrong. */
export function unauthenticated(reason: string, cause?: unknown): FlightError {
  return new FlightError("UNAUTHENTICATED", `Cannot accept the call: ${reason}`, {
    cause,
  });
}

/** Whether an error says that the credentials of a call are missing or wrong. */
export function isUnauthenticated(error: unknown): error is FlightError {
  return error instanceof FlightError && error.code === "UNAUTHENTICATED";
}
