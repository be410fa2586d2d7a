/**
 * Values of columns as texts.
 *
 * @module
 */
import { type Data, DataType, Precision, TimeUnit } from "apache-arrow";
import { FileError } from "../file_error.ts";
import type { ByteSink } from "./byte_sink.ts";
import { decimalOf, formatDecimal } from "../../base/decimals.ts";
import { doubleText, floatText } from "./number_text.ts";
import { isWritableDay, writeClock, writeDate, writeTimestamp } from "./write_time.ts";

/** Writes the value of a row, which is not null. */
export type WriteValue = (row: number) => void;

const LARGE_Z = 90;
const DAY = 86_400;
/** The digits of a second's part in each unit. */
const DIGITS: { readonly [unit in TimeUnit]: number } = {
  [TimeUnit.SECOND]: 0,
  [TimeUnit.MILLISECOND]: 3,
  [TimeUnit.MICROSECOND]: 6,
  [TimeUnit.NANOSECOND]: 9,
};
const TWO_TO_32 = 2 ** 32;
/** Numbers between these two words are below 2^53. */
const SAFE_WORD = 2 ** 21;

/** A value that no text of its kind can stand for; its message completes "the value ...". */
export class UnwritableValue extends Error {}

/** The error for a value of a column that cannot be written; any other error as it is. */
export function asColumnError(error: unknown, columnName: string): unknown {
  return error instanceof UnwritableValue
    ? new FileError(`a value ${error.message}`, { verb: "write", columnName })
    : error;
}

/** Whether the type is one whose values {@linkcode scalarWriter} writes. */
export function isScalar(type: DataType): boolean {
  return DataType.isBool(type) || DataType.isInt(type) || DataType.isFloat(type) ||
    DataType.isDecimal(type) || DataType.isDate(type) || DataType.isTimestamp(type) ||
    DataType.isTime(type);
}

/**
 * Writes the values of a column of booleans, numbers, dates and times to a sink: without
 * quotes, and each so that it can be read again exactly. Undefined for columns of any
 * other type.
 */
export function scalarWriter(data: Data, sink: ByteSink): WriteValue | undefined {
  const { type } = data;
  if (DataType.isBool(type)) {
    const { values, offset } = data;
    return (row) => {
      const at = row + offset;
      sink.ascii((values[at >> 3] & 1 << (at & 7)) === 0 ? "false" : "true");
    };
  }
  if (DataType.isInt(type)) {
    const { values } = data;
    if (type.bitWidth < 64) return (row) => sink.int(values[row]);
    return longWriter(values, sink);
  }
  if (DataType.isFloat(type)) return floatWriter(data, type.precision, sink);
  if (DataType.isDecimal(type)) {
    const { values } = data;
    const { scale, bitWidth } = type;
    const words = bitWidth / 32;
    return (row) => {
      const value = decimalOf(values.subarray(words * row, words * (row + 1)));
      sink.ascii(formatDecimal(value, scale));
    };
  }
  return timeWriter(data, sink);
}

function longWriter(
  values: BigInt64Array | BigUint64Array,
  sink: ByteSink,
): WriteValue {
  const words = new Int32Array(values.buffer, values.byteOffset, 2 * values.length);
  return (row) => {
    const high = words[2 * row + 1];
    if (high >= -SAFE_WORD && high < SAFE_WORD && !(high < 0 && isUnsigned(values))) {
      sink.int(high * TWO_TO_32 + (words[2 * row] >>> 0));
    } else sink.ascii(String(values[row]));
  };
}

function isUnsigned(values: BigInt64Array | BigUint64Array): boolean {
  return values instanceof BigUint64Array;
}

function floatWriter(data: Data, precision: Precision, sink: ByteSink): WriteValue {
  const { values } = data;
  if (precision === Precision.DOUBLE) {
    return (row) => sink.ascii(doubleText(values[row]));
  }
  if (precision === Precision.SINGLE) {
    return (row) => sink.ascii(floatText(values[row]));
  }
  return (row) => sink.ascii(doubleText(halfOf(values[row])));
}

/** The number in a float of 16 bits. */
export function halfOf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = bits >> 10 & 0x1f;
  const part = bits & 0x3ff;
  if (exponent === 0) return sign * part * 2 ** -24;
  if (exponent === 0x1f) return part === 0 ? sign * Infinity : NaN;
  return sign * (1 + part / 1024) * 2 ** (exponent - 15);
}

function timeWriter(data: Data, sink: ByteSink): WriteValue | undefined {
  const { type, values } = data;
  if (DataType.isDate(type)) {
    return (row) => {
      const days = typeof values[row] === "bigint"
        ? Number(values[row]) / (1000 * DAY)
        : values[row];
      if (!Number.isInteger(days)) throw new UnwritableValue("is no whole day");
      checkDay(days);
      writeDate(sink, days);
    };
  }
  if (DataType.isTimestamp(type)) {
    const digits = DIGITS[type.unit];
    const perSecond = 10n ** BigInt(digits);
    const isZoned = Boolean(type.timezone);
    return (row) => {
      const value: bigint = values[row];
      let seconds = Number(value / perSecond);
      let part = Number(value % perSecond);
      if (part < 0) {
        part += Number(perSecond);
        seconds--;
      }
      checkDay(Math.floor(seconds / DAY));
      writeTimestamp(sink, seconds, part, digits);
      if (isZoned) sink.byte(LARGE_Z);
    };
  }
  if (DataType.isTime(type)) {
    const digits = DIGITS[type.unit];
    const perSecond = 10 ** digits;
    return (row) => {
      const value = Number(values[row]);
      const seconds = Math.floor(value / perSecond);
      if (value < 0 || seconds >= DAY) throw new UnwritableValue("is no time of day");
      writeClock(sink, seconds, value - seconds * perSecond, digits);
    };
  }
}

function checkDay(days: number): void {
  if (!isWritableDay(days)) {
    throw new UnwritableValue("is not in a year from 0 to 9999, as a date has to be");
  }
}
