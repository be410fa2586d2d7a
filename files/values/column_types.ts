/**
 * Types of columns as texts, such as `timestamp[ms, UTC]`: the words of pyarrow.
 *
 * @module
 */
import {
  Binary,
  Bool,
  DataType,
  DateDay,
  Decimal,
  Float32,
  Float64,
  Int16,
  Int32,
  Int64,
  Int8,
  LargeBinary,
  LargeUtf8,
  Null,
  TimeMicrosecond,
  TimeMillisecond,
  TimeNanosecond,
  TimeSecond,
  Timestamp,
  TimeUnit,
  Uint16,
  Uint32,
  Uint64,
  Uint8,
  Utf8,
} from "apache-arrow";
import { showValue } from "../../base/show_value.ts";

const SIMPLE: { readonly [name: string]: () => DataType } = {
  null: () => new Null(),
  bool: () => new Bool(),
  int8: () => new Int8(),
  int16: () => new Int16(),
  int32: () => new Int32(),
  int64: () => new Int64(),
  uint8: () => new Uint8(),
  uint16: () => new Uint16(),
  uint32: () => new Uint32(),
  uint64: () => new Uint64(),
  float32: () => new Float32(),
  float64: () => new Float64(),
  utf8: () => new Utf8(),
  large_utf8: () => new LargeUtf8(),
  binary: () => new Binary(),
  large_binary: () => new LargeBinary(),
  date32: () => new DateDay(),
  "time32[s]": () => new TimeSecond(),
  "time32[ms]": () => new TimeMillisecond(),
  "time64[us]": () => new TimeMicrosecond(),
  "time64[ns]": () => new TimeNanosecond(),
};
const SIMPLE_NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries(SIMPLE).map(([name, make]) => [`${make()}`, name]),
);
const ALIASES: { readonly [name: string]: string } = {
  boolean: "bool",
  float: "float32",
  double: "float64",
  string: "utf8",
  large_string: "large_utf8",
  date: "date32",
};
const UNITS: { readonly [name: string]: TimeUnit } = {
  s: TimeUnit.SECOND,
  ms: TimeUnit.MILLISECOND,
  us: TimeUnit.MICROSECOND,
  ns: TimeUnit.NANOSECOND,
};
const MAX_PRECISION = 38;

/**
 * The type with this name.
 *
 * @throws {TypeError} when there is none.
 */
export function parseType(name: string): DataType {
  const text = name.trim().toLowerCase().replace(/\s+/g, "");
  const simple = Object.hasOwn(ALIASES, text) ? ALIASES[text] : text;
  if (Object.hasOwn(SIMPLE, simple)) return SIMPLE[simple]();
  const timestamp =
    /^\s*timestamp\[\s*(s|ms|us|ns)\s*(?:,\s*(?:tz=)?([^\]]+?)\s*)?\]\s*$/i
      .exec(name);
  if (timestamp !== null) {
    return new Timestamp(UNITS[timestamp[1].toLowerCase()], timestamp[2] ?? null);
  }
  const decimal = /^decimal(?:128)?\((\d+)(?:,(\d+))?\)$/.exec(text);
  if (decimal !== null) {
    const [precision, scale] = [Number(decimal[1]), Number(decimal[2] ?? 0)];
    if (precision >= 1 && precision <= MAX_PRECISION && scale <= precision) {
      return new Decimal(scale, precision, 128);
    }
  }
  throw new TypeError(
    `Cannot use the type ${showValue(name)}: it has to be one of ${
      Object.keys(SIMPLE).join(", ")
    }, timestamp[s|ms|us|ns], timestamp[unit, zone] or decimal128(precision, scale)`,
  );
}

/** The type as a text, in the same words where there is one. */
export function typeName(type: DataType): string {
  if (DataType.isTimestamp(type)) {
    const unit = Object.keys(UNITS).find((name) => UNITS[name] === type.unit);
    return `timestamp[${unit}${type.timezone ? `, ${type.timezone}` : ""}]`;
  }
  if (DataType.isDecimal(type)) {
    return `decimal${type.bitWidth}(${type.precision}, ${type.scale})`;
  }
  return SIMPLE_NAMES.get(`${type}`) ?? `${type}`;
}
