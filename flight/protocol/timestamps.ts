/**
 * Moments in time, as the protocol and as JavaScript have them.
 *
 * @module
 */
import type { Timestamp } from "../../proto/messages.ts";

/**
 * The timestamp of a date, which is exact to the millisecond.
 *
 * @throws {RangeError} when the date is invalid.
 */
export function timestampOf(date: Date): Timestamp {
  const milliseconds = date.getTime();
  if (Number.isNaN(milliseconds)) {
    throw new RangeError("Cannot make a timestamp: the date is invalid");
  }
  const seconds = Math.floor(milliseconds / 1000);
  return { seconds: BigInt(seconds), nanos: (milliseconds - seconds * 1000) * 1e6 };
}

/** The date of a timestamp, without what it has beyond milliseconds. */
export function dateOf({ seconds, nanos }: Timestamp): Date {
  return new Date(Number(seconds) * 1000 + Math.floor(nanos / 1e6));
}
