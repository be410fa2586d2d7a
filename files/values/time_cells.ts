/**
 * Dates and times in the bytes of a text, as ISO 8601 writes them.
 *
 * @module
 */

/** A point in time, or on the clock, that was found. It is used again for the next one. */
export interface FoundTime {
  /** Days since 1970-01-01. */
  days: number;
  /** Seconds since 1970-01-01 00:00, in UTC when there is a zone. */
  seconds: number;
  /** The part of a second, in nanoseconds. */
  nanoseconds: number;
  /** How many digits of a second's part are written. */
  digits: number;
  /** Whether there is a time beside the date. */
  hasTime: boolean;
  /** Whether there is a zone, `Z` or an offset. */
  hasZone: boolean;
}

const ZERO = 48;
const NINE = 57;
const PLUS = 43;
const MINUS = 45;
const POINT = 46;
const COLON = 58;
const LARGE_T = 84;
const LARGE_Z = 90;
const SMALL_T = 116;
const SMALL_Z = 122;
const SPACE = 32;
const DAY = 86_400;
const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/** So many characters has a date. */
const DATE_LENGTH = 10;

/** What {@linkcode findTime} finds. */
export const found: FoundTime = {
  days: 0,
  seconds: 0,
  nanoseconds: 0,
  digits: 0,
  hasTime: false,
  hasZone: false,
};

/**
 * Whether the text is a date (`2024-02-29`), or a date and a time
 * (`2024-02-29T12:30:00.25`, with `T` or a space, with or without seconds and a zone);
 * {@linkcode found} then has it.
 */
export function findTime(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  if (length < DATE_LENGTH || length > 40) return false;
  if (bytes[start + 4] !== MINUS || bytes[start + 7] !== MINUS) return false;
  const year = 100 * twoDigits(bytes, start) + twoDigits(bytes, start + 2);
  const month = twoDigits(bytes, start + 5);
  const day = twoDigits(bytes, start + 8);
  // A letter makes a number NaN, which is in no range.
  if (!(year >= 0 && month >= 1 && month <= 12 && day >= 1)) return false;
  if (day > daysInMonth(year, month)) return false;
  found.days = daysFromCivil(year, month, day);
  found.seconds = DAY * found.days;
  found.nanoseconds = 0;
  found.digits = 0;
  found.hasTime = false;
  found.hasZone = false;
  if (length === DATE_LENGTH) return true;
  const separator = bytes[start + DATE_LENGTH];
  if (separator !== LARGE_T && separator !== SPACE && separator !== SMALL_T) {
    return false;
  }
  const at = findClock(bytes, start + DATE_LENGTH + 1, end);
  if (at === undefined) return false;
  found.hasTime = true;
  return at === end || findZone(bytes, at, end);
}

/**
 * Whether the text is a time of day (`12:30`, `12:30:00.25`); then {@linkcode found} has
 * it, its seconds since midnight.
 */
export function findClockTime(bytes: Uint8Array, start: number, end: number): boolean {
  found.seconds = 0;
  found.nanoseconds = 0;
  found.digits = 0;
  return findClock(bytes, start, end) === end;
}

/** The days from 1970-01-01 to a date, by the calendar that ISO 8601 uses for all times. */
function daysFromCivil(year: number, month: number, day: number): number {
  // Years that start in March have their leap day at their end.
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - 400 * era;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day -
    1;
  const dayOfEra = 365 * yearOfEra + Math.floor(yearOfEra / 4) -
    Math.floor(yearOfEra / 100) + dayOfYear;
  return 146_097 * era + dayOfEra - 719_468;
}

/** Reads a time of day, and adds it; gives where it ends. */
function findClock(bytes: Uint8Array, start: number, end: number): number | undefined {
  if (end - start < 5 || bytes[start + 2] !== COLON) return undefined;
  const hours = twoDigits(bytes, start);
  const minutes = twoDigits(bytes, start + 3);
  if (!(hours >= 0 && hours < 24 && minutes >= 0 && minutes < 60)) return undefined;
  let at = start + 5;
  let seconds = 0;
  if (at < end && bytes[at] === COLON) {
    if (end - at < 3) return undefined;
    seconds = twoDigits(bytes, at + 1);
    if (!(seconds >= 0 && seconds < 60)) return undefined;
    at += 3;
    if (at < end && bytes[at] === POINT) {
      const first = ++at;
      let part = 0;
      while (at < end && bytes[at] >= ZERO && bytes[at] <= NINE) {
        part = 10 * part + bytes[at++] - ZERO;
      }
      const digits = at - first;
      if (digits === 0 || digits > 9) return undefined;
      found.digits = digits;
      found.nanoseconds = part * 10 ** (9 - digits);
    }
  }
  found.seconds += 3600 * hours + 60 * minutes + seconds;
  return at;
}

/** Reads `Z`, `+01:00`, `+0100` or `+01`, and takes it off the time. */
function findZone(bytes: Uint8Array, start: number, end: number): boolean {
  const sign = bytes[start];
  found.hasZone = true;
  if (sign === LARGE_Z || sign === SMALL_Z) return end - start === 1;
  if (sign !== PLUS && sign !== MINUS) return false;
  const length = end - start;
  const hours = length < 3 ? NaN : twoDigits(bytes, start + 1);
  let minutes = 0;
  if (length === 6 && bytes[start + 3] === COLON) minutes = twoDigits(bytes, start + 4);
  else if (length === 5) minutes = twoDigits(bytes, start + 3);
  else if (length !== 3) return false;
  if (!(hours >= 0 && hours < 24 && minutes >= 0 && minutes < 60)) return false;
  const offset = 3600 * hours + 60 * minutes;
  found.seconds -= sign === PLUS ? offset : -offset;
  return true;
}

function daysInMonth(year: number, month: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && isLeap ? 29 : DAYS_IN_MONTH[month - 1];
}

function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = bytes[at] - ZERO;
  const ones = bytes[at + 1] - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? 10 * tens + ones : NaN;
}
