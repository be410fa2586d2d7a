/**
 * The values of a column as text: exact, and cut where they are long.
 *
 * @module
 */
import { type Data, Type, type Union, UnionMode, Vector } from "apache-arrow";
import { encodeHex } from "../../base/binary_text.ts";
import { decimalOf, formatDecimal } from "../../base/decimals.ts";
import { DictionaryLookup } from "../../flight/arrow/decode/dictionary_lookup.ts";
import { cutText } from "./cut_text.ts";
import {
  dateText,
  durationText,
  intervalText,
  timestampText,
  timeText,
} from "./value_text.ts";

/** The values of a part of a column. */
export interface Cells {
  /** How many there are. */
  readonly length: number;
  /** Whether a row has a value; false for null. */
  isValid(row: number): boolean;
  /** The text of a value, of about so many characters at most. */
  text(row: number, most: number): string;
  /**
   * Where a value is among the others; absent for types whose values do not lie on a
   * line. It is NaN for what has no place.
   */
  readonly place?: (row: number) => number | bigint;
}

/** What a type's values are; most types have their nulls in one and the same way. */
type Values = Omit<Cells, "length" | "isValid"> & Partial<Pick<Cells, "isValid">>;

/** So many bytes of binary values are shown. */
const MAX_BINARY_BYTES = 16;
/** One character has at most so many bytes in UTF-8. */
const MAX_CHARACTER_BYTES = 4;

/** The values of this part of a column, an array that \`decode\` has made. */
export function cellsOf(data: Data): Cells {
  return {
    length: data.length,
    isValid: (row) => data.getValid(row),
    ...valuesOf(data),
  };
}

function valuesOf(data: Data): Values {
  const { values, stride } = data;
  const own = { unit: 0, scale: 0, timezone: null, ...data.type };
  switch (data.type.typeId as Type) {
    case Type.Null:
      return { isValid: () => false, text: () => "null" };
    case Type.Int:
      return placed((row) => values[row], (value) => `${value}`);
    case Type.Float: {
      // Half floats come as their bits.
      const vector = new Vector([data]);
      return placed((row) => Number(vector.get(row)), (value) => `${value}`);
    }
    case Type.Decimal:
      return placed(
        (row) => decimalOf(values.subarray(row * stride, (row + 1) * stride)),
        (value) => formatDecimal(value, own.scale),
      );
    case Type.Date:
      return placed((row) => values[row], (value) => dateText(value, own.unit));
    case Type.Time:
      return placed((row) => values[row], (value) => timeText(value, own.unit));
    case Type.Timestamp:
      return placed(
        (row) => values[row],
        (value) => timestampText(value, own.unit, Boolean(own.timezone)),
      );
    case Type.Duration:
      return placed((row) => values[row], (value) => durationText(value, own.unit));
    case Type.Interval:
      return {
        text: (row) =>
          intervalText(values.subarray(row * stride, (row + 1) * stride), own.unit),
      };
    case Type.Bool:
      return { text: (row) => `${(values[row >> 3] >> (row & 7) & 1) === 1}` };
    case Type.Utf8:
    case Type.LargeUtf8:
      return { text: (row, most) => textOf(bytesOf(data, row), most) };
    case Type.Binary:
    case Type.LargeBinary:
      return { text: (row) => binaryText(bytesOf(data, row)) };
    case Type.FixedSizeBinary:
      return {
        text: (row) => binaryText(values.subarray(row * stride, (row + 1) * stride)),
      };
    case Type.Dictionary:
      return dictionaryValues(data);
    default:
      return nestedValues(data);
  }
}

/** Values that lie on a line, with their texts. */
function placed<T extends number | bigint>(
  place: (row: number) => T,
  text: (value: T) => string,
): Values {
  return { place, text: (row) => text(place(row)) };
}

