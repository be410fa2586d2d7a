/** The example of a store of one's own passes the tests that every store does. */
import { SqliteStore } from "../../examples/sqlite_store/sqlite_store.ts";
import { assertEquals } from "@std/assert";
import { testStore } from "../../stores/testing/mod.ts";
import { runDeno } from "../helpers/processes/deno_process.ts";

testStore(
  async () => {
    const folder = await Deno.makeTempDir();
    const path = `${folder}/tables.sqlite`;
    const [store, other] = [new SqliteStore(path), new SqliteStore(path)];
    return {
      store,
      other,
      async [Symbol.asyncDispose]() {
        store[Symbol.dispose]();
        other[Symbol.dispose]();
        await Deno.remove(folder, { recursive: true });
      },
    };
  },
  (name, run) => Deno.test(`SqliteStore: ${name}`, run),
);

Deno.test("examples/sqlite_store/main.ts has the tables of the server before it", async () => {
  const main = "examples/sqlite_store/main.ts";
  const { code, stdout, stderr } = await runDeno("run", "-A", main);
  assertEquals([code, stderr], [0, ""]);
  assertEquals(
    stdout,
    "the first server has: \n2 rows\nthe second server has: cities\n2 rows\n",
  );
});
