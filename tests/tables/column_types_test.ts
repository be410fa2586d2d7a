/** The types of columns: in TypeScript, where the compiler checks them, and as an option. */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  Field,
  Float64,
  Int32,
  Int64,
  List,
  type RecordBatch,
  Struct,
  Table,
  tableFromArrays,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import { tableFromArrays as tableOf14, Utf8 as Utf8Of14 } from "apache-arrow-14";
import {
  Float64 as Float64Of18,
  Table as TableOf18,
  Utf8 as Utf8Of18,
  vectorFromArray as vectorOf18,
} from "apache-arrow-18";
import {
  type ColumnTypes,
  FlightError,
  type TinyClient,
  type TypedTable,
} from "../../client.ts";
import {
  decode,
  type DecodedBatch,
  encode,
  type FlightReader,
  readFlight,
} from "../../flight/mod.ts";
import { serving } from "../helpers/serving.ts";

type Cities = { city: Utf8; latitude: Float64 };

/** `true` when the two types are the same, so that an `any` is no other type. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2)
  ? true
  : false;

/** Compiles only when the value's type is `Expected`; call it with `true`. */
function assertType<Expected>() {
  return <Actual>(_value: Actual, _isSame: Same<Expected, Actual>): void => {};
}

function cities(): Table<Cities> {
  return new Table({
    city: vectorFromArray(["Suva", "Nadi"], new Utf8()),
    latitude: vectorFromArray([-18.14, -17.8], new Float64()),
  });
}

Deno.test("getTable() gives rows and columns of the types that it is told", async () => {
  await using there = await serving();
  const { client } = there;
  await client.putTable("cities", cities());
  const table = await client.getTable<Cities>("cities");
  assertType<TypedTable<Cities>>()(table, true);
  const latitudes: number[] = [];
  for (const { city, latitude } of table) {
    assertType<string>()(city, true);
    assertType<number>()(latitude, true);
    latitudes.push(latitude);
  }
  assertEquals(latitudes, [-18.14, -17.8]);
  assertType<Float64Array>()(table.getChild("latitude")!.toArray(), true);
  // @ts-expect-error: there is no such column.
  assertEquals(table.getChild("longitude"), null);
  assertType<string>()(table.toArray()[0].city, true);
  // @ts-expect-error: a text is no number.
  const text: number = table.get(0)!.city;
  assertEquals(`${text}`, "Suva");
});

Deno.test("readTable(), decode() and readFlight() give batches of such types", async () => {
  await using there = await serving();
  const { client } = there;
  await client.putTable("cities", cities());
  for await (const batch of client.readTable<Cities>("cities")) {
    assertType<RecordBatch<Cities>>()(batch, true);
    assertType<string>()(batch.get(1)!.city, true);
    assertEquals(batch.get(1)!.city, "Nadi");
  }
  const reader = decode<Cities>(encode(cities()));
  assertType<FlightReader<Cities>>()(reader, true);
  assertEquals((await reader.table()).get(0)?.latitude, -18.14);
  for await (const info of client.flight.listFlights()) {
    for await (const item of readFlight<Cities>(client.flight, info)) {
      assertType<DecodedBatch<Cities>>()(item, true);
      assertEquals(item.batch?.numRows, 2);
    }
  }
});

Deno.test("Tables of which no types are told are those of apache-arrow by default", async () => {
  await using there = await serving();
  const { client } = there;
  await client.putTable("cities", cities());
  const table = await client.getTable("cities", { columns: ["city"] });
  assertType<Table>()(table, true);
  for await (const batch of client.readTable("cities")) {
    assertType<RecordBatch>()(batch, true);
  }
  for (const row of table) assertEquals(typeof row.city, "string");
  const typed: Table<{ city: Utf8 }> = table;
  assertEquals(typed.get(0)?.city, "Suva");
  // @ts-expect-error: a column's type is one of apache-arrow.
  await client.getTable<{ city: string }>("cities");
});

