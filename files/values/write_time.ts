/**
 * Dates and times as ISO 8601 writes them.
 *
 * @module
 */
import type { ByteSink } from "./byte_sink.ts";

const MINUS = 45;
const POINT = 46;
const COLON = 58;
const LARGE_T = 84;
const DAY = 86_400;
/** 0000-01-01 and 9999-12-31, as days since 1970-01-01. */
const MIN_DAY = -719_528;
const MAX_DAY = 2_932_896;

/** Whether the day is in a year from 0 to 9999: other years have more than four digits. */
export function isWritableDay(days: number): boolean {
  return days >= MIN_DAY && days <= MAX_DAY;
}

/** Writes a date, such as `2024-02-29`. */
export function writeDate(sink: ByteSink, days: number): void {
  // Years that start in March have their leap day at their end.
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - 146_097 * era;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - 365 * yearOfEra - Math.floor(yearOfEra / 4) +
    Math.floor(yearOfEra / 100);
  const month = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * month + 2) / 5) + 1;
  const year = 400 * era + yearOfEra + (month >= 10 ? 1 : 0);
  sink.padded(year, 4);
  sink.byte(MINUS);
  sink.padded(month < 10 ? month + 3 : month - 9, 2);
  sink.byte(MINUS);
  sink.padded(day, 2);
}

/** Writes a time of day, with so many digits of a second's part. */
export function writeClock(
  sink: ByteSink,
  seconds: number,
  part: number,
  digits: number,
): void {
  sink.padded(Math.floor(seconds / 3600), 2);
  sink.byte(COLON);
  sink.padded(Math.floor(seconds / 60) % 60, 2);
  sink.byte(COLON);
  sink.padded(seconds % 60, 2);
  if (digits === 0) return;
  sink.byte(POINT);
  sink.padded(part, digits);
}

/** Writes a date and a time, of seconds since 1970-01-01 00:00. */
export function writeTimestamp(
  sink: ByteSink,
  seconds: number,
  part: number,
  digits: number,
): void {
  const days = Math.floor(seconds / DAY);
  writeDate(sink, days);
  sink.byte(LARGE_T);
  writeClock(sink, seconds - DAY * days, part, digits);
}
