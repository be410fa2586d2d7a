/**
 * The texts of dates and times.
 *
 * @module
 */

/** A second has so many of each unit: seconds, milliseconds, microseconds, nanoseconds. */
const PER_SECOND = [1n, 1000n, 1_000_000n, 1_000_000_000n];
const UNITS = ["s", "ms", "µs", "ns"];
/** How many digits follow the point of a second, for each unit. */
const DIGITS = [0, 3, 6, 9];
const DAY_MS = 24 * 60 * 60 * 1000;
/** Beyond so many milliseconds from 1970 there are no dates. */
const MAX_DATE_MS = 8.64e15;

/** A date in days (unit 0) or milliseconds since 1970. */
export function dateText(value: number | bigint, unit: number): string {
  const time = unit === 0 ? Number(value) * DAY_MS : Number(value);
  if (Math.abs(time) > MAX_DATE_MS) return `${value} ${unit === 0 ? "days" : "ms"}`;
  return isoText(time).replace(/T.*/, "");
}

/** A time of day in this unit. */
export function timeText(value: number | bigint, unit: number): string {
  const { seconds, rest } = splitSeconds(value, unit);
  if (seconds < 0n || seconds >= 86400n) return `${value} ${UNITS[unit]}`;
  const clock = isoText(Number(seconds) * 1000).slice(11, 19);
  return clock + fraction(rest, unit);
}

/** A time in this unit since 1970, which is one of UTC when it has a time zone. */
export function timestampText(
  value: number | bigint,
  unit: number,
  hasZone: boolean,
): string {
  const { seconds, rest } = splitSeconds(value, unit);
  const time = Number(seconds) * 1000;
  if (Math.abs(time) > MAX_DATE_MS) return `${value} ${UNITS[unit]}`;
  const [date, clock] = isoText(time).split("T");
  return `${date} ${clock.slice(0, 8)}${fraction(rest, unit)}${hasZone ? "Z" : ""}`;
}

/** A duration in this unit. */
export function durationText(value: number | bigint, unit: number): string {
  return `${value} ${UNITS[unit]}`;
}

/** An interval of months, of days and milliseconds, or of months, days and nanoseconds. */
export function intervalText(words: Int32Array, unit: number): string {
  if (unit === 0) return `${words[0]} months`;
  if (unit === 1) return `${words[0]} days ${words[1]} ms`;
  const nanoseconds = BigInt(words[3]) << 32n | BigInt(words[2] >>> 0);
  return `${words[0]} months ${words[1]} days ${nanoseconds} ns`;
}

function isoText(time: number): string {
  return new Date(time).toISOString();
}

/** The whole seconds, and how many units follow them. */
function splitSeconds(
  value: number | bigint,
  unit: number,
): { seconds: bigint; rest: bigint } {
  const per = PER_SECOND[unit];
  const whole = BigInt(value);
  const rest = (whole % per + per) % per;
  return { seconds: (whole - rest) / per, rest };
}

function fraction(rest: bigint, unit: number): string {
  return rest === 0n ? "" : `.${`${rest}`.padStart(DIGITS[unit], "0")}`;
}
