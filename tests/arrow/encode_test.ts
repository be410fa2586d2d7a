/** encode(): its messages, read back by decode(). */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  BinaryView,
  type Data,
  Dictionary,
  Field,
  Int32,
  Int8,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  tableFromArrays,
  Utf8,
  Vector,
  vectorFromArray,
} from "apache-arrow";
import { decode } from "../../flight/arrow/decode/decode.ts";
import { encode } from "../../flight/arrow/encode/encode.ts";
import type { EncodeOptions } from "../../flight/arrow/encode/encode_options.ts";
import type { EncodeItem } from "../../flight/arrow/encode/encode_source.ts";
import { allRegions } from "../../flight/arrow/format/batch_columns.ts";
import { bodyParts } from "../../proto/flight_data.ts";
import {
  batchOf,
  column,
  everyColumn,
  everyTable,
  ROWS,
  tableOf,
} from "../helpers/tables/arrow_tables.ts";
import {
  kinds,
  messagesOf,
  roundTrip,
  verified,
} from "../helpers/tables/encoded_messages.ts";
import { plainColumns } from "../helpers/tables/plain_columns.ts";

/** A batch of these columns, whatever RecordBatch's constructor would make of them. */
function rawBatch(columns: Iterable<readonly [string, Data]>): RecordBatch {
  const entries = [...columns];
  const fields = entries.map(([name, { type }]) => new Field(name, type, true));
  const data = makeData({
    type: new Struct(fields),
    length: Math.max(...entries.map(([, { length }]) => length)),
    nullCount: 0,
    children: entries.map(([, column]) => column),
  });
  return Object.assign(batchOf(new Schema([]), []), {
    schema: new Schema(fields),
    data,
  });
}

const [numbers] = tableFromArrays({ n: Int32Array.of(1, 2, 3) }).batches;
const bytes = (text: string) => new TextEncoder().encode(text);

for (const [name, data] of everyColumn()) {
  Deno.test(`encode() keeps a column of ${name}, and its slices`, async () => {
    const table = tableOf(new Map([[name, data]]));
    for (
      const [begin, end] of [[0, ROWS], [0, 0], [1, ROWS], [3, 4], [5, 17], [8, 16]]
    ) {
      const slice = table.slice(begin, end);
      await roundTrip(slice);
      await roundTrip(slice.slice(1, 11), { alignment: 64 });
      await roundTrip(slice, { maxMessageBytes: 300 });
      await roundTrip(slice, { maxMessageBytes: 1, compression: "lz4" });
      await roundTrip(slice, { compression: "zstd" });
    }
  });
}

Deno.test("encode() keeps a table of all types, with metadata", async () => {
  const table = everyTable();
  const found = await roundTrip(table);
  assertEquals(found.schema.metadata, table.schema.metadata);
  for (const [index, { metadata, nullable }] of table.schema.fields.entries()) {
    assertEquals(found.schema.fields[index].metadata, metadata);
    assertEquals(found.schema.fields[index].nullable, nullable);
  }
  await roundTrip(table.slice(3, 22));
});

Deno.test("encode() keeps the metadata of a batch, in each of its pieces", async () => {
  const metadata = new Map([["part", "one"]]);
  const batch = new RecordBatch(numbers.schema, numbers.data, metadata);
  const found = await decode(encode(batch, { maxMessageBytes: 1 })).table();
  assertEquals(found.batches.map((piece) => piece.metadata), Array(3).fill(metadata));
});

Deno.test("encode() keeps the number of rows of a batch without columns", async () => {
  const data = makeData({
    type: new Struct([]),
    length: 5,
    nullCount: 0,
    children: [],
  });
  const batch = new RecordBatch(new Schema([]), data);
  assertEquals((await decode(encode(batch)).table()).numRows, 5);
});

Deno.test("encode() sends only the schema of a table without batches", async () => {
  const { schema } = everyTable();
  assertEquals(kinds(await messagesOf(new Table(schema))), "s");
  const found = await decode(encode([], { schema })).table();
  assertEquals([found.numRows, `${found.schema}`], [0, `${schema}`]);
});

Deno.test("encode() keeps columns of the same name, and of no name", async () => {
  const x = column(new Int32(), (row) => row);
  const y = column(new Utf8(), (row) => `${row}`);
  const batch = rawBatch([["x", x], ["x", y], ["", y]]);
  const found = await roundTrip(batch);
  assertEquals(found.schema.names, ["x", "x", ""]);
});

