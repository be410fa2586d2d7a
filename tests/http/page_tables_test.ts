/** What the web page asks for: the list, a table's columns and first rows, the traffic. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import {
  Bool,
  Decimal,
  Field,
  Float64,
  Int64,
  List,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  tableFromArrays,
  tableFromIPC,
  TimestampMicrosecond,
  Utf8,
  Vector,
  vectorFromArray,
} from "apache-arrow";
import { bearerTokens } from "../../auth/mod.ts";
import type { ShownTable } from "../../http/page/told.ts";
import { MemoryStore, type StoredTable } from "../../server.ts";
import { readStream } from "../helpers/tables/arrow_stream.ts";
import { TextLineStream } from "../helpers/processes/lines.ts";
import {
  type HttpServing,
  httpServing,
  jsonOf,
  putBytes,
} from "../helpers/http_serving.ts";

/** What the page is told of a table. */
async function shown(both: HttpServing, name: string, query = ""): Promise<ShownTable> {
  const url = `${both.http.location}/page/tables/${encodeURIComponent(name)}${query}`;
  return await jsonOf(await fetch(url), 200) as ShownTable;
}

/** The texts of a table's column. */
function texts({ part }: ShownTable, name: string): (string | null)[] {
  const at = part.columns.findIndex((column) => column.name === name);
  return part.rows.map((row) => row[at]);
}

Deno.test("the page's list has columns and times, too", async () => {
  await using both = await httpServing();
  await both.client.putTable("a", tableFromArrays({ x: [1], y: [2] }));
  const before = Date.now();
  const list = await jsonOf(await fetch(`${both.http.location}/page/tables`), 200);
  const [{ modified, bytes, ...rest }] = list as Record<string, unknown>[];
  assertEquals(rest, { name: "a", rows: 1, columns: 2 });
  assertEquals(bytes, (await both.client.tableInfo("a")).bytes);
  assert(Math.abs(Date.parse(modified as string) - before) < 600_000);
});

Deno.test("values are told exactly, and cut where they are long", async () => {
  await using both = await httpServing();
  const amounts = makeData({
    type: new Decimal(2, 20, 128),
    data: new Uint32Array([4_294_967_295, 1, 0, 0, 0xffffff38, ~0, ~0, ~0]),
    length: 2,
  });
  await both.client.putTable(
    "values",
    new Table({
      id: vectorFromArray([9007199254740993n, -1n], new Int64()),
      amount: new Vector([amounts]),
      flag: vectorFromArray([true, null], new Bool()),
      time: new Vector([makeData({
        type: new TimestampMicrosecond("Europe/Vienna"),
        data: new BigInt64Array([1_700_000_000_000_001n, -1n]),
      })]),
      text: vectorFromArray(["<b>&", "é".repeat(5000)], new Utf8()),
    }),
  );
  const table = await shown(both, "values");
  assertEquals(texts(table, "id"), ["9007199254740993", "-1"]);
  assertEquals(texts(table, "amount"), ["85899345.91", "-2.00"]);
  assertEquals(texts(table, "flag"), ["true", null]);
  assertEquals(texts(table, "time"), [
    "2023-11-14 22:13:20.000001Z",
    "1969-12-31 23:59:59.999999Z",
  ]);
  const [short, long] = texts(table, "text");
  assertEquals([short, long], ["<b>&", `${"é".repeat(199)}…`]);
  assertEquals(table.part.columns.map(({ type }) => type), [
    "Int64",
    "Decimal128(20, 2)",
    "Bool",
    "Timestamp(us, Europe/Vienna)",
    "Utf8",
  ]);
});

Deno.test("values of every type are told, but of types that apache-arrow has not", async () => {
  await using both = await httpServing();
  for (
    const [stream, column, expected] of [
      ["structs", "struct", "{inner: {x: 1, y: a}, list: [{x: 2, y: null}, null]}"],
      ["lists", "map", "{a: 1}"],
      ["lists", "list_of_text", "[x]"],
      ["unions", "dense", "1"],
      ["dictionaries", "twice", "{word: y, count: 3}"],
      ["views", "utf8_view", "short"],
      ["texts", "binary", "0x6f6e65"],
      ["numbers", "float16", "1.5"],
      ["times", "time_ns", "00:00:00.000000001"],
      ["all_types_zstd", "list1", "[1, 2]"],
    ] as const
  ) {
    await (await putBytes(both.urlOf(stream), readStream(stream))).body?.cancel();
    const table = await shown(both, stream, "?columns=100");
    assertEquals([column, texts(table, column)[0]], [column, expected]);
    assertEquals(table.part.problem, undefined);
  }
  await (await putBytes(both.urlOf("views"), readStream("list_views"))).body?.cancel();
  const { part } = await shown(both, "views");
  assertEquals(part.columns[0].type, "ListView<Int32>");
  assertEquals([part.columns[0].summary, part.sampleRows], [undefined, 0]);
});

