/** TinyClient against a TinyServer. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  Dictionary,
  Field,
  Int32,
  makeData,
  makeVector,
  RecordBatch,
  Schema,
  Struct,
  Table,
  tableFromArrays,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import { FlightError } from "../../mod.ts";
import { COPIES } from "../helpers/tables/arrow_copies.ts";
import { everyTable } from "../helpers/tables/arrow_tables.ts";
import { plainColumns } from "../helpers/tables/plain_columns.ts";
import { assertFlightError, collect, serving } from "../helpers/serving.ts";

const points = tableFromArrays({ x: [1, 2, 3], y: [0.5, 1.5, 2.5] });
const [batch] = points.batches;

Deno.test("TinyClient.putTable() takes tables, batches and iterables of batches", async () => {
  await using both = await serving();
  async function* later() {
    yield batch;
    yield batch;
  }
  const sources = { table: points, batch, array: [batch, batch], later: later() };
  for (const [name, source] of Object.entries(sources)) {
    await both.client.putTable(name, source);
  }
  const rows = await Promise.all(
    Object.keys(sources).map(async (name) =>
      (await both.client.getTable(name)).numRows
    ),
  );
  assertEquals(rows, [3, 3, 6, 6]);
});

Deno.test("TinyClient carries every type of apache-arrow, with values and nulls", async () => {
  await using both = await serving();
  const table = everyTable();
  await both.client.putTable("every", table);
  const back = await both.client.getTable("every");
  assertEquals(back.schema.fields.map(String), table.schema.fields.map(String));
  assertEquals(plainColumns(back), plainColumns(table));
});

Deno.test("TinyClient carries metadata, and fields that allow no null", async () => {
  await using both = await serving();
  const schema = new Schema(
    [
      new Field("a", new Int32(), false, new Map([["unit", "km"]])),
      new Field("b", new Int32(), true),
    ],
    new Map([["origin", "Fiji"], ["größe", "π"]]),
  );
  const data = makeData({
    type: new Struct(schema.fields),
    children: [1, 2].map((value) =>
      makeData({ type: new Int32(), data: new Int32Array([value, value]) })
    ),
  });
  await both.client.putTable("t", new RecordBatch(schema, data));
  const back = await both.client.getTable("t");
  assertEquals(back.schema.metadata, schema.metadata);
  assertEquals(back.schema.fields.map(String), schema.fields.map(String));
  assertEquals(back.schema.fields[0].metadata, schema.fields[0].metadata);
  assertEquals(back.schema.fields.map(({ nullable }) => nullable), [false, true]);
  assertEquals(back.getChildAt(1)?.toArray(), new Int32Array([2, 2]));
});

Deno.test("TinyClient carries a table without rows, and one without batches", async () => {
  await using both = await serving();
  const schema = points.schema;
  await both.client.putTable("no rows", points.slice(0, 0));
  await both.client.putTable("no batches", [], { schema });
  for (const name of await both.client.listTables()) {
    const back = await both.client.getTable(name);
    assertEquals(back.numRows, 0);
    assertEquals(back.schema.fields.map(String), schema.fields.map(String));
  }
  assertEquals((await collect(both.client.readTable("no batches"))).length, 0);
  assertEquals((await both.client.tableInfo("no batches")).rows, 0);
});

Deno.test("TinyClient carries empty tables, however apache-arrow makes them", async () => {
  await using both = await serving();
  const tables = [
    tableFromArrays({ x: new Int32Array() }),
    tableFromArrays({ x: [] }),
    new Table({
      x: vectorFromArray([], new Int32()),
      y: vectorFromArray([], new Utf8()),
    }),
    new Table({ x: makeVector(new Int32Array()) }),
    new Table({ x: vectorFromArray([], new Dictionary(new Utf8(), new Int32())) }),
    new Table(points.schema),
  ];
  for (const table of tables) {
    await both.client.putTable("empty", table);
    const back = await both.client.getTable("empty");
    assertEquals(back.numRows, 0);
    assertEquals(back.schema.fields.map(String), table.schema.fields.map(String));
  }
});

Deno.test("TinyClient carries a table without columns", async () => {
  await using both = await serving();
  const schema = new Schema([]);
  const data = makeData({ type: new Struct([]), length: 7, children: [] });
  await both.client.putTable("bare", new RecordBatch(schema, data));
  assertEquals((await both.client.tableInfo("bare")).rows, 7);
  const batches = await collect(both.client.readTable("bare"));
  assertEquals(batches.map(({ numRows }) => numRows), [7]);
});

Deno.test("TinyClient.getTable() gives views of the messages that it has received", async () => {
  await using both = await serving();
  const x = Float64Array.from({ length: 20_000 }, (_, row) => row);
  await both.client.putTable("t", tableFromArrays({ x, y: x }));
  const [{ data }] = (await both.client.getTable("t")).batches;
  const [one, other] = data.children;
  assert(one.values.buffer === other.values.buffer);
});

Deno.test("TinyClient.putTable() takes tables of other versions of apache-arrow", async () => {
  await using both = await serving();
  for (const [version, { tableFromArrays }] of COPIES) {
    const table = tableFromArrays({ n: Int32Array.of(1, 2), s: ["a", null] });
    await both.client.putTable(version, table);
    const found = await both.client.getTable(version);
    assert(Object.getPrototypeOf(found) === Table.prototype);
    assertEquals(plainColumns(found), [["n", [1, 2]], ["s", ["a", null]]]);
  }
});

Deno.test("TinyClient.putTable() reads its source no faster than the server takes it", async () => {
  await using both = await serving();
  const column = new Float64Array(1024 * 1024);
  const [large] = tableFromArrays({ column }).batches;
  let made = 0;
  async function* source() {
    for (; made < 20; made++) yield large;
  }
  const abort = new AbortController();
  const put = both.client.putTable("large", source(), { signal: abort.signal });
  assertEquals(made, 0);
  await put;
  assertEquals(made, 20);
});

Deno.test("TinyClient.putTable() rejects with what its source throws", async () => {
  await using both = await serving();
  async function* source() {
    yield batch;
    throw new RangeError("the source ran dry");
  }
  await assertRejects(
    () => both.client.putTable("t", source()),
    RangeError,
    "the source ran dry",
  );
  assertEquals(await both.client.listTables(), []);
});

Deno.test("TinyClient.putTable() refuses misuse before it calls the server", async () => {
  await using both = await serving();
  await assertRejects(() => both.client.putTable("", points), TypeError, "name");
  await assertRejects(() => both.client.putTable("t", []), TypeError, "schema");
  await assertRejects(
    () => both.client.putTable("t", { rows: 3 } as unknown as Table),
    TypeError,
  );
  assertEquals(await both.client.listTables(), []);
});

Deno.test("TinyClient cancels by a signal, whatever it is doing", async () => {
  await using both = await serving();
  await both.client.putTable("t", points);
  const signal = AbortSignal.abort();
  const { client } = both;
  for (
    const call of [
      () => client.putTable("t", points, { signal }),
      () => client.getTable("t", { signal }),
      () => collect(client.readTable("t", { signal })),
      () => client.listTables({ signal }),
      () => client.tableInfo("t", { signal }),
      () => client.dropTable("t", { signal }),
    ]
  ) await assertFlightError(call, "CANCELLED");
  assertEquals((await client.getTable("t")).numRows, 3);
});

Deno.test("TinyClient.putTable() is cancelled while it waits for its source", async () => {
  await using both = await serving();
  const abort = new AbortController();
  const waiting = Promise.withResolvers<void>();
  async function* source() {
    yield batch;
    waiting.resolve();
    await new Promise(() => {});
  }
  const put = both.client.putTable("t", source(), { signal: abort.signal });
  await waiting.promise;
  abort.abort();
  await assertFlightError(() => put, "CANCELLED");
  assertEquals(await both.client.listTables(), []);
});

Deno.test("TinyClient.readTable() is cancelled between two batches", async () => {
  await using both = await serving();
  const column = Float64Array.from({ length: 4_000_000 }, (_, index) => index);
  await both.client.putTable("large", tableFromArrays({ column }));
  const abort = new AbortController();
  let count = 0;
  await assertFlightError(async () => {
    for await (const _ of both.client.readTable("large", { signal: abort.signal })) {
      if (++count === 2) abort.abort();
    }
  }, "CANCELLED");
  assert(count < 12, `${count} batches came after all`);
});

Deno.test("TinyClient.readTable() ends its call when the loop is left", async () => {
  await using both = await serving();
  const column = new Float64Array(4_000_000);
  await both.client.putTable("large", tableFromArrays({ column }));
  for await (const _ of both.client.readTable("large")) break;
  await both.client.listTables();
  const get = both.records.find(({ method }) => method === "DoGet");
  assertEquals(get?.error?.code, "CANCELLED");
});

Deno.test("TinyClient.getTable() reads the columns that are asked for", async () => {
  await using both = await serving();
  await both.client.putTable("points", points);
  const back = await both.client.getTable("points", { columns: ["y"] });
  assertEquals(back.schema.names, ["y"]);
  assertEquals(back.getChild("y")?.toArray(), new Float64Array([0.5, 1.5, 2.5]));
});

Deno.test("TinyClient.getTable() says which column is meant when one is not there", async () => {
  await using both = await serving();
  await both.client.putTable("quakes", tableFromArrays({ depth: [1], Mag: [2] }));
  const cases = [
    ["dept", 'it is not there; perhaps you mean "depth"'],
    ["mag", 'it is not there; perhaps you mean "Mag"'],
    ["stations", 'it is not there; the columns are "depth", "Mag"'],
  ];
  for (const [column, reason] of cases) {
    const error = await assertFlightError(
      () => both.client.getTable("quakes", { columns: ["depth", column] }),
      "INVALID_ARGUMENT",
    );
    assertEquals(error.message, `Cannot read the column "${column}": ${reason}`);
  }
});

Deno.test("TinyClient.tableInfo() says what a table has", async () => {
  await using both = await serving();
  await both.client.putTable("points", points);
  const { name, schema, rows, bytes, descriptor } = await both.client.tableInfo(
    "points",
  );
  assertEquals([name, rows, descriptor.type], ["points", 3, "CMD"]);
  assertEquals(schema?.fields.map(String), points.schema.fields.map(String));
  assert(bytes !== undefined && bytes > 48);
});

Deno.test("TinyClient carries names of any characters", async () => {
  await using both = await serving();
  const names = [" ", "/", "a/b", "größe", "\u{1f600}", "line\nbreak", '"', "\0"]
    .sort();
  for (const name of names) await both.client.putTable(name, points);
  assertEquals(await both.client.listTables(), names);
  for (const name of names) {
    assertEquals((await both.client.getTable(name)).numRows, 3);
    await both.client.dropTable(name);
  }
  assertEquals(await both.client.listTables(), []);
});

Deno.test("TinyClient puts and gets with compressed bodies", async () => {
  await using both = await serving();
  const table = tableFromArrays({ x: new Float64Array(100_000).fill(1.5) });
  for (const compression of ["lz4", "zstd"] as const) {
    await both.client.putTable("t", table, { compression });
    const { bytes = Infinity } = await both.client.tableInfo("t");
    assert(bytes < 100_000, `${bytes} bytes with ${compression}`);
    assertEquals((await both.client.getTable("t")).getChild("x")?.get(99_999), 1.5);
  }
});

Deno.test("TinyClient rejects what comes after it was closed", async () => {
  await using both = await serving();
  both.client.close();
  await assertRejects(() => both.client.listTables());
});

Deno.test("TinyClient is many clients at once", async () => {
  await using both = await serving();
  const count = 50;
  await Promise.all(Array.from({ length: count }, async (_, index) => {
    await both.client.putTable(`t${index}`, tableFromArrays({ index: [index] }));
    const back = await both.client.getTable(`t${index}`);
    assertEquals(back.getChild("index")?.get(0), index);
  }));
  assertEquals((await both.client.listTables()).length, count);
});

Deno.test("FlightError is what a rejected call gives", async () => {
  await using both = await serving();
  const error = await both.client.getTable("nothing").catch((error) => error);
  assert(error instanceof FlightError && error.name === "FlightError");
});
