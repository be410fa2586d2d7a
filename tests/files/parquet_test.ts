/** Parquet, in and out. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  Bool,
  Dictionary,
  Field,
  Float64,
  Int32,
  Int64,
  List,
  makeData,
  RecordBatch,
  Struct,
  Table,
  tableFromArrays,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import { FileError, readFile, writeFile, writeMessages } from "../../files/mod.ts";
import { fileBytes, pieces, readTable, rowsOf } from "../helpers/tables/table_files.ts";

const PARQUET = { format: "parquet" } as const;

const nested = new Table({
  id: vectorFromArray([1n, null, 2n ** 60n + 1n], new Int64()),
  name: vectorFromArray(["a", "", null], new Utf8()),
  flag: vectorFromArray([true, null, false], new Bool()),
  kind: vectorFromArray(["x", "y", "x"], new Dictionary(new Utf8(), new Int32())),
  scores: vectorFromArray(
    [[1.5, null], [], null],
    new List(new Field("item", new Float64(), true)),
  ),
  place: vectorFromArray(
    [{ x: 1, y: "a" }, { x: null, y: "b" }, { x: 3, y: null }],
    new Struct<{ x: Int32; y: Utf8 }>([
      new Field("x", new Int32(), true),
      new Field("y", new Utf8(), true),
    ]),
  ),
});

Deno.test("readFile() reads what writeFile() wrote as Parquet, with each compression", async () => {
  for (const compression of ["none", "snappy", "zstd", "gzip", "lz4"] as const) {
    const bytes = await fileBytes(nested, { ...PARQUET, compression });
    await using file = await readFile(bytes, { name: "nested.parquet" });
    assertEquals(
      `${file.schema.fields.map(({ name, type }) => `${name}: ${type}`)}`,
      `${nested.schema.fields.map(({ name, type }) => `${name}: ${type}`)}`,
    );
    const rows = (await Array.fromAsync(file)).flatMap(rowsOf);
    assertEquals(rows, nested.batches.flatMap(rowsOf), compression);
  }
});

Deno.test("readFile() reads Parquet from a stream, and only the columns that are wanted", async () => {
  const bytes = await fileBytes(nested, PARQUET);
  const read = await readTable(pieces(bytes, 100), {
    ...PARQUET,
    columns: ["place", "id"],
  });
  assertEquals(read.columns.map((column) => column.split(":")[0]), ["id", "place"]);
  assertEquals(read.rows.map(([id]) => id), ["1n", "null", `${2n ** 60n + 1n}n`]);
  await assertRejects(
    () => readFile(bytes, { ...PARQUET, columns: ["plac"] }),
    FileError,
    'there is no column "plac"; perhaps you mean "place"',
  );
});

Deno.test("writeFile() writes Parquet without rows, and many row groups", async () => {
  const empty = await readTable(await fileBytes(nested.slice(0, 0), PARQUET), PARQUET);
  assertEquals([empty.columns.length, empty.rows.length], [6, 0]);

  const part = tableFromArrays({
    x: Float64Array.from({ length: 1 << 20 }, Math.random),
  });
  const { schema, batches: [batch] } = part;
  async function* many() {
    for (let count = 0; count < 20; count++) yield await Promise.resolve(batch);
  }
  const bytes = await fileBytes(many(), { ...PARQUET, schema, compression: "none" });
  let [rows, largest] = [0, 0];
  await using file = await readFile(bytes, PARQUET);
  for await (const { numRows, data } of file) {
    rows += numRows;
    largest = Math.max(largest, data.byteLength);
  }
  assertEquals(rows, 20 << 20);
  assert(largest <= 8 << 20, `${largest}`);
});

Deno.test("readFile() refuses Parquet that is cut off, or another format", async () => {
  const bytes = await fileBytes(tableFromArrays({ x: [1, 2] }), PARQUET);
  for (let length = 0; length < bytes.length; length++) {
    await assertRejects(
      () => readTable(bytes.slice(0, length), PARQUET),
      FileError,
      "Cannot read the file: it is not a sound Parquet file",
    );
  }
  await assertRejects(
    () => readFile(new TextEncoder().encode("a,b\n1,2\n"), PARQUET),
    FileError,
  );
});

Deno.test("readFile() refuses damaged Parquet, or reads it, and the process lives on", async () => {
  const bytes = await fileBytes(nested, { ...PARQUET, compression: "none" });
  let refused = 0;
  for (let at = 0; at < bytes.length; at += 3) {
    const damaged = bytes.slice();
    damaged[at] ^= 0xff;
    try {
      await readTable(damaged, PARQUET);
    } catch (error) {
      assert(error instanceof FileError, `byte ${at}: ${error}`);
      refused++;
    }
  }
  assert(refused > 100, `${refused}`);
  assertEquals((await readTable(bytes, PARQUET)).rows.length, 3);
});

Deno.test("writeFile() hands on what its source throws, also while it writes Parquet", async () => {
  const [batch] = tableFromArrays({ x: [1] }).batches;
  async function* failing() {
    yield await Promise.resolve(batch);
    throw new RangeError("the source has failed");
  }
  await assertRejects(() => fileBytes(failing(), PARQUET), RangeError, "has failed");
  let isClosed = false;
  async function* endless() {
    try {
      const column = Float64Array.from({ length: 1 << 20 }, Math.random);
      const [batch] = tableFromArrays({ column }).batches;
      while (true) yield await Promise.resolve(batch);
    } finally {
      isClosed = true;
    }
  }
  for await (const _ of writeFile(endless(), PARQUET)) break;
  assert(isClosed);
});

Deno.test("writeFile() names what Parquet cannot hold", async () => {
  const stream = await readFile(new URL("../data/unions.arrows", import.meta.url));
  await assertRejects(
    () => Array.fromAsync(writeMessages(stream.messages(), PARQUET)),
    FileError,
    "Parquet cannot hold the table",
  );
});

Deno.test("writeFile() takes a compression only where the format has it", () => {
  const table = tableFromArrays({ x: [1] });
  let count = 0;
  for (const [format, compression] of [["csv", "zstd"], ["arrow", "snappy"]] as const) {
    try {
      writeFile(table, { format, compression });
    } catch (error) {
      assert(error instanceof TypeError);
      count++;
    }
  }
  assertEquals(count, 2);
});

Deno.test("writeFile() refuses a table without columns where its rows would be lost", async () => {
  const data = makeData({
    type: new Struct([]),
    length: 3,
    nullCount: 0,
    children: [],
  });
  const batch = new RecordBatch(new Table().schema, data);
  for (const format of ["parquet", "csv"] as const) {
    await assertRejects(
      () => fileBytes(batch, { format }),
      FileError,
      "Cannot write the file: the table has no columns",
    );
  }
});
