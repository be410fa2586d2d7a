/**
 * Tables of random values, the same ones for the same seed.
 *
 * @module
 */
import {
  Bool,
  Data,
  type DataType,
  DateDay,
  Decimal,
  Field,
  Float64,
  Int32,
  Int64,
  List,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Timestamp,
  TimeUnit,
  Uint64,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import { Random } from "../random.ts";

/** A kind of column: the name of its type, as `readFile` takes it, and its values. */
interface Kind {
  readonly type: DataType;
  readonly name: string;
  readonly make: (random: Random, rows: number) => Data;
}

const PIECES = [
  ..."ab1 ,;\t|\"'\n\r\\/{}[]:é\u20ac\u{1f600}\u0001",
  "NA",
  "true",
  "2024-01-01",
];

function text(random: Random): string {
  const length = random.below(8);
  return Array.from({ length }, () => random.pick(PIECES)).join("");
}

/** A bitmap of which about each fifth bit is 0, and how many are. */
function validity(random: Random, rows: number): { bitmap: Uint8Array; nulls: number } {
  const bitmap = new Uint8Array(Math.ceil(rows / 8)).fill(0xff);
  let nulls = 0;
  for (let row = 0; row < rows; row++) {
    if (!random.oneIn(5)) continue;
    bitmap[row >> 3] &= ~(1 << (row & 7));
    nulls++;
  }
  return { bitmap, nulls };
}

/** Values of 64 bits, between two bounds. */
function longs(type: DataType, min: bigint, max: bigint): Kind["make"] {
  return (random, rows) => {
    const { bitmap, nulls } = validity(random, rows);
    const values = BigUint64Array.from({ length: rows }, () => {
      const bits = BigInt(random.below(2 ** 32)) << 32n | BigInt(random.below(2 ** 32));
      const value = random.oneIn(4)
        ? min
        : random.oneIn(4)
        ? max
        : min + bits % (max - min);
      return BigInt.asUintN(64, value);
    });
    const array = new type.ArrayType(values.buffer);
    return new Data(type, 0, rows, nulls, [undefined, array, bitmap] as never);
  };
}

function decimals(type: DataType): Kind["make"] {
  return (random, rows) => {
    const { bitmap, nulls } = validity(random, rows);
    const values = new Uint32Array(4 * rows);
    for (let row = 0; row < rows; row++) {
      const negative = random.oneIn(2) ? 0xffffffff : 0;
      values.set([random.below(2 ** 32), negative, negative, negative], 4 * row);
    }
    return new Data(type, 0, rows, nulls, [undefined, values, bitmap] as never);
  };
}

function listed(type: DataType, value: (random: Random) => unknown): Kind["make"] {
  return (random, rows) => {
    const values = Array.from(
      { length: rows },
      () => random.oneIn(5) ? null : value(random),
    );
    return rows === 0
      ? makeData({ type, length: 0, nullCount: 0 } as never)
      : vectorFromArray(values, type).data[0];
  };
}

function double(random: Random): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setUint32(0, random.below(2 ** 32));
  view.setUint32(4, random.below(2 ** 32));
  const value = view.getFloat64(0);
  if (random.oneIn(3)) return random.pick([0, -0, 1, 0.1, 1e20, 5e-324]);
  return Number.isFinite(value) ? value : 1.5;
}

function timestamp(unit: TimeUnit, name: string, zone: string | null): Kind {
  const type = new Timestamp(unit, zone);
  const perSecond = 10n ** BigInt(3 * unit);
  const [min, max] = unit === TimeUnit.NANOSECOND
    ? [-9_223_372_035n, 9_223_372_035n]
    : [-62_135_596_800n, 253_402_300_799n];
  return { type, name, make: longs(type, min * perSecond, max * perSecond) };
}

/** Columns that every format holds. */
const FLAT: readonly Kind[] = [
  {
    type: new Int64(),
    name: "int64",
    make: longs(new Int64(), -(2n ** 63n), 2n ** 63n - 1n),
  },
  { type: new Uint64(), name: "uint64", make: longs(new Uint64(), 0n, 2n ** 64n - 1n) },
  {
    type: new Int32(),
    name: "int32",
    make: listed(new Int32(), (random) => random.below(2 ** 31)),
  },
  { type: new Float64(), name: "float64", make: listed(new Float64(), double) },
  {
    type: new Bool(),
    name: "bool",
    make: listed(new Bool(), (random) => random.oneIn(2)),
  },
  { type: new Utf8(), name: "utf8", make: listed(new Utf8(), text) },
  {
    type: new DateDay(),
    name: "date32",
    make: listed(
      new DateDay(),
      (random) => new Date(random.between(-700_000, 2_900_000) * 864e5),
    ),
  },
  timestamp(TimeUnit.SECOND, "timestamp[s]", null),
  timestamp(TimeUnit.MILLISECOND, "timestamp[ms, UTC]", "UTC"),
  timestamp(TimeUnit.MICROSECOND, "timestamp[us]", null),
  timestamp(TimeUnit.NANOSECOND, "timestamp[ns, UTC]", "UTC"),
  {
    type: new Decimal(3, 20, 128),
    name: "decimal128(20, 3)",
    make: decimals(new Decimal(3, 20, 128)),
  },
];

const TEXTS = new List(new Field("item", new Utf8(), true));
const PAIR = new Struct<{ x: Int64; y: List<Utf8> }>([
  new Field("x", new Int64(), true),
  new Field("y", TEXTS, true),
]);

/** Columns of lists and structs. */
const NESTED: readonly Kind[] = [
  {
    type: TEXTS,
    name: "",
    make: listed(
      TEXTS,
      (random) => Array.from({ length: random.below(4) }, () => `x${text(random)}`),
    ),
  },
  {
    type: PAIR,
    name: "",
    make: listed(PAIR, (random) => ({
      x: random.oneIn(3) ? null : BigInt(random.below(2 ** 32)) << 20n,
      y: random.oneIn(3) ? null : [`x${text(random)}`, null],
    })),
  },
];

/** A table, and the types that its columns have as options of `readFile`. */
export interface RandomTable {
  readonly batches: RecordBatch[];
  readonly schema: Schema;
  readonly types: Record<string, string>;
}

/** A table of random columns and batches, with or without lists and structs. */
export function randomTable(seed: number, isNested: boolean): RandomTable {
  const random = new Random("table", seed);
  const all = isNested ? [...FLAT, ...NESTED] : FLAT;
  const kinds = Array.from({ length: random.between(1, 8) }, () => random.pick(all));
  const names = kinds.map((_, index) => `${index} ${text(random)}`);
  const schema = new Schema(
    kinds.map(({ type }, index) => new Field(names[index], type, true)),
  );
  const batches = Array.from({ length: random.between(1, 3) }, () => {
    const length = random.below(40);
    const children = kinds.map(({ make }) => make(random, length));
    const type = new Struct(schema.fields);
    return new RecordBatch(schema, makeData({ type, length, nullCount: 0, children }));
  });
  const types = Object.fromEntries(
    kinds.flatMap(({ name }, index) => name === "" ? [] : [[names[index], name]]),
  );
  return { batches, schema, types };
}
