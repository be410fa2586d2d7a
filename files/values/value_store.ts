/**
 * Values of columns, read from the bytes of texts.
 *
 * @module
 */
import { DataType, type Int, Precision, TimeUnit } from "apache-arrow";
import { type BinaryText, decodeBinary } from "../../base/binary_text.ts";
import { boolOf } from "./bool_cells.ts";
import type { ColumnParts } from "./column_data.ts";
import { typeName } from "./column_types.ts";
import { parseDecimal, setDecimal } from "../../base/decimals.ts";
import { setInt53, setProduct } from "./int64_words.ts";
import {
  asciiText,
  fitsInt64,
  fitsUint64,
  floatOf,
  intKind,
  NO_INT,
  setInt64,
  SMALL_INT,
  smallInt,
} from "./number_cells.ts";
import { findClockTime, findTime, found } from "./time_cells.ts";

/** Keeps the values of one column. */
export interface ValueStore {
  /** Makes room for so many rows. */
  grow(rows: number): void;
  /**
   * Takes the value from the text of a row; false when the text has no such value. Rows
   * come in their order; those that are left out are null.
   */
  set(bytes: Uint8Array, start: number, end: number, row: number): boolean;
  /** The values of so many rows, after which there are none. */
  finish(rows: number): ColumnParts;
}

type ShortInts =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;
type Values =
  | ShortInts
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

type Unit = "s" | "ms" | "us" | "ns";
const UNITS: { readonly [unit in TimeUnit]: Unit } = {
  [TimeUnit.SECOND]: "s",
  [TimeUnit.MILLISECOND]: "ms",
  [TimeUnit.MICROSECOND]: "us",
  [TimeUnit.NANOSECOND]: "ns",
};
const PER_SECOND = { s: 1, ms: 1e3, us: 1e6, ns: 1e9 };
/** Between these times, in seconds, 64 bits can count nanoseconds. */
const MIN_NANOSECOND_TIME = -9_223_372_036;
const MAX_NANOSECOND_TIME = 9_223_372_036;

/**
 * A store for values of this type.
 *
 * @throws {TypeError} when no text stands for values of this type.
 */
export function valueStore(type: DataType, binary: BinaryText): ValueStore {
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type)) {
    return new TextStore(DataType.isLargeUtf8(type));
  }
  if (DataType.isBinary(type) || DataType.isLargeBinary(type)) {
    return new BinaryStore(DataType.isLargeBinary(type), binary);
  }
  if (DataType.isNull(type)) return new NullStore();
  if (DataType.isBool(type)) return new BoolStore();
  if (DataType.isInt(type)) {
    return type.bitWidth === 64 ? longStore(type) : intStore(type);
  }
  if (DataType.isFloat(type)) {
    return new FloatStore(
      type.precision === Precision.SINGLE ? Float32Array : Float64Array,
    );
  }
  if (DataType.isDate(type)) return new DateStore(Int32Array);
  if (DataType.isTimestamp(type)) {
    return new TimestampStore(UNITS[type.unit], Boolean(type.timezone));
  }
  if (DataType.isTime(type)) return new TimeStore(UNITS[type.unit]);
  if (DataType.isDecimal(type)) return new DecimalStore(type.scale, type.precision);
  throw new TypeError(`Cannot read texts as ${typeName(type)}`);
}

/** Values that all have the same size. */
abstract class FixedStore<T extends Values> implements ValueStore {
  protected values: T;
  readonly #ArrayType: new (length: number) => T;
  readonly #stride: number;

  constructor(ArrayType: new (length: number) => T, stride = 1) {
    this.#ArrayType = ArrayType;
    this.#stride = stride;
    this.values = new ArrayType(0);
  }

  abstract set(bytes: Uint8Array, start: number, end: number, row: number): boolean;

