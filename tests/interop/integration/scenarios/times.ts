/**
 * Moments in time, as the protocol has them.
 *
 * @module
 */
import { type Timestamp, timestampOf } from "../../../../flight/mod.ts";

/** The moment so many seconds from now. */
export function secondsFromNow(seconds: number): Timestamp {
  return timestampOf(new Date(Date.now() + seconds * 1000));
}

/** The moment in nanoseconds since 1970, which can be compared. */
export function nanoseconds({ seconds, nanos }: Timestamp): bigint {
  return seconds * 1_000_000_000n + BigInt(nanos);
}
