/** Random tables come back from files of each format as they were. */
import { assertEquals } from "@std/assert";
import { readFile, type ReadFileOptions } from "../../files/mod.ts";
import { fileBytes, pieces, rowsOf } from "../helpers/tables/table_files.ts";
import { type RandomTable, randomTable } from "../helpers/tables/random_tables.ts";

const SEEDS = 140;
const FORMATS = ["csv", "json", "ndjson", "arrow", "arrows", "parquet"] as const;

/** Checks that a file with the table has its schema and its rows, whole and in pieces. */
async function checkFile(
  { batches, schema }: RandomTable,
  options: ReadFileOptions,
): Promise<void> {
  const bytes = await fileBytes(batches, { format: options.format, schema });
  const wanted = batches.flatMap(rowsOf);
  for (const source of [bytes, pieces(bytes, 777)]) {
    await using file = await readFile(source, options);
    assertEquals(`${file.schema}`, `${schema}`);
    const rows = (await Array.fromAsync(file)).flatMap(rowsOf);
    assertEquals(rows, wanted);
  }
}

for (const format of FORMATS) {
  Deno.test(`A random table comes back from ${format} as it was`, async (t) => {
    const isText = format === "csv" || format.endsWith("json");
    for (let seed = 1; seed <= SEEDS; seed++) {
      const table = randomTable(seed, format !== "csv");
      // Without rows an array has no columns, and without values a member no type.
      const rows = table.batches.reduce((sum, { numRows }) => sum + numRows, 0);
      if (format.endsWith("json") && rows < 10) continue;
      await t.step({
        name: `seed ${seed}`,
        fn: () => checkFile(table, { format, types: isText ? table.types : undefined }),
      });
    }
  });
}

Deno.test("CSV that was read with types found, and written again, is the same text", async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { batches, schema, types: all } = randomTable(seed, false);
    // A decimal is found to be a double, without zeros at its end.
    const types = Object.fromEntries(
      Object.entries(all).filter(([, type]) => type.startsWith("decimal")),
    );
    const first = await fileBytes(batches, { format: "csv", schema });
    await using file = await readFile(first, { format: "csv", types });
    const second = await fileBytes(file, { format: "csv" });
    assertEquals(new TextDecoder().decode(second), new TextDecoder().decode(first));
  }
});
