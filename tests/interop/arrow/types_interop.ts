/** TinyClient with a pyarrow server that has tables of every type. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { fileURLToPath } from "node:url";
import { TinyClient } from "../../../client.ts";
import { FlightError } from "../../../flight/errors.ts";
import { everyColumn, tableOf } from "../../helpers/tables/arrow_tables.ts";
import { plainTable } from "./plain_values.ts";
import { runPython } from "../python/python.ts";
import { pythonScript } from "../python/python_cases.ts";
import { PythonProcess } from "../python/python_process.ts";

/** In the names of the tables that have types which apache-arrow does not know. */
const UNKNOWN = /list.view|run.end/;
/** The table whose schema has metadata that is not UTF-8. */
const BYTES_IN_METADATA = "metadata that is not UTF-8";
/** What separates a type from the one that it is inside, in a table's name. */
const INSIDE = " / ";
const CODEC = fileURLToPath(new URL("./codec_pyarrow.py", import.meta.url));

/** A test with a client of a server that has a table of every type. */
function test(
  name: string,
  body: (client: TinyClient, t: Deno.TestContext) => Promise<void>,
): void {
  Deno.test(name, async (t) => {
    const script = pythonScript("arrow/serve_types");
    await using python = new PythonProcess(script, "grpc://localhost:0");
    await using client = await TinyClient.connect(await python.line());
    await body(client, t);
  });
}

/** Has the server run one of its actions, whose two arguments are texts. */
async function act(
  client: TinyClient,
  type: string,
  ...texts: string[]
): Promise<void> {
  const body = new TextEncoder().encode(JSON.stringify(texts));
  for await (const _ of client.flight.doAction({ type, body }));
}

/** Gets the table, puts it under another name, and has Python compare the two. */
async function getAndPutBack(client: TinyClient, name: string): Promise<void> {
  await client.putTable("put back", await client.getTable(name));
  await act(client, "same", name, "put back");
}

test(
  "what TinyClient gets from pyarrow and puts back is the same",
  async (client, t) => {
    const names = (await client.listTables()).filter((name) =>
      !UNKNOWN.test(name) && name !== BYTES_IN_METADATA
    );
    const groups = Map.groupBy(
      names,
      (name) =>
        name.includes(INSIDE) ? `types inside a ${name.split(INSIDE)[0]}` : "types",
    );
    for (const [group, members] of groups) {
      await t.step(group, async (t) => {
        for (const name of members) {
          await t.step(name, () => getAndPutBack(client, name));
        }
      });
    }
  },
);

test("TinyClient says which types apache-arrow does not know", async (client) => {
  const names = (await client.listTables()).filter((name) => UNKNOWN.test(name));
  for (const name of names) {
    const error = await assertRejects(() => client.getTable(name), FlightError);
    assertEquals([name, error.code], [name, "UNIMPLEMENTED"]);
  }
});

test("metadata that TinyClient cannot read is refused, and not changed", async (client) => {
  try {
    await client.getTable(BYTES_IN_METADATA);
  } catch (error) {
    assert(error instanceof FlightError);
    return;
  }
  await getAndPutBack(client, BYTES_IN_METADATA);
});

test("pyarrow's server has the values that TinyClient puts", async (client) => {
  const directory = await Deno.makeTempDir();
  try {
    // pyarrow makes no Python objects of the values of these types.
    const columns = everyColumn();
    for (const name of columns.keys()) {
      if (/interval (year|day)/.test(name)) columns.delete(name);
    }
    const table = tableOf(columns);
    await client.putTable("ours", table);
    await act(client, "save", "ours", `${directory}/ours.arrows`);
    const found = JSON.parse(await runPython(CODEC, "read", directory));
    assertEquals(found.ours.values, plainTable(table));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

test("TinyClient gets the values that pyarrow's server has", async (client) => {
  const directory = await Deno.makeTempDir();
  try {
    const expected = JSON.parse(await runPython(CODEC, "write", directory));
    for (const name of Object.keys(expected)) {
      await act(client, "load", name, `${directory}/${name}.arrows`);
      assertEquals(plainTable(await client.getTable(name)), expected[name], name);
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