Deno.test("encode() fills up columns that are shorter than their batch", async () => {
  const long = column(new Int32(), (row) => row, ROWS + 11);
  for (const [name, data] of everyColumn()) {
    const batch = rawBatch([["long", long], ["short", data]]);
    const [, [, filled]] = plainColumns(await decode(encode(batch)).table());
    const [[, values]] = plainColumns(tableOf(new Map([[name, data]])));
    assertEquals([name, filled], [name, [...values, ...Array(11).fill(null)]]);
  }
  // What apache-arrow's own filling up leaves behind.
  const words = vectorFromArray(["one", "two"], new Utf8()).data[0];
  const flags = vectorFromArray([true, true, false]).data[0];
  await roundTrip(new RecordBatch({ long, words, flags }));
});

Deno.test("encode() sends columns that share a buffer", async () => {
  const values = Int32Array.of(1, 2, 3, 4);
  const data = makeData({ type: new Int32(), data: values, length: 4, nullCount: 0 });
  await roundTrip(new Table({ a: new Vector([data]), b: new Vector([data]) }));
});

Deno.test("encode() copies no values", async () => {
  const table = new Table({
    a: vectorFromArray(new Float64Array(100)),
    b: vectorFromArray(Array(100).fill("some text"), new Utf8()),
  });
  const buffers = new Set(
    table.batches[0].data.children.map((data) => data.values.buffer),
  );
  const [, batch] = await messagesOf(table.slice(4, 8));
  const shared = bodyParts(batch).filter((part) => buffers.has(part.buffer));
  assertEquals(shared.map((part) => part.length), [4 * 8, 4 * 9]);
});

Deno.test("encode() starts buffers at multiples of 64 when asked to", async () => {
  const messages = verified(await messagesOf(everyTable(), { alignment: 64 }));
  for (const message of messages) {
    if (message.kind === "schema") continue;
    const batch = message.kind === "batch" ? message : message.batch;
    for (const { offset } of allRegions(batch.columns)) assertEquals(offset % 64, 0);
  }
});

Deno.test("encode() compresses what gets smaller by it", async () => {
  const repeated = tableFromArrays({ n: new Float64Array(10_000).fill(1.5) });
  for (const compression of ["lz4", "zstd"] as const) {
    const [, batch] = await messagesOf(repeated, { compression });
    assert(bodyParts(batch).reduce((sum, part) => sum + part.length, 0) < 2000);
    await roundTrip(repeated, { compression });
  }
});

Deno.test("encode() splits a batch that is larger than maxMessageBytes", async () => {
  const rows = 10_000;
  const table = tableFromArrays({
    n: Float64Array.from({ length: rows }, (_, row) => row),
    s: Array.from({ length: rows }, (_, row) => "x".repeat(row % 50)),
  });
  const maxMessageBytes = 20_000;
  const messages = await messagesOf(table, { maxMessageBytes });
  for (const { dataHeader, dataBody } of messages) {
    const body = bodyParts({ dataBody }).reduce((sum, part) => sum + part.length, 0);
    assert(dataHeader!.length + body < maxMessageBytes);
  }
  const least = table.batches[0].data.byteLength / maxMessageBytes;
  assert(messages.length < 1.2 * least + 2, `${messages.length} messages`);
  await roundTrip(table, { maxMessageBytes });
});

Deno.test("encode() sends a row that is larger than maxMessageBytes alone", async () => {
  const words = Array.from(
    { length: 9 },
    (_, row) => "x".repeat(row === 4 ? 5000 : 10),
  );
  const table = new Table({ s: vectorFromArray(words, new Utf8()) });
  assertEquals(kinds(await messagesOf(table, { maxMessageBytes: 1000 })), "s b4 b1 b4");
});

Deno.test("encode() sends of views only the bytes that the rows refer to", async () => {
  const long = Array.from({ length: 100 }, (_, row) => new Uint8Array(1000).fill(row));
  const views = vectorFromArray(long, new BinaryView());
  const table = new Table({ v: views });
  const [, batch] = await messagesOf(table.slice(10, 20));
  const size = bodyParts(batch).reduce((sum, part) => sum + part.length, 0);
  assert(size < 11_000, `${size} bytes`);
  await roundTrip(table.slice(10, 20));
});

