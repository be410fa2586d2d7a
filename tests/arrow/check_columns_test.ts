/** What encode() makes of columns that are not what their schema declares. */
import { assertEquals, assertRejects } from "@std/assert";
import {
  Bool,
  Data,
  DataType,
  DateDay,
  DateMillisecond,
  Decimal,
  DenseUnion,
  Dictionary,
  DurationMicrosecond,
  DurationMillisecond,
  Field,
  FixedSizeBinary,
  FixedSizeList,
  Float32,
  Float64,
  Int16,
  Int32,
  Int64,
  Int8,
  IntervalDayTime,
  IntervalYearMonth,
  LargeUtf8,
  List,
  makeData,
  Map_,
  Null,
  type RecordBatch,
  Schema,
  SparseUnion,
  Struct,
  Table,
  tableFromArrays,
  TimeMillisecond,
  TimeSecond,
  TimestampMicrosecond,
  TimestampMillisecond,
  Uint32,
  Utf8,
  type Vector,
  vectorFromArray,
} from "apache-arrow";
import {
  batchOf,
  column,
  everyColumn,
  ROWS,
  tableOf,
} from "../helpers/tables/arrow_tables.ts";
import { messagesOf, roundTrip } from "../helpers/tables/encoded_messages.ts";

const item = (type: DataType, name = "item") => new Field(name, type, true);
const struct = (...fields: [string, DataType][]) =>
  new Struct(fields.map(([name, type]) => item(type, name)));
const map = (key: DataType, value: DataType) =>
  new Map_(new Field("entries", struct(["key", key], ["value", value]), false));

/** Each a type that is declared, one of the data, and what the error says of them. */
const DIFFERENT: readonly [DataType, DataType, string][] = [
  [new Int32(), new Int8(), '"x": its schema declares Int32, and its data are Int8'],
  [new Int32(), new Int64(), "Int32, and its data are Int64"],
  [new Int32(), new Uint32(), "Int32, and its data are Uint32"],
  [new Float64(), new Float32(), "Float64, and its data are Float32"],
  [new Float64(), new Int64(), "Float64, and its data are Int64"],
  [new Utf8(), new LargeUtf8(), "Utf8, and its data are LargeUtf8"],
  [new DateDay(), new DateMillisecond(), "Date32<DAY>, and its data are Date64"],
  [
    new TimeSecond(),
    new TimeMillisecond(),
    "Time32<SECOND>, and its data are Time32<M",
  ],
  [
    new TimestampMillisecond(),
    new TimestampMicrosecond(),
    "Timestamp<MILLISECOND>, and its data are Timestamp<MICROSECOND>",
  ],
  [
    new TimestampMillisecond("UTC"),
    new TimestampMillisecond("Pacific/Fiji"),
    "Timestamp<MILLISECOND, UTC>, and its data are Timestamp<MILLISECOND, Pacific/Fiji>",
  ],
  [
    new TimestampMillisecond("UTC"),
    new TimestampMillisecond(),
    "Timestamp<MILLISECOND, UTC>, and its data are Timestamp<MILLISECOND>",
  ],
  [
    new DurationMillisecond(),
    new DurationMicrosecond(),
    "Duration<MILLISECOND>, and its data are Duration<MICROSECOND>",
  ],
  [
    new IntervalDayTime(),
    new IntervalYearMonth(),
    "Interval<DAY_TIME>, and its data are Interval<YEAR_MONTH>",
  ],
  [new Decimal(2, 20), new Decimal(2, 19), "Decimal[20e+2], 128 bits, and its"],
  [new Decimal(2, 20), new Decimal(3, 20), "and its data are Decimal[20e+3], 128 bits"],
  [new Decimal(2, 20), new Decimal(2, 20, 256), "Decimal[20e+2], 256 bits"],
  [new FixedSizeBinary(3), new FixedSizeBinary(4), "its data are FixedSizeBinary[4]"],
  [
    new FixedSizeList(3, item(new Int8())),
    new FixedSizeList(2, item(new Int8())),
    "FixedSizeList[3]<Int8>, and its data are FixedSizeList[2]<Int8>",
  ],
  [
    new FixedSizeList(3, item(new Int8())),
    new FixedSizeList(3, item(new Int16())),
    '"x.item": its schema declares Int8, and its data are Int16',
  ],
  [
    new List(item(new Float64())),
    new List(item(new Float32())),
    '"x.item": its schema declares Float64, and its data are Float32',
  ],
  [
    new List(item(new List(item(new Int32())))),
    new List(item(new List(item(new Bool())))),
    '"x.item.item": its schema declares Int32, and its data are Bool',
  ],
  [
    struct(["a", new Int32()], ["b", new Utf8()]),
    struct(["a", new Int32()], ["b", new Int32()]),
    '"x.b": its schema declares Utf8, and its data are Int32',
  ],
  [
    struct(["a", new Int32()], ["b", new Int32()]),
    struct(["b", new Int32()], ["a", new Int32()]),
    "Struct<a: Int32, b: Int32>, and its data are Struct<b: Int32, a: Int32>",
  ],
  [
    struct(["a", new Int32()]),
    struct(["a", new Int32()], ["b", new Int32()]),
    "Struct<a: Int32>, and its data are Struct<a: Int32, b: Int32>",
  ],
  [
    map(new Utf8(), new Int32()),
    map(new Utf8(), new Int64()),
    '"x.entries.value": its schema declares Int32, and its data are Int64',
  ],
  [
    new Dictionary(new Utf8(), new Int32()),
    new Dictionary(new Utf8(), new Int8()),
    "Dictionary<Int32, Utf8>, and its data are Dictionary<Int8, Utf8>",
  ],
  [
    new Dictionary(new Utf8(), new Int32()),
    new Dictionary(new Int32(), new Int32()),
    "Dictionary<Int32, Utf8>, and its data are Dictionary<Int32, Int32>",
  ],
  [
    new DenseUnion([0, 1], [item(new Int32(), "a"), item(new Utf8(), "b")]),
    new SparseUnion([0, 1], [item(new Int32(), "a"), item(new Utf8(), "b")]),
    "DenseUnion[0,1]<a: Int32, b: Utf8>, and its data are SparseUnion[0,1]<a: Int32, ",
  ],
  [
    new SparseUnion([0, 1], [item(new Int32(), "a"), item(new Int32(), "b")]),
    new SparseUnion([1, 0], [item(new Int32(), "a"), item(new Int32(), "b")]),
    "SparseUnion[0,1]<a: Int32, b: Int32>, and its data are SparseUnion[1,0]<a: Int32, ",
  ],
];