  grow(rows: number): void {
    const length = Math.ceil(rows * this.#stride);
    if (length <= this.values.length) return;
    const grown = new this.#ArrayType(Math.max(length, 2 * this.values.length));
    grown.set(this.values as never);
    this.values = grown;
    this.onGrown();
  }

  finish(rows: number): ColumnParts {
    const values = this.values.subarray(0, Math.ceil(rows * this.#stride));
    this.values = new this.#ArrayType(0);
    return { values };
  }

  /** Is called when the values are in other memory. */
  protected onGrown(): void {}
}

/** Values of 64 bits, which are written as two of 32. */
abstract class WordStore extends FixedStore<BigInt64Array | BigUint64Array> {
  protected words: Int32Array = new Int32Array(0);

  protected override onGrown(): void {
    this.words = new Int32Array(this.values.buffer);
  }
}

class NullStore implements ValueStore {
  grow(): void {}

  set(): boolean {
    return false;
  }

  finish(): ColumnParts {
    return {};
  }
}

class BoolStore extends FixedStore<Uint8Array> {
  constructor() {
    super(Uint8Array, 1 / 8);
  }

  set(bytes: Uint8Array, start: number, end: number, row: number): boolean {
    const value = boolOf(bytes, start, end);
    if (value) this.values[row >> 3] |= 1 << (row & 7);
    return value !== undefined;
  }
}

class LongStore extends WordStore {
  readonly #fits: typeof fitsInt64;

  constructor(
    ArrayType: new (length: number) => BigInt64Array | BigUint64Array,
    fits: typeof fitsInt64,
  ) {
    super(ArrayType);
    this.#fits = fits;
  }

  set(bytes: Uint8Array, start: number, end: number, row: number): boolean {
    if (intKind(bytes, start, end) === NO_INT || !this.#fits(bytes, start, end)) {
      return false;
    }
    setInt64(this.words, row, bytes, start, end);
    return true;
  }
}

function longStore({ isSigned }: Int): ValueStore {
  return isSigned
    ? new LongStore(BigInt64Array, fitsInt64)
    : new LongStore(BigUint64Array, fitsUint64);
}

class IntStore extends FixedStore<ShortInts> {
  readonly #min: number;
  readonly #max: number;

  constructor(
    ArrayType: new (length: number) => ShortInts,
    min: number,
    max: number,
  ) {
    super(ArrayType);
    this.#min = min;
    this.#max = max;
  }

  set(bytes: Uint8Array, start: number, end: number, row: number): boolean {
    if (intKind(bytes, start, end) !== SMALL_INT) return false;
    const value = smallInt(bytes, start, end);
    this.values[row] = value;
    return value >= this.#min && value <= this.#max;
  }
}

function intStore({ bitWidth, isSigned }: Int): ValueStore {
  const arrays = isSigned
    ? { 8: Int8Array, 16: Int16Array, 32: Int32Array }
    : { 8: Uint8Array, 16: Uint16Array, 32: Uint32Array };
  const ArrayType = arrays[bitWidth as keyof typeof arrays];
  const min = isSigned ? -(2 ** (bitWidth - 1)) : 0;
  const max = 2 ** (isSigned ? bitWidth - 1 : bitWidth) - 1;
  return new IntStore(ArrayType, min, max);
}

class FloatStore extends FixedStore<Float32Array | Float64Array> {
  set(bytes: Uint8Array, start: number, end: number, row: number): boolean {
    const value = floatOf(bytes, start, end);
    if (value === undefined) return false;
    this.values[row] = value;
    return true;
  }
}

class DateStore extends FixedStore<Int32Array> {
  set(bytes: Uint8Array, start: number, end: number, row: number): boolean {
    if (!findTime(bytes, start, end) || found.hasTime) return false;
    this.values[row] = found.days;
    return true;
  }
}

class TimestampStore extends WordStore {
  readonly #factor: number;
  readonly #isZoned: boolean;
  readonly #min: number;
  readonly #max: number;

  constructor(unit: Unit, isZoned: boolean) {
    super(BigInt64Array);
    this.#factor = PER_SECOND[unit];
    this.#isZoned = isZoned;
    this.#min = unit === "ns" ? MIN_NANOSECOND_TIME : -Infinity;
    this.#max = unit === "ns" ? MAX_NANOSECOND_TIME : Infinity;
  }

  set(bytes: Uint8Array, start: number, end: number, row: number): boolean {
    if (!findTime(bytes, start, end) || found.hasZone !== this.#isZoned) return false;
    const { seconds, nanoseconds } = found;
    const part = nanoseconds / (1e9 / this.#factor);
    if (!Number.isInteger(part)) return false;
    if (seconds <= this.#min || seconds >= this.#max) return false;
    setProduct(this.words, row, seconds, this.#factor, part);
    return true;
  }
}

class TimeStore extends FixedStore<Int32Array | BigInt64Array> {
  readonly #factor: number;
  readonly #isLong: boolean;

  constructor(unit: Unit) {
    const isLong = unit === "us" || unit === "ns";
    super(isLong ? BigInt64Array : Int32Array);
    this.#factor = PER_SECOND[unit];
    this.#isLong = isLong;
  }

  set(bytes: Uint8Array, start: number, end: number, row: number): boolean {
    if (!findClockTime(bytes, start, end)) return false;
    const part = found.nanoseconds / (1e9 / this.#factor);
    if (!Number.isInteger(part)) return false;
    const value = found.seconds * this.#factor + part;
    const words = new Int32Array(this.values.buffer);
    if (this.#isLong) setInt53(words, row, value);
    else words[row] = value;
    return true;
  }
}

class DecimalStore extends FixedStore<Uint32Array> {
  readonly #scale: number;
  readonly #precision: number;

  constructor(scale: number, precision: number) {
    super(Uint32Array, 4);
    this.#scale = scale;
    this.#precision = precision;
  }

  set(bytes: Uint8Array, start: number, end: number, row: number): boolean {
    const text = asciiText(bytes, start, end);
    const value = parseDecimal(text, this.#scale, this.#precision);
    if (value === undefined) return false;
    setDecimal(this.values.subarray(4 * row, 4 * row + 4), value);
    return true;
  }
}

/** Texts, as their bytes. */
class TextStore implements ValueStore {
  #bytes = new Uint8Array(0);
  #filled = 0;
  /** Where each row's text ends. */
  #ends = new Int32Array(0);
  /** The row after the last that was set. */
  #next = 0;
  readonly #isLarge: boolean;

  constructor(isLarge: boolean) {
    this.#isLarge = isLarge;
  }

  grow(rows: number): void {
    if (rows <= this.#ends.length) return;
    const grown = new Int32Array(Math.max(rows, 2 * this.#ends.length));
    grown.set(this.#ends);
    this.#ends = grown;
  }

  set(bytes: Uint8Array, start: number, end: number, row: number): boolean {
    const length = end - start;
    if (this.#filled + length > this.#bytes.length) this.#growBytes(length);
    const target = this.#bytes;
    const filled = this.#filled;
    if (length > 48) target.set(bytes.subarray(start, end), filled);
    else for (let at = 0; at < length; at++) target[filled + at] = bytes[start + at];
    this.#fillTo(row);
    this.#filled = filled + length;
    this.#ends[row] = this.#filled;
    this.#next = row + 1;
    return true;
  }

  finish(rows: number): ColumnParts {
    this.#fillTo(rows);
    const offsets = new Int32Array(rows + 1);
    offsets.set(this.#ends.subarray(0, rows), 1);
    const values = this.#bytes.subarray(0, this.#filled);
    this.#bytes = new Uint8Array(0);
    this.#ends = new Int32Array(0);
    this.#filled = 0;
    this.#next = 0;
    return {
      offsets: this.#isLarge ? BigInt64Array.from(offsets, BigInt) : offsets,
      values,
    };
  }

  /** The rows without a text end where the one before them does. */
  #fillTo(row: number): void {
    while (this.#next < row) this.#ends[this.#next++] = this.#filled;
  }

  #growBytes(length: number): void {
    const size = Math.max(4096, 2 * this.#bytes.length, this.#filled + length);
    const grown = new Uint8Array(size);
    grown.set(this.#bytes.subarray(0, this.#filled));
    this.#bytes = grown;
  }
}

/** Bytes, which are written as texts. */
class BinaryStore extends TextStore {
  readonly #form: BinaryText;

  constructor(isLarge: boolean, form: BinaryText) {
    super(isLarge);
    this.#form = form;
  }

  override set(bytes: Uint8Array, start: number, end: number, row: number): boolean {
    const value = decodeBinary(asciiText(bytes, start, end), this.#form);
    return value !== undefined && super.set(value, 0, value.length, row);
  }
}