Deno.test("a column's picture has its nulls, its range and its bars", async () => {
  await using both = await httpServing();
  const values = [1, 1, 2, 4, null, NaN];
  await both.client.putTable(
    "numbers",
    new Table({
      steps: vectorFromArray(values, new Float64()),
      words: vectorFromArray(["b", "a", "b", null, "b", "c"], new Utf8()),
      wide: vectorFromArray([0, 1e9, 2e9, 3e9, 4e9, 24e9], new Float64()),
      flags: vectorFromArray([true, true, false, true, true, null], new Bool()),
      lists: vectorFromArray(
        [[1], null, [2], [], [], []],
        new List(new Field("item", new Float64())),
      ),
    }),
  );
  const { part } = await shown(both, "numbers");
  const [steps, words, wide, flags, lists] = part.columns.map(({ summary }) => summary);
  assertEquals(steps, {
    nulls: 1,
    unplaced: 1,
    low: "1",
    high: "4",
    bars: [2, 1, 0, 1],
  });
  assertEquals(words, {
    nulls: 1,
    low: "a",
    high: "c",
    distinct: 3,
    frequent: [
      { text: "b", count: 3 },
      { text: "a", count: 1 },
      { text: "c", count: 1 },
    ],
  });
  assertEquals(wide?.bars?.length, 24);
  assertEquals(wide?.bars?.filter((bar) => bar > 0), [1, 1, 1, 1, 1, 1]);
  assertEquals(flags?.frequent, [
    { text: "true", count: 4 },
    { text: "false", count: 1 },
  ]);
  assertEquals(lists, { nulls: 1 });
});

Deno.test("values on steps have bars of as many steps each", async () => {
  await using both = await httpServing();
  const tenths = Array.from({ length: 250 }, (_, at) => (at % 25 + 40) / 10);
  await both.client.putTable("tenths", tableFromArrays({ x: tenths }));
  const { part } = await shown(both, "tenths");
  assertEquals(part.columns[0].summary?.bars, [...Array(12).fill(20), 10]);
  const huge = [-1.7e308, 0, 1.7e308];
  await both.client.putTable("huge", tableFromArrays({ x: huge }));
  const [{ summary }] = (await shown(both, "huge")).part.columns;
  assertEquals(summary?.bars?.map((bar, at) => bar * at).filter(Boolean), [12, 23]);
});

/** A store that counts the messages that are read. */
class CountingStore extends MemoryStore {
  count: number = 0;
  override async get(name: string): Promise<StoredTable | undefined> {
    const table = await super.get(name);
    return table && {
      ...table,
      messages: () => this.#counted(table),
    };
  }
  async *#counted(table: StoredTable) {
    for await (const message of table.messages()) {
      this.count++;
      yield message;
    }
  }
}

Deno.test("a sample reads the first batches of a large table, and says how many rows", async () => {
  const store = new CountingStore();
  await using both = await httpServing({ store });
  const [batch] = tableFromArrays({ x: Float64Array.from({ length: 1000 }) }).batches;
  const many = new Table(batch.schema, Array<RecordBatch>(500).fill(batch));
  await both.client.putTable("many", many);
  store.count = 0;
  const { rows, part } = await shown(both, "many");
  assertEquals([rows, part.sampleRows, part.rows.length], [500_000, 10_000, 20]);
  assert(store.count <= 12, `${store.count} messages were read`);
  // One large batch is cut before it is decoded.
  const length = 3_000_000;
  await both.client.putTable("long", tableFromArrays({ x: new Float64Array(length) }), {
    maxMessageBytes: 64 * 1024 * 1024,
  });
  const long = await shown(both, "long");
  assertEquals([long.rows, long.part.sampleRows], [length, 10_000]);
});

Deno.test("columns come in parts, and can be searched", async () => {
  await using both = await httpServing();
  const columns = Array.from({ length: 2000 }, (_, at) => [`Column ${at}`, [at]]);
  await both.client.putTable("wide", tableFromArrays(Object.fromEntries(columns)));
  const first = (await shown(both, "wide")).part;
  assertEquals(
    [first.columnCount, first.found, first.columns.length, first.rows],
    [2000, 2000, 24, [first.columns.map(({ index }) => `${index}`)]],
  );
  const last = (await shown(both, "wide", "?from=1990&columns=50")).part;
  assertEquals(last.columns.map(({ name }) => name), [
    ...Array.from({ length: 10 }, (_, at) => `Column ${1990 + at}`),
  ]);
  const found = (await shown(both, "wide", "?find=COLUMN%2019&columns=3")).part;
  assertEquals(found.found, 111);
  assertEquals(found.rows, [["19", "190", "191"]]);
  assertEquals((await shown(both, "wide", "?find=nothing")).part.columns, []);
  for (const query of ["?columns=101", "?rows=1e2", "?from=-1", "?rows="]) {
    const url = `${both.http.location}/page/tables/wide${query}`;
    assertMatch(
      JSON.stringify(await jsonOf(await fetch(url), 400)),
      /INVALID_ARGUMENT/,
    );
  }
});

