/**
 * The columns of the integration suite's JSON files.
 *
 * @module
 */
import { BufferType, Data, DataType, type Vector } from "apache-arrow";

/** A column in a file: each of its buffers as a list. */
export interface JsonColumn {
  readonly count: number;
  readonly VALIDITY?: readonly number[];
  readonly OFFSET?: readonly (number | string)[];
  readonly TYPE_ID?: readonly number[];
  readonly DATA?: readonly unknown[];
  readonly VIEWS?: readonly JsonView[];
  readonly VARIADIC_DATA_BUFFERS?: readonly string[];
  readonly children?: readonly JsonColumn[];
}

/** A text or bytes: within the view, or in a buffer beside it. */
interface JsonView {
  readonly SIZE: number;
  readonly INLINED?: string;
  readonly PREFIX_HEX?: string;
  readonly BUFFER_INDEX?: number;
  readonly OFFSET?: number;
}

interface JsonMonthDayNano {
  readonly months: number;
  readonly days: number;
  readonly nanoseconds: string;
}

/** The constructor of a type's values or offsets. */
type ArrayConstructor = new (length: number) => ArrayBufferView & {
  [index: number]: unknown;
};

const VIEW_SIZE = 16;

/** Reads a column of this type, and those under it. */
export function readColumn(
  type: DataType,
  json: JsonColumn,
  dictionary: (id: number) => Vector,
): Data {
  const { count, VALIDITY = [], OFFSET, TYPE_ID, children = [] } = json;
  const nulls = DataType.isNull(type)
    ? count
    : VALIDITY.filter((valid) => valid === 0).length;
  return new Data(
    type,
    0,
    count,
    nulls,
    {
      [BufferType.OFFSET]: OFFSET && listOf(type.OffsetArrayType, OFFSET),
      [BufferType.DATA]: valuesOf(type, json),
      [BufferType.VALIDITY]: nulls === 0 ? new Uint8Array(0) : packBits(VALIDITY),
      [BufferType.TYPE]: TYPE_ID && Int8Array.from(TYPE_ID),
    },
    children.map((child, index) =>
      readColumn(type.children[index].type, child, dictionary)
    ),
    DataType.isDictionary(type) ? dictionary(type.id) : undefined,
    json.VARIADIC_DATA_BUFFERS?.map((hex) => Uint8Array.fromHex(hex)),
  );
}

function valuesOf(type: DataType, json: JsonColumn): unknown {
  const { DATA = [], VIEWS } = json;
  if (VIEWS !== undefined) return viewsOf(VIEWS, DataType.isUtf8View(type));
  if (json.DATA === undefined) return undefined;
  if (DataType.isDictionary(type)) return listOf(type.indices.ArrayType, DATA);
  if (DataType.isBool(type)) return packBits(DATA.map(Number));
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type)) {
    return new TextEncoder().encode(DATA.join(""));
  }
  const isBytes = DataType.isBinary(type) || DataType.isLargeBinary(type) ||
    DataType.isFixedSizeBinary(type);
  if (isBytes) return Uint8Array.fromHex(DATA.join(""));
  if (DataType.isDecimal(type)) {
    return Uint32Array.from(
      DATA.flatMap((value) => wordsOf(BigInt(value as string), type.bitWidth / 32)),
    );
  }
  if (DataType.isInterval(type)) {
    return Int32Array.from(DATA.flatMap((value) => intervalOf(value)));
  }
  if (DataType.isFloat(type) && type.ArrayType === Uint16Array) {
    return new Uint16Array(Float16Array.from(DATA.map(Number)).buffer);
  }
  return listOf(type.ArrayType, DATA);
}

/** The values in an array of this kind; those of 64 bits are texts in the files. */
function listOf(ArrayType: ArrayConstructor, values: readonly unknown[]): unknown {
  const list = new ArrayType(values.length);
  const isWide = list instanceof BigInt64Array || list instanceof BigUint64Array;
  values.forEach((value, index) =>
    list[index] = isWide ? BigInt(value as string) : value
  );
  return list;
}

function packBits(values: readonly number[]): Uint8Array {
  const bits = new Uint8Array(Math.ceil(values.length / 8));
  values.forEach((value, index) =>
    bits[index >> 3] |= Number(value !== 0) << index % 8
  );
  return bits;
}

/** A number in two's complement, the lowest 32 bits first. */
function wordsOf(value: bigint, count: number): number[] {
  return Array.from(
    { length: count },
    (_, word) => Number(BigInt.asUintN(32, value >> BigInt(32 * word))),
  );
}

function intervalOf(value: unknown): number[] {
  if (typeof value === "number") return [value];
  if ("milliseconds" in (value as object)) {
    const { days, milliseconds } = value as { days: number; milliseconds: number };
    return [days, milliseconds];
  }
  const { months, days, nanoseconds } = value as JsonMonthDayNano;
  return [months, days, ...wordsOf(BigInt(nanoseconds), 2)];
}

function viewsOf(views: readonly JsonView[], isText: boolean): Uint8Array {
  const bytes = new Uint8Array(views.length * VIEW_SIZE);
  const target = new DataView(bytes.buffer);
  views.forEach(({ SIZE, INLINED, PREFIX_HEX, BUFFER_INDEX, OFFSET }, index) => {
    const at = index * VIEW_SIZE;
    target.setInt32(at, SIZE, true);
    if (INLINED !== undefined) {
      const value = isText
        ? new TextEncoder().encode(INLINED)
        : Uint8Array.fromHex(INLINED);
      bytes.set(value, at + 4);
    } else {
      bytes.set(Uint8Array.fromHex(PREFIX_HEX!), at + 4);
      target.setInt32(at + 8, BUFFER_INDEX!, true);
      target.setInt32(at + 12, OFFSET!, true);
    }
  });
  return bytes;
}
