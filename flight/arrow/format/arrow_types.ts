/**
 * The types of Arrow, each with its buffers and children: the union Type of the
 * format's Schema.fbs as one table. Fields of one type have the same layout in common,
 * unless the type has parameters of many values.
 *
 * @module
 */
import type { BufferLayout, LayoutKind, TypeLayout } from "./field_layout.ts";
import { Finding } from "./finding.ts";
import type { FlatTable } from "./flatbuffer.ts";
import type { TypeParameters } from "./make_type.ts";

const OFFSETS32: BufferLayout = { role: "offsets", bits: 32, extra: 1 };
const OFFSETS64: BufferLayout = { role: "offsets", bits: 64, extra: 1 };
const BYTES: BufferLayout = { role: "bytes", bits: 0, extra: 0 };
const VIEWS: BufferLayout = { role: "views", bits: 128, extra: 0 };
const TYPE_IDS: BufferLayout = { role: "type ids", bits: 8, extra: 0 };
const UNION_OFFSETS: BufferLayout = { role: "offsets", bits: 32, extra: 0 };

const UNITS = ["s", "ms", "us", "ns"];
/** The most digits of a decimal, by its bits. */
const DECIMALS: ReadonlyMap<number, number> = new Map([
  [32, 9],
  [64, 18],
  [128, 38],
  [256, 76],
]);
const MAX_TYPE_ID = 127;

/** The numbers of some types in the union Type. */
const INT = 2;
const TIMESTAMP = 10;
const UNION = 14;

const UNSIGNED = integers(false);
const SIGNED = integers(true);
const TIMES = UNITS.map((name, unit) => {
  const bitWidth = unit < 2 ? 32 : 64;
  return fixed(9, `Time${bitWidth}(${name})`, bitWidth, { unit, bitWidth });
});
const TIMESTAMPS = UNITS.map((name, unit) =>
  fixed(TIMESTAMP, `Timestamp(${name})`, 64, { unit })
);
const DURATIONS = UNITS.map((name, unit) =>
  fixed(18, `Duration(${name})`, 64, { unit })
);
const INTERVALS = [
  fixed(11, "Interval(YearMonth)", 32, { unit: 0 }),
  fixed(11, "Interval(DayTime)", 64, { unit: 1 }),
  fixed(11, "Interval(MonthDayNano)", 128, { unit: 2 }),
];
const FLOATS = [16, 32, 64].map((bits, precision) =>
  fixed(3, `Float${bits}`, bits, { precision })
);
const DATES = [32, 64].map((bits, unit) => fixed(8, `Date${bits}`, bits, { unit }));
const MAPS = [false, true].map((keysSorted) => ({
  ...layout(17, keysSorted ? "Map(sorted keys)" : "Map", "list", [OFFSETS32], 1),
  parameters: { keysSorted },
}));

/** How each type is read from its table, at its number in the union Type. */
const TYPES: readonly (TypeLayout | ((table: FlatTable) => TypeLayout) | undefined)[] =
  [
    undefined,
    layout(1, "Null", "null", []),
    readInt,
    (table) => pick(FLOATS, table.int16(0), "floating point precision"),
    layout(4, "Binary", "binary", [OFFSETS32, BYTES]),
    layout(5, "Utf8", "binary", [OFFSETS32, BYTES]),
    fixed(6, "Bool", 1),
    readDecimal,
    (table) => pick(DATES, table.int16(0, 1), "date unit"),
    readTime,
    readTimestamp,
    (table) => pick(INTERVALS, table.int16(0), "interval unit"),
    layout(12, "List", "list", [OFFSETS32], 1),
    layout(13, "Struct", "struct", [], "any", 1),
    readUnion,
    (table) => {
      const byteWidth = natural(table.int32(0), "width of a FixedSizeBinary");
      const name = `FixedSizeBinary(${byteWidth})`;
      return fixed(15, name, byteWidth * 8, { byteWidth });
    },
    (table) => {
      const listSize = natural(table.int32(0), "size of a FixedSizeList");
      const name = `FixedSizeList(${listSize})`;
      const type = layout(16, name, "fixed-size list", [], 1, listSize);
      return { ...type, parameters: { listSize } };
    },
    (table) => MAPS[Number(table.bool(0))],
    (table) => pick(DURATIONS, table.int16(0, 1), "duration unit"),
    layout(19, "LargeBinary", "binary", [OFFSETS64, BYTES]),
    layout(20, "LargeUtf8", "binary", [OFFSETS64, BYTES]),
    layout(21, "LargeList", "list", [OFFSETS64], 1),
    layout(22, "RunEndEncoded", "run-end encoded", [], 2),
    layout(23, "BinaryView", "view", [VIEWS]),
    layout(24, "Utf8View", "view", [VIEWS]),
    listView(25, "ListView", 32),
    listView(26, "LargeListView", 64),
  ];

