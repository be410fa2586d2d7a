/**
 * Finds the type that holds all of some values exactly, which are written as texts.
 *
 * @module
 */
import {
  Bool,
  type DataType,
  DateDay,
  Float64,
  Int64,
  Null,
  Timestamp,
  TimeUnit,
  Uint64,
  Utf8,
} from "apache-arrow";
import {
  asciiText,
  fitsInt64,
  fitsUint64,
  floatOf,
  intKind,
  LONG_INT,
  SMALL_INT,
} from "./number_cells.ts";
import { boolOf } from "./bool_cells.ts";
import { findTime, found } from "./time_cells.ts";

/** What the cells of a column are, as bits. */
const BOOL = 1;
/** Whole numbers of 64 bits with a sign. */
const INT = 2;
/** Whole numbers that need 64 bits without a sign. */
const UINT = 4;
/** Whole numbers below zero. */
const NEGATIVE = 8;
/** Larger whole numbers. */
const HUGE = 16;
/** Whole numbers that a double does not hold exactly. */
const INEXACT = 32;
const FLOAT = 64;
const DATE = 128;
/** Dates with times, without a zone and with one. */
const LOCAL = 256;
const ZONED = 512;
/** Times before or after those that 64 bits can count in nanoseconds. */
const REMOTE = 1024;
const TEXT = 2048;

const NUMBERS = INT | UINT | NEGATIVE | HUGE | INEXACT | FLOAT;
const TIMES = DATE | LOCAL | ZONED | REMOTE;
const MINUS = 45;
/** 1678-01-01 and 2262-01-01, in seconds. */
const MIN_NANOSECOND_TIME = -9_214_560_000;
const MAX_NANOSECOND_TIME = 9_214_646_400;

/** What is known of some values. */
export class ScalarGuess {
  #seen = 0;
  /** The most digits of a second's part. */
  #digits = 0;

  /** Whether the values are known to be texts, so that no other can change this. */
  get isText(): boolean {
    return (this.#seen & TEXT) !== 0;
  }

  /** Looks at a value that may be of any type, as CSV has them. */
  see(bytes: Uint8Array, start: number, end: number): void {
    this.#seen |= this.#kindOf(bytes, start, end);
  }

  /** Looks at a value that is known to be a text, such as one in quotes in JSON. */
  seeText(bytes: Uint8Array, start: number, end: number): void {
    if (this.isText) return;
    this.#seen |= findTime(bytes, start, end) ? this.#timeKind() : TEXT;
  }

  /** The type that holds all of the values exactly. */
  type(): DataType {
    const seen = this.#seen;
    if (seen === 0) return new Null();
    if (seen === BOOL) return new Bool();
    if ((seen & ~NUMBERS) === 0) return numberType(seen);
    if ((seen & ~(DATE | REMOTE)) === 0) return new DateDay();
    if ((seen & ~TIMES) === 0) return timeType(seen, this.#digits);
    return new Utf8();
  }

  #kindOf(bytes: Uint8Array, start: number, end: number): number {
    const kind = intKind(bytes, start, end);
    if (kind === SMALL_INT) return bytes[start] === MINUS ? INT | NEGATIVE : INT;
    if (kind === LONG_INT) {
      // A check that is slow, once is enough.
      return longKind(bytes, start, end, (this.#seen & INEXACT) === 0);
    }
    if (start === end) return TEXT;
    // What it was before it mostly is again.
    if ((this.#seen & TIMES) === 0 && floatOf(bytes, start, end) !== undefined) {
      return FLOAT;
    }
    if (findTime(bytes, start, end)) return this.#timeKind();
    if (boolOf(bytes, start, end) !== undefined) return BOOL;
    return TEXT;
  }

  #timeKind(): number {
    this.#digits = Math.max(this.#digits, found.digits);
    const isRemote = found.seconds < MIN_NANOSECOND_TIME ||
      found.seconds >= MAX_NANOSECOND_TIME;
    const kind = !found.hasTime ? DATE : found.hasZone ? ZONED : LOCAL;
    return isRemote ? kind | REMOTE : kind;
  }
}

function longKind(
  bytes: Uint8Array,
  start: number,
  end: number,
  isExactnessWanted: boolean,
): number {
  let kind = HUGE;
  if (fitsInt64(bytes, start, end)) kind = INT;
  else if (fitsUint64(bytes, start, end)) kind = UINT;
  if (bytes[start] === MINUS) kind |= NEGATIVE;
  if (!isExactnessWanted) return kind;
  const text = asciiText(bytes, start, end);
  const isExact = Number.isFinite(Number(text)) &&
    BigInt(Number(text)) === BigInt(text);
  return isExact ? kind : kind | INEXACT;
}

function numberType(seen: number): DataType {
  if (seen & FLOAT) return seen & INEXACT ? new Utf8() : new Float64();
  if (seen & HUGE) return new Utf8();
  if ((seen & UINT) === 0) return new Int64();
  return seen & NEGATIVE ? new Utf8() : new Uint64();
}

function timeType(seen: number, digits: number): DataType {
  const isMixed = (seen & ZONED) !== 0 && (seen & (DATE | LOCAL)) !== 0;
  if (isMixed || digits > 6 && seen & REMOTE) return new Utf8();
  return new Timestamp(unitOf(digits), seen & ZONED ? "UTC" : null);
}

/** The coarsest unit that has so many digits of a second. */
function unitOf(digits: number): TimeUnit {
  if (digits === 0) return TimeUnit.SECOND;
  if (digits <= 3) return TimeUnit.MILLISECOND;
  return digits <= 6 ? TimeUnit.MICROSECOND : TimeUnit.NANOSECOND;
}
