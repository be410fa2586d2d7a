/** pyarrow's client with a TinyServer. Each theme is a script beside this file. */
import { TinyServer } from "../../../server.ts";
import { runCases } from "../python/python_cases.ts";

const THEMES = [
  "walk_through",
  "r_calls",
  "flights",
  "names",
  "single_types",
  "nested_types",
  "dictionaries",
  "options",
  "shapes",
  "sizes",
  "many_clients",
  "ended_puts",
  "alignment",
];

for (const theme of THEMES) {
  Deno.test(`pyarrow's client with TinyServer: ${theme}.py`, async (t) => {
    // Batches come back as they were put, of whatever size: none is split.
    await using server = await new TinyServer({ port: 0, maxSentBytes: Infinity })
      .listen();
    await runCases(t, `tables/${theme}`, server.location);
  });
}

Deno.test("pyarrow's client gets large batches in pieces: pieces.py", async (t) => {
  await using server = await new TinyServer({ port: 0 }).listen();
  await runCases(t, "tables/pieces", server.location);
});

Deno.test("ADBC's driver for Flight SQL is told that TinyServer has no SQL: adbc.py", async (t) => {
  await using server = await new TinyServer({ port: 0 }).listen();
  await runCases(t, "tables/adbc", server.location);
});

Deno.test("pyarrow's client shuts a TinyServer down", async (t) => {
  await using server = await new TinyServer({ port: 0 }).listen();
  if (await runCases(t, "tables/shutdown", server.location)) await server.finished;
});