/** The type in a field's table: its number in the union Type, and its parameters. */
export function readType(typeId: number, table: FlatTable): TypeLayout {
  const type = TYPES[typeId];
  if (type === undefined) throw new Finding(`its type ${typeId} is unknown`);
  return typeof type === "function" ? type(table) : type;
}

/** The type of the indices that a table "Int" describes; Int32 when there is none. */
export function readIndexType(table: FlatTable | undefined): TypeLayout {
  return table === undefined ? SIGNED.get(32)! : readInt(table);
}

function readInt(table: FlatTable): TypeLayout {
  const bits = table.int32(0);
  const type = (table.bool(1) ? SIGNED : UNSIGNED).get(bits);
  if (type === undefined) throw new Finding(`an Int cannot have ${bits} bits`);
  return type;
}

/** The integers with or without a sign, by their bits. */
function integers(isSigned: boolean): ReadonlyMap<number, TypeLayout> {
  const name = isSigned ? "Int" : "Uint";
  return new Map(
    [8, 16, 32, 64].map((bitWidth) => [
      bitWidth,
      fixed(INT, `${name}${bitWidth}`, bitWidth, { isSigned, bitWidth }),
    ]),
  );
}

function layout(
  typeId: number,
  name: string,
  kind: LayoutKind,
  buffers: readonly BufferLayout[],
  children: number | "any" = 0,
  childRows = 0,
): TypeLayout {
  return { name, typeId, parameters: {}, kind, buffers, children, childRows };
}

function fixed(
  typeId: number,
  name: string,
  bits: number,
  parameters: TypeParameters = {},
): TypeLayout {
  const buffers: BufferLayout[] = [{ role: "values", bits, extra: 0 }];
  return { ...layout(typeId, name, "fixed", buffers), parameters };
}

function listView(typeId: number, name: string, bits: number): TypeLayout {
  const buffers: BufferLayout[] = [
    { role: "offsets", bits, extra: 0 },
    { role: "sizes", bits, extra: 0 },
  ];
  return layout(typeId, name, "list view", buffers, 1);
}

function readDecimal(table: FlatTable): TypeLayout {
  const precision = table.int32(0);
  const scale = table.int32(1);
  const bitWidth = table.int32(2, 128);
  const digits = DECIMALS.get(bitWidth);
  if (digits === undefined) {
    throw new Finding(`a Decimal cannot have ${bitWidth} bits`);
  }
  if (precision < 1 || precision > digits) {
    throw new Finding(
      `a Decimal of ${bitWidth} bits has 1 to ${digits} digits, not ${precision}`,
    );
  }
  const name = `Decimal${bitWidth}(${precision}, ${scale})`;
  return fixed(7, name, bitWidth, { precision, scale, bitWidth });
}

function readTime(table: FlatTable): TypeLayout {
  const unit = table.int16(0, 1);
  const type = pick(TIMES, unit, "time unit");
  const bits = table.int32(1, 32);
  const expected = type.parameters.bitWidth;
  if (bits !== expected) {
    throw new Finding(
      `a Time in ${UNITS[unit]} has ${expected} bits, not ${bits}`,
    );
  }
  return type;
}

function readTimestamp(table: FlatTable): TypeLayout {
  const unit = table.int16(0);
  const type = pick(TIMESTAMPS, unit, "timestamp unit");
  const timezone = table.string(1);
  if (!timezone) return type;
  const name = `Timestamp(${UNITS[unit]}, ${timezone})`;
  return fixed(TIMESTAMP, name, 64, { unit, timezone });
}

function readUnion(table: FlatTable): TypeLayout {
  const mode = table.int16(0);
  const type = pick(["Sparse", "Dense"], mode, "union mode") === "Dense"
    ? layout(UNION, "DenseUnion", "dense union", [TYPE_IDS, UNION_OFFSETS], "any")
    : layout(UNION, "SparseUnion", "sparse union", [TYPE_IDS], "any", 1);
  const vector = table.vector(1, 4);
  if (vector === undefined) return { ...type, parameters: { mode } };
  const ids = new Set<number>();
  for (let index = 0; index < vector.length; index++) {
    const id = vector.int32(4 * index);
    if (id < 0 || id > MAX_TYPE_ID || ids.has(id)) {
      throw new Finding(
        `a union's type ids differ and go from 0 to ${MAX_TYPE_ID}, unlike its ${id}`,
      );
    }
    ids.add(id);
  }
  const typeIds = [...ids];
  return {
    ...type,
    name: `${type.name}(${typeIds})`,
    parameters: { mode, typeIds },
    children: typeIds.length,
    typeIds,
  };
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
