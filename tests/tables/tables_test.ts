/** The rules for tables, whichever way they come in. */
import { assert, assertEquals } from "@std/assert";
import { tableToIPC } from "apache-arrow";
import { MemoryStore } from "../../stores/memory_store.ts";
import { fullDescriptorOfName } from "../../tables/table_name.ts";
import { Tables } from "../../tables/tables.ts";
import { splitStream } from "../helpers/tables/arrow_stream.ts";
import { everyTable } from "../helpers/tables/arrow_tables.ts";
import { assertFlightError } from "../helpers/serving.ts";

const messages = splitStream(tableToIPC(everyTable(), "stream"));

async function* incoming() {
  yield* messages;
}

Deno.test("Tables.put() gives the store what it has read of a schema, which stays", async () => {
  const tables = new Tables(new MemoryStore()).as({
    identity: undefined,
    peer: "127.0.0.1:1",
  });
  await tables.put("every", fullDescriptorOfName("every"), incoming());
  const table = await tables.find("every");
  const [schema, ...others] = await Array.fromAsync(table.messages());
  assert(schema.layout !== undefined);
  assert(schema.layout.fieldCount > everyTable().numCols);
  assertEquals(others.filter(({ layout }) => layout !== undefined), []);
});

Deno.test("MemoryStore counts what was read of a schema", async () => {
  const bytes = messages.reduce(
    (sum, { header, body }) => sum + header.length + body.length,
    0,
  );
  const maxBytes = bytes + 400 * messages.length + 2000;
  const tables = new Tables(new MemoryStore({ maxBytes })).as({
    identity: undefined,
    peer: "127.0.0.1:1",
  });
  await assertFlightError(
    () => tables.put("every", fullDescriptorOfName("every"), incoming()),
    "RESOURCE_EXHAUSTED",
  );
});
