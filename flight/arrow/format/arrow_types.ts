/**
 * The types of Arrow, each with its buffers and children: the union Type of the
 * format's Schema.fbs as one table.
 *
 * @module
 */
import type { BufferLayout, LayoutKind, TypeLayout } from "./field_layout.ts";
import type { FlatTable } from "./flatbuffer.ts";
import { Finding } from "./finding.ts";

const OFFSETS32: BufferLayout = { role: "offsets", bits: 32, extra: 1 };
const OFFSETS64: BufferLayout = { role: "offsets", bits: 64, extra: 1 };
const BYTES: BufferLayout = { role: "bytes", bits: 0, extra: 0 };
const TYPE_IDS: BufferLayout = { role: "type ids", bits: 8, extra: 0 };
const UNION_OFFSETS: BufferLayout = { role: "offsets", bits: 32, extra: 0 };

/** A type that has a width of its own. */
type Width = readonly [name: string, bits: number];

const UNITS = ["s", "ms", "us", "ns"];
const INTERVALS: readonly Width[] = [
  ["YearMonth", 32],
  ["DayTime", 64],
  ["MonthDayNano", 128],
];
const FLOATS: readonly Width[] = [["Float16", 16], ["Float32", 32], ["Float64", 64]];
const DATES: readonly Width[] = [["Date32", 32], ["Date64", 64]];
/** The most digits of a decimal, by its bits. */
const DECIMALS: ReadonlyMap<number, number> = new Map([
  [32, 9],
  [64, 18],
  [128, 38],
  [256, 76],
]);
const HIGHEST_TYPE_ID = 127;

/** How each type is read from its table, at its number in the union Type. */
const TYPES: readonly (((table: FlatTable) => TypeLayout) | undefined)[] = [
  undefined,
  () => layout("Null", "null", []),
  readInt,
  (table) => fixed(...pick(FLOATS, table.int16(0), "floating point precision")),
  () => layout("Binary", "binary", [OFFSETS32, BYTES]),
  () => layout("Utf8", "binary", [OFFSETS32, BYTES]),
  () => fixed("Bool", 1),
  readDecimal,
  (table) => fixed(...pick(DATES, table.int16(0, 1), "date unit")),
  readTime,
  (table) => {
    const unit = pick(UNITS, table.int16(0), "timestamp unit");
    const zone = table.string(1);
    return fixed(`Timestamp(${unit}${zone ? `, ${zone}` : ""})`, 64);
  },
  (table) => {
    const [unit, bits] = pick(INTERVALS, table.int16(0), "interval unit");
    return fixed(`Interval(${unit})`, bits);
  },
  () => layout("List", "list", [OFFSETS32], 1),
  () => layout("Struct", "struct", [], "any", 1),
  readUnion,
  (table) => {
    const width = natural(table.int32(0), "width of a FixedSizeBinary");
    return fixed(`FixedSizeBinary(${width})`, width * 8);
  },
  (table) => {
    const size = natural(table.int32(0), "size of a FixedSizeList");
    return layout(`FixedSizeList(${size})`, "fixed-size list", [], 1, size);
  },
  () => layout("Map", "list", [OFFSETS32], 1),
  (table) => fixed(`Duration(${pick(UNITS, table.int16(0, 1), "duration unit")})`, 64),
  () => layout("LargeBinary", "binary", [OFFSETS64, BYTES]),
  () => layout("LargeUtf8", "binary", [OFFSETS64, BYTES]),
  () => layout("LargeList", "list", [OFFSETS64], 1),
  () => layout("RunEndEncoded", "run-end encoded", [], 2),
  () => layout("BinaryView", "view", [{ role: "views", bits: 128, extra: 0 }]),
  () => layout("Utf8View", "view", [{ role: "views", bits: 128, extra: 0 }]),
  () => listView("ListView", 32),
  () => listView("LargeListView", 64),
];

/** The type in a field's table: its number in the union Type, and its parameters. */
export function readType(number: number, table: FlatTable): TypeLayout {
  const read = TYPES[number];
  if (read === undefined) throw new Finding(`its type ${number} is unknown`);
  return read(table);
}

/** The type of integers with these parameters, from a table "Int". */
export function readInt(table: FlatTable): TypeLayout {
  return integer(table.int32(0), table.bool(1));
}

/** The type of integers of this width, which has to be 8, 16, 32 or 64. */
export function integer(bits: number, signed: boolean): TypeLayout {
  if (![8, 16, 32, 64].includes(bits)) {
    throw new Finding(`an Int cannot have ${bits} bits`);
  }
  return fixed(`${signed ? "Int" : "Uint"}${bits}`, bits);
}

function layout(
  name: string,
  kind: LayoutKind,
  buffers: readonly BufferLayout[],
  children: number | "any" = 0,
  childRows = 0,
): TypeLayout {
  return { name, kind, buffers, children, childRows };
}

function fixed(name: string, bits: number): TypeLayout {
  return layout(name, "fixed", [{ role: "values", bits, extra: 0 }]);
}

function listView(name: string, bits: number): TypeLayout {
  const buffers: BufferLayout[] = [
    { role: "offsets", bits, extra: 0 },
    { role: "sizes", bits, extra: 0 },
  ];
  return layout(name, "list view", buffers, 1);
}

function readDecimal(table: FlatTable): TypeLayout {
  const precision = table.int32(0);
  const scale = table.int32(1);
  const bits = table.int32(2, 128);
  const digits = DECIMALS.get(bits);
  if (digits === undefined) throw new Finding(`a Decimal cannot have ${bits} bits`);
  if (precision < 1 || precision > digits) {
    throw new Finding(
      `a Decimal of ${bits} bits has 1 to ${digits} digits, not ${precision}`,
    );
  }
  return fixed(`Decimal${bits}(${precision}, ${scale})`, bits);
}

function readTime(table: FlatTable): TypeLayout {
  const number = table.int16(0, 1);
  const unit = pick(UNITS, number, "time unit");
  const bits = table.int32(1, 32);
  const expected = number < 2 ? 32 : 64;
  if (bits !== expected) {
    throw new Finding(`a Time in ${unit} has ${expected} bits, not ${bits}`);
  }
  return fixed(`Time${bits}(${unit})`, bits);
}

function readUnion(table: FlatTable): TypeLayout {
  const mode = pick(["Sparse", "Dense"], table.int16(0), "union mode");
  const vector = table.vector(1, 4);
  const type = mode === "Dense"
    ? layout("DenseUnion", "dense union", [TYPE_IDS, UNION_OFFSETS], "any")
    : layout("SparseUnion", "sparse union", [TYPE_IDS], "any", 1);
  if (vector === undefined) return type;
  const typeIds = new Set<number>();
  for (let index = 0; index < vector.length; index++) {
    const id = vector.int32(4 * index);
    if (id < 0 || id > HIGHEST_TYPE_ID || typeIds.has(id)) {
      throw new Finding(
        `a union's type ids differ and go from 0 to ${HIGHEST_TYPE_ID}, unlike its ${id}`,
      );
    }
    typeIds.add(id);
  }
  const ids = [...typeIds];
  return { ...type, name: `${type.name}(${ids})`, children: ids.length, typeIds: ids };
}

function natural(number: number, what: string): number {
  if (number < 0) throw new Finding(`the ${what} is ${number}`);
  return number;
}

function pick<T>(choices: readonly T[], number: number, what: string): T {
  const choice = choices[number];
  if (choice === undefined) throw new Finding(`its ${what} ${number} is unknown`);
  return choice;
}