/** A batch that declares a type, and has data of another. */
function batchOfOther(declared: DataType, data: Data): RecordBatch {
  return batchOf(new Schema([new Field("x", declared, true)]), [data]);
}

for (const [declared, found, words] of DIFFERENT) {
  Deno.test(`encode() refuses a column: ${words}`, async () => {
    for (const [one, other] of [[declared, found], [found, declared]]) {
      const data = new Data(other, 0, 1, 0, {}, childrenOf(other));
      const { message } = await assertRejects(
        () => messagesOf(batchOfOther(one, data)),
        TypeError,
        "Cannot encode the column",
      );
      if (one === declared) assertEquals(message.includes(words), true, message);
    }
  });
}

/** Children without rows, as the type has them. */
function childrenOf(type: DataType): Data[] {
  if (DataType.isDictionary(type)) return [];
  return (type.children ?? []).map((child: Field) =>
    new Data(child.type, 0, 0, 0, {}, childrenOf(child.type))
  );
}

Deno.test("encode() refuses a table of which a column was replaced", async () => {
  const table = new Table({ a: vectorFromArray([1, 2], new Int32()) });
  const replaced = table.setChild("a", vectorFromArray([5, 6], new Int8()));
  await assertRejects(
    () => messagesOf(replaced),
    TypeError,
    'Cannot encode the column "a": its schema declares Int32, and its data are Int8',
  );
});

Deno.test("encode() refuses tables that were put together of different ones", async () => {
  const whole = tableFromArrays({ a: Int32Array.of(1) });
  const real = tableFromArrays({ a: Float32Array.of(1) });
  await assertRejects(
    () => messagesOf(whole.concat(real as never)),
    TypeError,
    "its schema declares Int32, and its data are Float32",
  );
});

Deno.test("encode() refuses a dictionary whose values are of another type", async () => {
  const type = new Dictionary(new Utf8(), new Int32());
  const indices = makeData({ type: new Int32(), data: Int32Array.of(0, 1) });
  const values = vectorFromArray([7, 8], new Int8()) as Vector;
  const data = new Data(type, 0, 2, 0, [undefined, indices.values], [], values);
  const list = makeData({
    type: new List(item(type)),
    length: 1,
    nullCount: 0,
    valueOffsets: Int32Array.of(0, 2),
    child: data,
  });
  await assertRejects(
    () => messagesOf(tableOf(new Map([["x", list]]))),
    TypeError,
    '"x.item": its schema declares Utf8, and its data are Int8',
  );
});

Deno.test("encode() refuses a batch that has more columns than its schema", async () => {
  const batch = batchOfOther(new Int32(), column(new Int32(), (row) => row));
  batch.data.children.push(column(new Int32(), (row) => row));
  await assertRejects(
    () => messagesOf(batch),
    TypeError,
    "Cannot encode a batch: it has 2 columns, and its schema has 1",
  );
});

Deno.test("encode() takes types that differ in what says nothing about values", async () => {
  const data = column(
    new List(new Field("element", new Int32(), false)),
    (row) => [row],
  );
  const batch = batchOfOther(new List(item(new Int32())), data);
  const found = await roundTrip(new Table([batch]));
  assertEquals(found.schema.fields[0].type.children[0].name, "item");
});

