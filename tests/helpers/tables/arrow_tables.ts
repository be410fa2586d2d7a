/**
 * Arrow columns and tables for the tests: one of every type of apache-arrow, always
 * with the same values, among them nulls.
 *
 * @module
 */
import {
  Binary,
  BinaryView,
  Bool,
  Data,
  type DataType,
  DateDay,
  DateMillisecond,
  Decimal,
  DenseUnion,
  Dictionary,
  DurationNanosecond,
  Field,
  FixedSizeBinary,
  FixedSizeList,
  Float16,
  Float32,
  Float64,
  Int16,
  Int32,
  Int64,
  Int8,
  IntervalDayTime,
  IntervalMonthDayNano,
  IntervalYearMonth,
  LargeBinary,
  LargeList,
  LargeUtf8,
  List,
  makeData,
  Map_,
  Null,
  RecordBatch,
  Schema,
  SparseUnion,
  Struct,
  Table,
  TimeMicrosecond,
  TimeMillisecond,
  TimeNanosecond,
  TimeSecond,
  TimestampMicrosecond,
  TimestampMillisecond,
  TimestampNanosecond,
  TimestampSecond,
  Uint16,
  Uint32,
  Uint64,
  Uint8,
  Utf8,
  Utf8View,
  Vector,
  vectorFromArray,
} from "apache-arrow";

/** How many rows the columns have: odd, and more than a byte of bits. */
export const ROWS = 29;

const WORDS = [
  "",
  "a",
  "Fidschi-Inseln",
  "Ωmega",
  "x".repeat(40),
  "quakes",
  "12 bytes lon",
];
const BYTES = WORDS.map((word) => new TextEncoder().encode(word));

/** One column of every type, and of types nested in others. */
export function everyColumn(): Map<string, Data> {
  const columns = new Map<string, Data>();
  for (const [name, [type, value]] of Object.entries(leaves())) {
    columns.set(name, column(type, value));
  }
  const item = (type: DataType) => new Field("item", type, true);
  const struct = new Struct([
    new Field("a", new Int32(), true),
    new Field("b", new Utf8(), true),
    new Field("c", new Bool(), true),
  ]);
  const structValue = (row: number) => ({
    a: row % 4 === 1 ? null : row,
    b: WORDS[row % WORDS.length],
    c: row % 3 === 0,
  });
  const list = (row: number) => Array.from({ length: row % 4 }, (_, i) => row * 10 + i);
  columns.set("list", column(new List(item(new Int32())), list));
  columns.set(
    "list of bool",
    column(
      new List(item(new Bool())),
      (row) => list(row).map((n) => n % 3 === 0),
    ),
  );
  columns.set(
    "list of list",
    column(
      new List(item(new List(item(new Utf8())))),
      (row) =>
        list(row).map((n) =>
          Array.from({ length: n % 3 }, (_, i) => WORDS[(n + i) % 7])
        ),
    ),
  );
  columns.set("large list", column(new LargeList(item(new Float64())), list));
  columns.set("struct", column(struct, structValue));
  columns.set(
    "list of struct",
    column(new List(item(struct)), (row) => list(row).map(structValue)),
  );
  columns.set(
    "fixed-size list",
    column(
      new FixedSizeList(3, item(new Int16())),
      (row) => [row, -row, row * 2],
    ),
  );
  columns.set(
    "fixed-size list of utf8",
    column(
      new FixedSizeList(2, item(new Utf8())),
      (row) => [WORDS[row % 7], `${row}`],
    ),
  );
  const entries = new Struct<{ key: Utf8; value: Int32 }>([
    new Field("key", new Utf8(), false),
    new Field("value", new Int32(), true),
  ]);
  columns.set(
    "map",
    column(
      new Map_(new Field("entries", entries, false)),
      (row) => new Map(list(row).map((n) => [`k${n}`, n % 3 === 0 ? null : n])),
    ),
  );
  columns.set("dense union", denseUnion());
  columns.set("sparse union", sparseUnion());
  columns.set(
    "struct of union",
    structOf({ u: denseUnion(), v: sparseUnion() }),
  );
  columns.set("dictionary", dictionary(new Int8(), WORDS));
  columns.set("list of dictionary", listOf(dictionary(new Int32(), WORDS)));
  columns.set(
    "struct of dictionary",
    structOf({
      d: dictionary(new Uint16(), WORDS),
      n: column(new Int8(), (row) => row),
    }),
  );
  columns.set("dictionary of struct of dictionary", dictionaryOfStruct());
  columns.set("dictionary of list", dictionaryOfList());
  columns.set(
    "list of view",
    listOf(column(new Utf8View(), (row) => WORDS[row % 7])),
  );
  return columns;
}

