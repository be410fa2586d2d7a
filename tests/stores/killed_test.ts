/** A process that is killed in the middle of puts; the interop tests do it more often. */
import { killPuts } from "./killed_tables.ts";

Deno.test("DirectoryStore has old or new tables, whole, after SIGKILL", async () => {
  await killPuts(5, 150);
});