function nestedValues(data: Data): Values {
  const { type, children, valueOffsets } = data;
  const once = cellsOnce(children);
  switch (type.typeId as Type) {
    case Type.List:
    case Type.LargeList:
      return {
        text: (row, most) =>
          listText(
            once(0),
            Number(valueOffsets[row]),
            Number(valueOffsets[row + 1]),
            most,
          ),
      };
    case Type.FixedSizeList: {
      const { stride } = data;
      return {
        text: (row, most) => listText(once(0), row * stride, (row + 1) * stride, most),
      };
    }
    case Type.Map: {
      const entry = cellsOnce(children[0].children);
      return {
        text: (row, most) =>
          joined(
            "{}",
            valueOffsets[row],
            valueOffsets[row + 1],
            most,
            (at, left) => `${inner(entry(0), at, left)}: ${inner(entry(1), at, left)}`,
          ),
      };
    }
    case Type.Struct: {
      const names = type.children.map(({ name }: { name: string }) => name);
      return {
        text: (row, most) =>
          joined(
            "{}",
            0,
            children.length,
            most,
            (at, left) => `${cutText(names[at], left)}: ${inner(once(at), row, left)}`,
          ),
      };
    }
    case Type.Union:
      return unionValues(data, once);
    case Type.Utf8View: {
      const vector = new Vector([data]);
      return { text: (row, most) => cutText(vector.get(row), most) };
    }
    case Type.BinaryView: {
      const vector = new Vector([data]);
      return { text: (row) => binaryText(vector.get(row)) };
    }
    default:
      throw new TypeError(`Cannot show values of the type ${type}`);
  }
}

function dictionaryValues(data: Data): Values {
  const found = new DictionaryLookup(data);
  const once = cellsOnce(found.parts);
  const find = (row: number): [Cells, number] => {
    found.find(Number(data.values[row]));
    return [once(found.part), found.at];
  };
  return {
    isValid: (row) => {
      if (!data.getValid(row)) return false;
      const [cells, index] = find(row);
      return cells.isValid(index);
    },
    text: (row, most) => {
      const [cells, index] = find(row);
      return cells.text(index, most);
    },
  };
}

function unionValues(data: Data, once: (child: number) => Cells): Values {
  const { typeIds, valueOffsets } = data;
  const ids = [...(data.type as Union).typeIds];
  const isDense = (data.type as Union).mode === UnionMode.Dense;
  return {
    text: (row, most) => {
      const child = once(ids.indexOf(typeIds[row]));
      return inner(child, isDense ? valueOffsets[row] : row, most);
    },
  };
}

/** The cells of each of these, made when they are first asked for. */
function cellsOnce(parts: readonly Data[]): (part: number) => Cells {
  const made: Cells[] = [];
  return (part) => made[part] ??= cellsOf(parts[part]);
}

function listText(cells: Cells, start: number, end: number, most: number): string {
  return joined("[]", start, end, most, (at, left) => inner(cells, at, left));
}

/** Items between brackets, as many as are of use. */
function joined(
  [open, close]: string,
  start: number,
  end: number,
  most: number,
  item: (at: number, left: number) => string,
): string {
  let text = open;
  for (let at = start; at < end; at++) {
    if (text.length >= most) return `${text}…`;
    text += (at === start ? "" : ", ") + item(at, most - text.length);
  }
  return text + close;
}

/** A value inside of another. */
function inner(cells: Cells, row: number, most: number): string {
  return cells.isValid(row) ? cells.text(row, most) : "null";
}

function bytesOf({ values, valueOffsets }: Data, row: number): Uint8Array {
  return values.subarray(Number(valueOffsets[row]), Number(valueOffsets[row + 1]));
}

/** The text of which these are the bytes. A character that is cut in two is left out. */
function textOf(bytes: Uint8Array, most: number): string {
  const some = bytes.subarray(0, most * MAX_CHARACTER_BYTES);
  const text = new TextDecoder().decode(some, { stream: some.length < bytes.length });
  return cutText(text, most);
}

function binaryText(bytes: Uint8Array): string {
  const hex = encodeHex(bytes.subarray(0, MAX_BINARY_BYTES));
  return bytes.length <= MAX_BINARY_BYTES
    ? `0x${hex}`
    : `0x${hex}… (${bytes.length} bytes)`;
}
