/** A process that is killed in the middle of puts, again and again. */
import { killPuts } from "../stores/killed_tables.ts";

Deno.test("DirectoryStore has old or new tables, whole, after 200 times SIGKILL", async () => {
  await killPuts(200, 300);
});