Deno.test("The option `types` is checked, and tells the compiler the types", async () => {
  await using there = await serving();
  const { client } = there;
  await client.putTable("cities", cities());
  const types = { latitude: new Float64(), city: new Utf8() };
  const table = await client.getTable("cities", { types });
  assertType<TypedTable<{ latitude: Float64; city: Utf8 }>>()(table, true);
  for await (const batch of client.readTable("cities", { types })) {
    assertType<RecordBatch<{ latitude: Float64; city: Utf8 }>>()(batch, true);
  }
  const some = await client.getTable("cities", { types: { city: new Utf8() } });
  assertEquals(some.numCols, 2);
});

Deno.test("The option `types` refuses a column that is missing, or of another type", async () => {
  await using there = await serving();
  const { client } = there;
  await client.putTable("cities", tableFromArrays({ city: ["Suva"], founded: [1849] }));
  const cases: [ColumnTypes, string][] = [
    [
      { city: new Utf8() },
      'Cannot read the column "city" as Utf8: its type is Dictionary<Int32, Utf8>',
    ],
    [
      { founded: new Int64() },
      'Cannot read the column "founded" as Int64: its type is Float64',
    ],
    [
      { fonded: new Float64() },
      'Cannot read the column "fonded" of the option `types`: it is not there; perhaps you mean "founded"',
    ],
  ];
  for (const [types, message] of cases) {
    for (const read of [readAll, readBatches]) {
      const error = await assertRejects(() => read(client, types), FlightError);
      assertEquals([error.code, error.message], ["INVALID_ARGUMENT", message]);
    }
  }
});

function readAll(client: TinyClient, types: ColumnTypes): Promise<unknown> {
  return client.getTable("cities", { types });
}

async function readBatches(client: TinyClient, types: ColumnTypes): Promise<void> {
  for await (const _ of client.readTable("cities", { types }));
}

Deno.test("The option `types` compares nested types, and not their nulls", async () => {
  const item = (type: Utf8 | Int32, name = "item") => new List(new Field(name, type));
  const table = new Table({
    tags: vectorFromArray([["a"], ["b", "c"]], item(new Utf8())),
  });
  const read = (types: ColumnTypes) => decode(encode(table), { types }).table();
  assertEquals((await read({ tags: item(new Utf8(), "element") })).numRows, 2);
  await assertRejects(
    () => read({ tags: item(new Int32()) }),
    FlightError,
    'Cannot read the column "tags" as List<Int32>: its type is List<Utf8>',
  );
  await assertRejects(
    () => read({ tags: new Struct([new Field("a", new Utf8())]) }),
    FlightError,
    'Cannot read the column "tags" as Struct<a: Utf8>: its type is List<Utf8>',
  );
});

Deno.test("The option `types` has types of apache-arrow, whichever copy they are of", async () => {
  const read = (types: unknown) => decode(encode(cities()), { types: types as Cities });
  const table = await read({ city: new Utf8Of14(), latitude: new Float64Of18() })
    .table();
  assertEquals(table.numRows, 2);
  assertThrows(
    () => read({ city: "string" }),
    TypeError,
    'it has to be an object with a type of apache-arrow for each column, such as { depth: new Int32() }; "city" is "string"',
  );
  assertThrows(() => read(["city"]), TypeError, '"0" is "city"');
  assertThrows(() => read("city"), TypeError, "it has to be an object with a type");
});

Deno.test("putTable() takes typed tables of other copies, without a cast", async () => {
  await using there = await serving();
  const { client } = there;
  const table: TableOf18<{ city: Utf8Of18; latitude: Float64Of18 }> = new TableOf18({
    city: vectorOf18(["Suva"], new Utf8Of18()),
    latitude: vectorOf18([-18.14], new Float64Of18()),
  });
  const batches = async function* () {
    yield* table.batches;
  };
  for (const source of [table, table.batches, table.batches[0], batches()]) {
    await client.putTable("cities", source, { schema: table.schema });
    const found = await client.getTable<Cities>("cities");
    assertEquals(found.get(0)?.toJSON(), { city: "Suva", latitude: -18.14 });
  }
  await client.putTable("old", tableOf14({ x: Float64Array.of(1, 2) }));
  const types = { x: new Float64() };
  const old = await client.getTable("old", { types });
  assertEquals([...old.getChild("x")!], [1, 2]);
});
