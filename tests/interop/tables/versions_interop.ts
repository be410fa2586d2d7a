/** Many threads of pyarrow's clients, and tables that know their versions. */
import { TinyServer } from "../../../server.ts";
import { runCases } from "../python/python_cases.ts";

Deno.test("no get mixes two versions of a table: versions.py", async (t) => {
  await using server = await new TinyServer({ port: 0 }).listen();
  await runCases(t, "tables/versions", server.location);
});
