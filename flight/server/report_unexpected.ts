/**
 * Tells the console of errors that a service did not foresee.
 *
 * @module
 */
import { UnexpectedError } from "../errors.ts";
import { type CallRecord, describeCall } from "./call_record.ts";

/**
 * Writes an unexpected error of a call to the console, with what was thrown. The
 * client is not told what it was, so a server without a log of its own says it here.
 */
export function reportUnexpected(record: CallRecord): void {
  const { error } = record;
  if (error instanceof UnexpectedError) {
    console.error(describeCall(record), error.cause);
  }
}