/** A table of all columns of {@linkcode everyColumn}, with metadata. */
export function everyTable(): Table {
  return tableOf(everyColumn());
}

/** A table of these columns. */
export function tableOf(columns: ReadonlyMap<string, Data>): Table {
  const fields = [...columns].map(([name, { type }]) =>
    new Field(name, type, true, new Map([["origin", `the column ${name}`]]))
  );
  const schema = new Schema(
    fields,
    new Map([["made by", "arrow_tables.ts"], ["ü", "✓"]]),
  );
  return new Table(schema, [batchOf(schema, [...columns.values()])]);
}

/** A batch of these columns. */
export function batchOf(schema: Schema, children: Data[]): RecordBatch {
  const length = children[0]?.length ?? 0;
  const type = new Struct(schema.fields);
  return new RecordBatch(
    schema,
    makeData({ type, length, nullCount: 0, children }),
  );
}

/** A dictionary-encoded column that goes through these values, with nulls. */
export function dictionary(
  indices: Int8 | Int32 | Uint16,
  values: readonly string[],
  id?: number,
): Data {
  return withDictionary(
    new Dictionary(new Utf8(), indices, id),
    vectorFromArray(values, new Utf8()),
  );
}

/** A dictionary-encoded column whose rows go through the dictionary, with nulls. */
export function withDictionary(type: Dictionary, values: Vector): Data {
  const indices = column(type.indices, (row) => row % values.length);
  return new Data(
    type,
    0,
    ROWS,
    indices.nullCount,
    [undefined, indices.values, indices.nullBitmap, undefined] as never,
    [],
    values,
  );
}

/** A column of this type; every fifth row is null. */
export function column(
  type: DataType,
  value: (row: number) => unknown,
  rows: number = ROWS,
): Data {
  const values = Array.from(
    { length: rows },
    (_, row) => row % 5 === 3 ? null : value(row),
  );
  return vectorFromArray(values as never[], type).data[0];
}

function leaves(): Record<string, [DataType, (row: number) => unknown]> {
  const big = (row: number) => BigInt(row - 9) * 1_000_000_007n;
  const word = (row: number) => WORDS[row % WORDS.length];
  const bytes = (row: number) => BYTES[row % BYTES.length];
  return {
    "null": [new Null(), () => null],
    "bool": [new Bool(), (row) => row % 3 === 0],
    "int8": [new Int8(), (row) => row - 9],
    "int16": [new Int16(), (row) => row * -1000],
    "int32": [new Int32(), (row) => row * -70_000_000],
    "int64": [new Int64(), big],
    "uint8": [new Uint8(), (row) => row * 8],
    "uint16": [new Uint16(), (row) => row * 2000],
    "uint32": [new Uint32(), (row) => row * 140_000_000],
    "uint64": [new Uint64(), (row) => 2n ** 64n - 1n - BigInt(row)],
    "float16": [new Float16(), (row) => row / 4],
    "float32": [new Float32(), (row) => row / 8],
    "float64": [new Float64(), (row) => row === 2 ? NaN : row / 7],
    "utf8": [new Utf8(), word],
    "large utf8": [new LargeUtf8(), word],
    "utf8 view": [new Utf8View(), word],
    "binary": [new Binary(), bytes],
    "large binary": [new LargeBinary(), bytes],
    "binary view": [new BinaryView(), bytes],
    "fixed-size binary": [
      new FixedSizeBinary(3),
      (row) => Uint8Array.of(row, 1, 255),
    ],
    "date32": [new DateDay(), (row) => row * 86_400_000],
    "date64": [new DateMillisecond(), (row) => row * 86_400_000],
    "time32 s": [new TimeSecond(), (row) => row * 100],
    "time32 ms": [new TimeMillisecond(), (row) => row * 1000],
    "time64 us": [new TimeMicrosecond(), (row) => BigInt(row) * 1_000_003n],
    "time64 ns": [new TimeNanosecond(), (row) => BigInt(row) * 1_000_003n],
    "timestamp s": [new TimestampSecond("Pacific/Fiji"), (row) => row * 1000],
    "timestamp ms": [new TimestampMillisecond(), (row) => row * 86_400_001],
    "timestamp us": [new TimestampMicrosecond("UTC"), (row) => row * 1000],
    "timestamp ns": [new TimestampNanosecond(), (row) => row * 1000],
    "duration": [new DurationNanosecond(), big],
    "interval year-month": [
      new IntervalYearMonth(),
      (row) => Int32Array.of(row),
    ],
    "interval day-time": [
      new IntervalDayTime(),
      (row) => Int32Array.of(row, row * 3),
    ],
    "interval month-day-nano": [
      new IntervalMonthDayNano(),
      (row) => Int32Array.of(row, 2, row * 5, 0),
    ],
    "decimal128": [new Decimal(2, 20), (row) => Uint32Array.of(row, 7, 0, 0)],
    "decimal256": [
      new Decimal(3, 60, 256),
      (row) => Uint32Array.of(row, 7, 0, 1, 2, 0, 0, 0),
    ],
  };
}

