/**
 * Columns of a known type from the cells of a block.
 *
 * @module
 */
import { type Data, DataType, type Int, TimeUnit } from "apache-arrow";
import { joinBytes } from "../../base/join_bytes.ts";
import { type BinaryText, decodeBinary } from "../values/binary_text.ts";
import { boolOf } from "../values/bool_cells.ts";
import { columnData, Validity } from "../values/column_data.ts";
import { parseDecimal, setDecimal } from "../values/decimals.ts";
import { setInt53, setProduct } from "../values/int64_words.ts";
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
} from "../values/number_cells.ts";
import { findClockTime, findTime, found } from "../values/time_cells.ts";
import { typeName } from "../values/column_types.ts";
import { type Block, cellError, copyCell, ESCAPED } from "./block.ts";
import type { NullCells } from "./null_cells.ts";

/** What is the same for all blocks of a file. */
export interface CellContext {
  /** Which cells are null. */
  readonly nulls: NullCells;
  /** The file's name. */
  readonly file: string | undefined;
  /** The columns' names. */
  readonly names: readonly string[];
  /** How binary values are written. */
  readonly binary: BinaryText;
}

/** Takes a value from a cell to its row; false when the cell has no such value. */
type Take = (row: number, start: number, end: number) => boolean;

/** How much a unit is of a second. */
const PER_SECOND = { s: 1, ms: 1e3, us: 1e6, ns: 1e9 };
const UNITS: { readonly [unit in TimeUnit]: keyof typeof PER_SECOND } = {
  [TimeUnit.SECOND]: "s",
  [TimeUnit.MILLISECOND]: "ms",
  [TimeUnit.MICROSECOND]: "us",
  [TimeUnit.NANOSECOND]: "ns",
};
const DIGITS = { s: 0, ms: 3, us: 6, ns: 9 };
const MIN_NANOSECOND_TIME = -9_223_372_036;
const MAX_NANOSECOND_TIME = 9_223_372_036;

/**
 * The column of this type.
 *
 * @throws {FileError} with its place, when a cell has no value of this type.
 */
export function readColumn(
  type: DataType,
  block: Block,
  column: number,
  context: CellContext,
): Data {
  return new ColumnReader(type, block, column, context).read();
}

class ColumnReader {
  readonly #type: DataType;
  readonly #block: Block;
  readonly #column: number;
  readonly #context: CellContext;

  constructor(type: DataType, block: Block, column: number, context: CellContext) {
    this.#type = type;
    this.#block = block;
    this.#column = column;
    this.#context = context;
  }