Deno.test("encode() puts app_metadata on the first piece of its batch", async () => {
  const items: EncodeItem[] = [
    { batch: numbers, appMetadata: bytes("one") },
    numbers,
    { appMetadata: bytes("two") },
  ];
  const messages = await messagesOf(items, { maxMessageBytes: 1 });
  assertEquals(messages.map((message) => message.appMetadata), [
    undefined,
    bytes("one"),
    ...Array(5).fill(undefined),
    bytes("two"),
  ]);
});

Deno.test("encode() puts the descriptor on the first message", async () => {
  const descriptor = { type: "PATH", path: ["quakes"] } as const;
  const messages = await messagesOf(numbers, { descriptor });
  assertEquals(messages.map((message) => message.flightDescriptor), [
    descriptor,
    undefined,
  ]);
});

Deno.test("encode() sends app_metadata before the schema when it comes first", async () => {
  const items = [{ appMetadata: bytes("hello") }, numbers];
  const messages = await messagesOf(items);
  assertEquals(messages.map((message) => message.dataHeader === undefined), [
    true,
    false,
    false,
  ]);
  const [first] = await messagesOf(items, { schema: numbers.schema });
  assert(first.dataHeader !== undefined);
});

Deno.test("encode() pulls a batch when the messages before it are taken", async () => {
  let pulled = 0;
  function* source() {
    for (let count = 0; count < 3; count++) {
      pulled++;
      yield numbers;
    }
  }
  const messages = encode(source());
  assertEquals(pulled, 0);
  await messages.next();
  await messages.next();
  assertEquals(pulled, 1);
  await messages.next();
  assertEquals(pulled, 2);
  await messages.return(undefined);
});

Deno.test("encode() ends the source's iterator when the consumer stops early", async () => {
  let ended = 0;
  function* source() {
    try {
      while (true) yield numbers;
    } finally {
      ended++;
    }
  }
  async function* asyncSource() {
    yield* source();
  }
  for (const items of [source(), asyncSource()]) {
    let count = 0;
    for await (const _ of encode(items)) if (++count === 3) break;
  }
  assertEquals(ended, 2);
});

Deno.test("encode() refuses a batch that does not agree with the schema", async () => {
  const [other] = tableFromArrays({ n: Float64Array.of(1) }).batches;
  const [longer] =
    tableFromArrays({ n: Int32Array.of(1), m: Int32Array.of(1) }).batches;
  const [renamed] = tableFromArrays({ m: Int32Array.of(1) }).batches;
  const reason = async (batch: RecordBatch) =>
    (await assertRejects(() => messagesOf([numbers, batch]), TypeError)).message
      .split(", as ")[1];
  assertEquals(await reason(other), 'the column "n" is Float64 and not Int32');
  assertEquals(await reason(longer), 'the column "m" is one too many');
  assertEquals(await reason(renamed), 'column 0 is "m" and not "n"');
});

Deno.test("encode() refuses a dictionary of dictionaries before it sends anything", async () => {
  const inner = new Dictionary(new Utf8(), new Int8());
  const schema = new Schema([new Field("d", new Dictionary(inner, new Int8()), true)]);
  assertThrows(() => encode([], { schema }), TypeError, 'the column "d"');
  await assertRejects(
    () => messagesOf([batchOf(schema, [])]),
    TypeError,
    'the column "d"',
  );
});

Deno.test("encode() refuses items that are no batches", async () => {
  const table = new Table([numbers]) as unknown as RecordBatch;
  await assertRejects(() => messagesOf([table]), TypeError, "it has neither `batch`");
  const item = { batch: table };
  await assertRejects(
    () => messagesOf([item]),
    TypeError,
    "its `batch` is no RecordBatch",
  );
});

Deno.test("encode() refuses a source without a schema", async () => {
  await assertRejects(() => messagesOf([]), TypeError, "the option `schema`");
});

Deno.test("encode() refuses what is no source, and options out of their range", () => {
  assertThrows(() => encode({} as Iterable<EncodeItem>), TypeError, "no table");
  for (
    const options of [
      { maxMessageBytes: 0 },
      { maxMessageBytes: NaN },
      { alignment: 16 },
      {
        compression: "gzip",
      },
    ]
  ) {
    assertThrows(() => encode([], options as EncodeOptions), RangeError);
  }
});