/** A table of one column that is declared not nullable, by itself or inside. */
function strictTable(data: Data, type: DataType = data.type, nullable = false): Table {
  const schema = new Schema([new Field("x", type, nullable)]);
  return new Table(schema, [batchOf(schema, [data])]);
}

for (const [name, data] of everyColumn()) {
  Deno.test(`encode() looks for nulls in a column of ${name} that may have none`, async () => {
    const { type, nullCount } = data;
    if (DataType.isNull(type) || DataType.isUnion(type) || nullCount === 0) {
      await roundTrip(strictTable(data));
      return;
    }
    await assertRejects(
      () => messagesOf(strictTable(data)),
      TypeError,
      'Cannot encode the column "x": it is declared not nullable, and has nulls',
    );
    await roundTrip(strictTable(data).slice(0, 3));
  });
}

const strictItem = new Field("item", new Int32(), false);
const strictStruct = new Struct([new Field("a", new Int32(), false)]);
const nullAt2 = () => vectorFromArray([0, 1, null, 3, 4, 5], new Int32()).data[0];

Deno.test("encode() refuses nulls inside of values that must have none", async () => {
  const tables: [string, Table][] = [
    [
      "x.item",
      strictTable(column(new List(strictItem), (row) => [row, null]), undefined, true),
    ],
    [
      "x.item",
      strictTable(column(new FixedSizeList(2, strictItem), () => [null, 1])),
    ],
    [
      "x.a",
      strictTable(makeData({ type: strictStruct, length: 6, children: [nullAt2()] })),
    ],
    [
      "x.item.a",
      strictTable(
        column(
          new List(new Field("item", strictStruct, false)),
          () => [{ a: 1 }, { a: null }],
        ),
      ),
    ],
    [
      "x.a",
      strictTable(
        new Data(
          new SparseUnion([0], [new Field("a", new Int32(), false)]),
          0,
          6,
          0,
          [undefined, undefined, undefined, new Int8Array(6)],
          [nullAt2()],
        ),
      ),
    ],
    [
      "x.a",
      strictTable(makeData({
        type: new DenseUnion([0], [new Field("a", new Int32(), false)]),
        length: 2,
        typeIds: new Int8Array(2),
        valueOffsets: Int32Array.of(1, 2),
        children: [nullAt2()],
      })),
    ],
  ];
  for (const [path, table] of tables) {
    const nullable = new Schema([new Field("x", table.schema.fields[0].type, true)]);
    await assertRejects(
      () => messagesOf(table.batches, { schema: nullable }),
      TypeError,
      `Cannot encode the column "${path}": it is declared not nullable`,
    );
  }
});

Deno.test("encode() refuses a null of a dictionary's values, where a row has it", async () => {
  const type = new Dictionary(new Utf8(), new Int32());
  const values = vectorFromArray(["a", null], new Utf8());
  const rows = (...indices: number[]) =>
    strictTable(
      new Data(
        type,
        0,
        indices.length,
        0,
        [undefined, Int32Array.from(indices)],
        [],
        values,
      ),
    );
  await roundTrip(rows(0, 0));
  await assertRejects(() => messagesOf(rows(0, 1)), TypeError, "declared not nullable");
});

Deno.test("encode() takes nulls that no row refers to", async () => {
  const bitmap = Uint8Array.of(0b111011);
  const structs = makeData({
    type: strictStruct,
    length: 6,
    nullCount: 1,
    nullBitmap: bitmap,
    children: [nullAt2()],
  });
  await roundTrip(strictTable(structs, strictStruct, true));
  const lists = makeData({
    type: new List(strictItem),
    length: 2,
    nullCount: 0,
    valueOffsets: Int32Array.of(0, 2, 2),
    child: nullAt2(),
  });
  await roundTrip(strictTable(lists));
  const union = makeData({
    type: new DenseUnion([0], [new Field("a", new Int32(), false)]),
    length: 2,
    typeIds: new Int8Array(2),
    valueOffsets: Int32Array.of(0, 1),
    children: [nullAt2()],
  });
  await roundTrip(strictTable(union));
  await roundTrip(strictTable(makeData({ type: new Null(), length: ROWS })));
});

Deno.test("encode() refuses rows that a column does not have, if it may have no nulls", async () => {
  const schema = new Schema([
    new Field("x", new Int32(), false),
    new Field("y", new Int32(), false),
  ]);
  const batch = batchOf(schema, [nullAt2(), nullAt2()].map((data) => data.slice(0, 2)));
  Object.assign(batch.data.children, [batch.data.children[0].slice(0, 1)]);
  await assertRejects(() => messagesOf(batch), TypeError, '"x": it is declared not');
  batch.data.children.shift();
  await assertRejects(() => messagesOf(batch), TypeError, '"y": it is declared not');
});