  read(): Data {
    const type = this.#type;
    const { bytes, rows } = this.#block;
    if (DataType.isUtf8(type) || DataType.isLargeUtf8(type)) return this.#text();
    if (DataType.isBinary(type) || DataType.isLargeBinary(type)) return this.#binary();
    if (DataType.isNull(type)) {
      const validity = this.#each(() => false);
      return columnData(type, rows, { validity });
    }
    if (DataType.isBool(type)) return this.#bool();
    if (DataType.isInt(type)) return this.#int(type);
    if (DataType.isFloat(type)) {
      const data = new type.ArrayType(rows);
      return this.#fixed(data, (row, start, end) => {
        const value = floatOf(bytes, start, end);
        if (value === undefined) return false;
        data[row] = value;
        return true;
      });
    }
    if (DataType.isDate(type)) {
      const data = new Int32Array(rows);
      return this.#fixed(data, (row, start, end) => {
        if (!findTime(bytes, start, end) || found.hasTime) return false;
        data[row] = found.days;
        return true;
      });
    }
    if (DataType.isTimestamp(type)) {
      return this.#timestamp(UNITS[type.unit], Boolean(type.timezone));
    }
    if (DataType.isTime(type)) return this.#time(UNITS[type.unit]);
    if (DataType.isDecimal(type)) return this.#decimal(type.scale, type.precision);
    throw new TypeError(`Cannot read cells as ${typeName(type)}`);
  }

  #text(): Data {
    const block = this.#block;
    const { starts, ends, rows, columns } = block;
    const cells = rows * columns;
    let size = 0;
    for (let cell = this.#column; cell < cells; cell += columns) {
      size += ends[cell] - starts[cell];
    }
    const data = new Uint8Array(size);
    const offsets = newOffsets(this.#type, rows);
    const words = new Int32Array(offsets.buffer);
    const step = offsets instanceof BigInt64Array ? 2 : 1;
    const { nulls } = this.#context;
    const validity = new Validity(rows);
    let at = 0;
    for (let row = 0, cell = this.#column; row < rows; row++, cell += columns) {
      if (nulls.isNull(block, cell)) validity.setNull(row);
      else at = copyCell(block, cell, data, at);
      words[step * (row + 1)] = at;
    }
    const values = data.subarray(0, at);
    return columnData(this.#type, rows, { validity, offsets, values });
  }

  #binary(): Data {
    const { bytes, rows } = this.#block;
    const offsets = newOffsets(this.#type, rows);
    const words = new Int32Array(offsets.buffer);
    const step = offsets instanceof BigInt64Array ? 2 : 1;
    const values: Uint8Array[] = [];
    const lengths = new Int32Array(rows);
    const validity = this.#each((row, start, end) => {
      const text = asciiText(bytes, start, end);
      const value = decodeBinary(text, this.#context.binary);
      if (value === undefined) return false;
      values.push(value);
      lengths[row] = value.length;
      return true;
    });
    for (let row = 0, at = 0; row < rows; row++) {
      at += lengths[row];
      words[step * (row + 1)] = at;
    }
    return columnData(this.#type, rows, {
      validity,
      offsets,
      values: joinBytes(values),
    });
  }

  #bool(): Data {
    const { bytes, rows } = this.#block;
    const data = new Uint8Array(Math.ceil(rows / 8));
    return this.#fixed(data, (row, start, end) => {
      const value = boolOf(bytes, start, end);
      if (value) data[row >> 3] |= 1 << (row & 7);
      return value !== undefined;
    });
  }

  #int(type: Int): Data {
    const { bytes, rows } = this.#block;
    const { bitWidth, isSigned } = type;
    if (bitWidth === 64) {
      const data = new (isSigned ? BigInt64Array : BigUint64Array)(rows);
      const words = new Int32Array(data.buffer);
      const fits = isSigned ? fitsInt64 : fitsUint64;
      return this.#fixed(data, (row, start, end) => {
        if (intKind(bytes, start, end) === NO_INT || !fits(bytes, start, end)) {
          return false;
        }
        setInt64(words, row, bytes, start, end);
        return true;
      });
    }
    const data = new type.ArrayType(rows);
    const min = isSigned ? -(2 ** (bitWidth - 1)) : 0;
    const max = 2 ** (isSigned ? bitWidth - 1 : bitWidth) - 1;
    return this.#fixed(data, (row, start, end) => {
      if (intKind(bytes, start, end) !== SMALL_INT) return false;
      const value = smallInt(bytes, start, end);
      data[row] = value;
      return value >= min && value <= max;
    });
  }

  #timestamp(unit: keyof typeof PER_SECOND, isZoned: boolean): Data {
    const { bytes, rows } = this.#block;
    const data = new BigInt64Array(rows);
    const words = new Int32Array(data.buffer);
    const factor = PER_SECOND[unit];
    const digits = DIGITS[unit];
    const [min, max] = unit === "ns"
      ? [MIN_NANOSECOND_TIME, MAX_NANOSECOND_TIME]
      : [-Infinity, Infinity];
    return this.#fixed(data, (row, start, end) => {
      if (!findTime(bytes, start, end) || found.hasZone !== isZoned) return false;
      const { seconds, nanoseconds } = found;
      if (found.digits > digits && nanoseconds % (1e9 / factor) !== 0) return false;
      if (seconds <= min || seconds >= max) return false;
      setProduct(words, row, seconds, factor, nanoseconds / (1e9 / factor));
      return true;
    });
  }

  #time(unit: keyof typeof PER_SECOND): Data {
    const { bytes, rows } = this.#block;
    const factor = PER_SECOND[unit];
    const isLong = unit === "us" || unit === "ns";
    const data = isLong ? new BigInt64Array(rows) : new Int32Array(rows);
    const words = new Int32Array(data.buffer);
    return this.#fixed(data, (row, start, end) => {
      if (!findClockTime(bytes, start, end)) return false;
      const part = found.nanoseconds / (1e9 / factor);
      if (!Number.isInteger(part)) return false;
      const value = found.seconds * factor + part;
      if (isLong) setInt53(words, row, value);
      else words[row] = value;
      return true;
    });
  }

  #decimal(scale: number, precision: number): Data {
    const { bytes, rows } = this.#block;
    const data = new Uint32Array(4 * rows);
    return this.#fixed(data, (row, start, end) => {
      const value = parseDecimal(asciiText(bytes, start, end), scale, precision);
      if (value === undefined) return false;
      setDecimal(data.subarray(4 * row, 4 * row + 4), value);
      return true;
    });
  }

  /** A column of values that all have the same size, which `take` writes. */
  #fixed(values: ArrayBufferView, take: Take): Data {
    const validity = this.#each(take);
    return columnData(this.#type, this.#block.rows, { validity, values });
  }

  #each(take: Take): Validity {
    const block = this.#block;
    const { starts, ends, kinds, rows, columns } = block;
    const { nulls } = this.#context;
    const validity = new Validity(rows);
    for (let row = 0, cell = this.#column; row < rows; row++, cell += columns) {
      if (nulls.isNull(block, cell)) validity.setNull(row);
      else if (kinds[cell] === ESCAPED || !take(row, starts[cell], ends[cell])) {
        const wanted = `of the type ${typeName(this.#type)}`;
        throw cellError(block, cell, wanted, this.#context);
      }
    }
    return validity;
  }
}

function newOffsets(type: DataType, rows: number): Int32Array | BigInt64Array {
  const isLarge = DataType.isLargeUtf8(type) || DataType.isLargeBinary(type);
  return new (isLarge ? BigInt64Array : Int32Array)(rows + 1);
}
