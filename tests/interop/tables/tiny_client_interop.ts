/** TinyClient with the walk-through's server, which is written in Python. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { type RecordBatch, type Table, tableFromArrays } from "apache-arrow";
import { TinyClient } from "../../../client.ts";
import { FlightError } from "../../../flight/errors.ts";
import { plainColumns } from "../../helpers/tables/plain_columns.ts";
import { pythonScript } from "../python/python_cases.ts";
import { PythonProcess } from "../python/python_process.ts";

const ANY_PORT = "grpc://localhost:0";
const QUAKES = tableFromArrays({
  lat: Float64Array.of(-20.42, -20.62, -26),
  stations: Int32Array.of(41, 15, 43),
  place: ["Fiji", "Ωmega", ""],
});

/** A test with a client of a new server without tables. */
function test(name: string, body: (client: TinyClient) => Promise<void>): void {
  Deno.test(`TinyClient with pyarrow's server: ${name}`, async () => {
    await using python = new PythonProcess(
      pythonScript("python/pyarrow_server"),
      ANY_PORT,
    );
    await using client = await TinyClient.connect(await python.line());
    await body(client);
  });
}

/** Checks that the call rejects with this code and a text with all of these words. */
async function assertFails(
  call: () => Promise<unknown>,
  code: string,
  ...words: string[]
): Promise<void> {
  const error = await assertRejects(call, FlightError);
  assertEquals(error.code, code);
  for (const word of words) assertStringIncludes(error.message, word);
}

function assertSame(found: Table, expected: Table): void {
  assertEquals(plainColumns(found), plainColumns(expected));
  assertEquals(`${found.schema}`, `${expected.schema}`);
}

async function* batchesOf(count: number): AsyncGenerator<RecordBatch> {
  for (let i = 0; i < count; i++) {
    yield tableFromArrays({ n: Float64Array.of(i, i) }).batches[0];
  }
}

test("getTable() gives what putTable() put", async (client) => {
  await client.putTable("quakes", QUAKES);
  assertSame(await client.getTable("quakes"), QUAKES);
});

test("putTable() replaces a table", async (client) => {
  await client.putTable("quakes", tableFromArrays({ n: [1] }));
  await client.putTable("quakes", QUAKES);
  assertSame(await client.getTable("quakes"), QUAKES);
});

test("putTable() takes batches as they come, and readTable() gives them", async (client) => {
  await client.putTable("batches", batchesOf(50));
  let count = 0;
  for await (const batch of client.readTable("batches")) {
    assertEquals([...batch.getChildAt(0)!], [count, count]);
    count++;
  }
  assertEquals(count, 50);
});

test("a table of 20 MB goes round", async (client) => {
  const numbers = Float64Array.from({ length: 2_500_000 }, (_, row) => row);
  await client.putTable("large", tableFromArrays({ n: numbers }));
  const found = (await client.getTable("large")).getChild("n")!;
  assertEquals(found.toArray(), numbers);
});

test("what lz4 and zstd made small goes round", async (client) => {
  for (const compression of ["lz4", "zstd"] as const) {
    await client.putTable(compression, QUAKES, { compression });
    assertSame(await client.getTable(compression), QUAKES);
  }
});

test("a table without rows goes round", async (client) => {
  await client.putTable("empty", batchesOf(0), { schema: QUAKES.schema });
  const found = await client.getTable("empty");
  assertEquals(found.numRows, 0);
  assertEquals(`${found.schema}`, `${QUAKES.schema}`);
});

test("a name of any letters goes round", async (client) => {
  const name = "Fidschi/Ωmega 🐚\n";
  await client.putTable(name, QUAKES);
  assertEquals(await client.listTables(), [name]);
  assertSame(await client.getTable(name), QUAKES);
});

test("listTables() gives the names in order", async (client) => {
  assertEquals(await client.listTables(), []);
  for (const name of ["quakes", "air"]) await client.putTable(name, QUAKES);
  assertEquals(await client.listTables(), ["air", "quakes"]);
});

test("tableInfo() tells what the server says", async (client) => {
  await client.putTable("quakes", QUAKES);
  const { schema, rows, bytes, descriptor } = await client.tableInfo("quakes");
  assertEquals(`${schema}`, `${QUAKES.schema}`);
  assertEquals(rows, 3);
  assert(bytes !== undefined && bytes > 3 * 12);
  assertEquals(new TextDecoder().decode(descriptor.cmd), "quakes");
});

test("dropTable() makes it forget a table", async (client) => {
  for (const name of ["quakes", "air"]) await client.putTable(name, QUAKES);
  await client.dropTable("air");
  assertEquals(await client.listTables(), ["quakes"]);
  await assertFails(() => client.getTable("air"), "NOT_FOUND");
});

test("a KeyError of Python's comes as NOT_FOUND, with its text", async (client) => {
  const says = "KeyError: b'nothing'";
  await assertFails(() => client.getTable("nothing"), "NOT_FOUND", says);
  await assertFails(() => client.readTable("nothing").next(), "NOT_FOUND", says);
  await assertFails(() => client.tableInfo("nothing"), "NOT_FOUND", says);
  await assertFails(() => client.dropTable("nothing"), "NOT_FOUND", says);
});

test("an action that is not there is UNIMPLEMENTED", async (client) => {
  const action = client.flight.doAction({ type: "explode" });
  await assertFails(() => action.next(), "UNIMPLEMENTED", "there is no action explode");
});

test("listActions() gives its actions", async (client) => {
  const actions = await Array.fromAsync(client.flight.listActions());
  assertEquals(actions.map(({ type, description }) => [type, description]), [
    ["drop_table", "Forgets a table."],
  ]);
});

test("a put whose source fails rejects with the source's error", async (client) => {
  async function* failing(): AsyncGenerator<RecordBatch> {
    yield* batchesOf(2);
    throw new RangeError("the source is broken");
  }
  await assertRejects(
    () => client.putTable("broken", failing()),
    RangeError,
    "the source is broken",
  );
  await client.putTable("quakes", QUAKES);
  assertSame(await client.getTable("quakes"), QUAKES);
});

test("a get that is left early does no harm", async (client) => {
  await client.putTable("batches", batchesOf(500));
  for await (const _ of client.readTable("batches")) break;
  assertEquals((await client.getTable("batches")).numRows, 1000);
});

test("a get that is aborted rejects with CANCELLED", async (client) => {
  await client.putTable("batches", batchesOf(500));
  const abort = new AbortController();
  const batches = client.readTable("batches", { signal: abort.signal });
  await batches.next();
  abort.abort();
  await assertFails(() => Array.fromAsync(batches), "CANCELLED");
});

Deno.test("TinyClient.connect() waits for pyarrow's server to start", async () => {
  const location = `grpc://localhost:${freePort()}`;
  const connecting = TinyClient.connect(location, { timeout: 60_000 });
  await using _python = new PythonProcess(
    pythonScript("python/pyarrow_server"),
    location,
  );
  await using client = await connecting;
  assertEquals(await client.listTables(), []);
});

function freePort(): number {
  using listener = Deno.listen({ hostname: "localhost", port: 0 });
  return listener.addr.port;
}