/** Rows of an Int32, a Utf8 and a Bool child in turn, whose ids are not their indices. */
function unionParts(): { typeIds: Int8Array; fields: Field[]; ids: number[] } {
  const ids = [5, 0, 9];
  return {
    ids,
    typeIds: Int8Array.from({ length: ROWS }, (_, row) => ids[row * 2 % 3]),
    fields: [
      new Field("i", new Int32(), true),
      new Field("s", new Utf8(), true),
      new Field("b", new Bool(), true),
    ],
  };
}

function denseUnion(): Data {
  const { typeIds, fields, ids } = unionParts();
  const counts = new Map<number, number>();
  const valueOffsets = Int32Array.from(typeIds, (id) => {
    const count = counts.get(id) ?? 0;
    counts.set(id, count + 1);
    return count;
  });
  return makeData({
    type: new DenseUnion(ids, fields),
    length: ROWS,
    typeIds,
    valueOffsets,
    children: unionChildren(),
  });
}

function sparseUnion(): Data {
  const { typeIds, fields, ids } = unionParts();
  const type = new SparseUnion(ids, fields);
  const children = unionChildren();
  return new Data(
    type,
    0,
    ROWS,
    0,
    [undefined, undefined, undefined, typeIds],
    children,
  );
}

function unionChildren(): Data[] {
  return [
    column(new Int32(), (row) => row * 3),
    column(new Utf8(), (row) => WORDS[row % 7]),
    column(new Bool(), (row) => row % 2 === 0),
  ];
}

function structOf(children: Record<string, Data>): Data {
  const fields = Object.entries(children).map(([name, { type }]) =>
    new Field(name, type, true)
  );
  return makeData({
    type: new Struct(fields),
    length: ROWS,
    nullCount: 0,
    children: Object.values(children),
  });
}

/** Lists of 0, 1, 2, 0, 1, 2, ... rows of the child. */
function listOf(child: Data): Data {
  const valueOffsets = new Int32Array(ROWS + 1);
  for (let row = 0; row < ROWS; row++) {
    valueOffsets[row + 1] = Math.min(valueOffsets[row] + row % 3, child.length);
  }
  const type = new List(new Field("item", child.type, true));
  return makeData({ type, length: ROWS, nullCount: 0, valueOffsets, child });
}

function dictionaryOfStruct(): Data {
  const struct = structOf({
    inner: dictionary(new Int8(), WORDS),
    number: column(new Int32(), (row) => row),
  });
  return withDictionary(
    new Dictionary(struct.type, new Int32()),
    new Vector([struct]),
  );
}

function dictionaryOfList(): Data {
  const list = listOf(column(new Utf8(), (row) => WORDS[row % 7]));
  return withDictionary(
    new Dictionary(list.type, new Int32()),
    new Vector([list]),
  );
}