Deno.test("columns of one name are all there, and a table may have none", async () => {
  await using both = await httpServing();
  const field = (name: string) => new Field(name, new Float64(), true);
  const schema = new Schema([field("a"), field("b"), field("a")]);
  const data = makeData({
    type: new Struct(schema.fields),
    length: 1,
    nullCount: 0,
    children: [1, 2, 3].map((value) =>
      makeData({ type: new Float64(), data: Float64Array.of(value) })
    ),
  });
  const batch = Object.assign(
    new RecordBatch(
      new Schema(),
      makeData({
        type: new Struct([]),
        length: 1,
      }),
    ),
    { schema, data },
  );
  await both.client.putTable("twice", new Table(schema, [batch]));
  const { part } = await shown(both, "twice");
  assertEquals(part.rows, [["1", "2", "3"]]);
  const none = readStream("rows_without_columns");
  await (await putBytes(both.urlOf("none"), none)).body?.cancel();
  const empty = await shown(both, "none");
  assertEquals([empty.rows, empty.part.columns], [7, []]);
});

Deno.test("a table whose offsets lead nowhere has its columns, and a problem", async () => {
  await using both = await httpServing();
  await both.client.putTable(
    "texts",
    new Table({
      text: vectorFromArray(["one", "two", "three"], new Utf8()),
    }),
  );
  const stream = new Uint8Array(await (await fetch(both.urlOf("texts"))).arrayBuffer());
  const offsets = new Uint8Array(Int32Array.of(0, 3, 6, 11).buffer);
  const at = stream.findIndex((_, start) =>
    offsets.every((byte, index) => stream[start + index] === byte)
  );
  assert(at > 0);
  const damaged = stream.with(at + 5, 0x7f);
  await jsonOf(await putBytes(both.urlOf("damaged"), damaged), 201);
  const { part } = await shown(both, "damaged");
  assertEquals([part.columns[0].name, part.sampleRows, part.rows], ["text", 0, []]);
  assertStringIncludes(part.problem!, "text");
});

Deno.test("a table that has not changed is not sampled again", async () => {
  const store = new CountingStore();
  await using both = await httpServing({ store });
  await both.client.putTable("a", tableFromArrays({ x: [1] }));
  const url = `${both.http.location}/page/tables/a`;
  const first = await fetch(url);
  const headers = { "if-none-match": first.headers.get("etag")! };
  await first.body?.cancel();
  store.count = 0;
  const second = await fetch(url, { headers });
  assertEquals([second.status, await second.text(), store.count], [304, "", 0]);
  await both.client.putTable("a", tableFromArrays({ x: [1, 2] }));
  const third = await jsonOf(await fetch(url, { headers }), 200) as ShownTable;
  assertEquals(third.rows, 2);
});

Deno.test("the page has links that need no header, for one table and one caller", async () => {
  const auth = bearerTokens({ verify: (token) => token === "t" ? "ada" : undefined });
  const allow = (_: string | undefined, operation: string) => operation !== "drop";
  await using both = await httpServing({ auth, allow });
  const headers = { authorization: "Bearer t" };
  for (const name of ["a/b", "other"]) {
    const body = readStream("numbers") as Uint8Array<ArrayBuffer>;
    const put = await fetch(both.urlOf(name), { method: "PUT", headers, body });
    await jsonOf(put, 201);
  }
  const url = `${both.http.location}/page/tables/a%2Fb`;
  await jsonOf(await fetch(url), 401);
  const table = await jsonOf(await fetch(url, { headers }), 200) as ShownTable;
  assertEquals(table.may, { write: true, drop: false });
  const read = await fetch(`${both.urlOf("a/b")}?${table.download}`);
  assertEquals(tableFromIPC(new Uint8Array(await read.arrayBuffer())).numRows, 5);
  await jsonOf(await fetch(`${both.urlOf("other")}?${table.download}`), 401);
  await jsonOf(await fetch(`${url}?${table.download}`), 401);
});

Deno.test("to leave the traffic is no error", async () => {
  await using both = await httpServing();
  const response = await fetch(`${both.http.location}/page/traffic`);
  const reader = response.body!.getReader();
  await reader.read();
  await reader.cancel();
  while (!both.records.some(({ method }) => method === "Traffic")) {
    await both.client.listTables();
  }
  const record = both.records.find(({ method }) => method === "Traffic");
  assertEquals([record?.error, record?.sent], [undefined, 0]);
});

Deno.test("the traffic is told each second, of gRPC and HTTP, until the server stops", async () => {
  await using both = await httpServing();
  const response = await fetch(`${both.http.location}/page/traffic`);
  const reader = response.body!.pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream()).getReader();
  const next = async () => JSON.parse((await reader.read()).value!);
  const first = await next();
  await both.client.putTable("a", tableFromArrays({ x: new Float64Array(100_000) }));
  await (await fetch(both.urlOf("a"))).arrayBuffer();
  let last = await next();
  while (last.sent - first.sent < 800_000) last = await next();
  assert(last.received - first.received >= 800_000);
  assertEquals(last.changes - first.changes, 1);
  assert(last.calls - first.calls >= 2);
  const stopped = both.server.shutdown();
  while (!(await reader.read()).done);
  await stopped;
});
