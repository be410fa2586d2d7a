/** Arrow's files and streams, in and out. */
import { assertEquals, assertRejects } from "@std/assert";
import { Field, Int32, Schema, Table, tableFromArrays, tableToIPC } from "apache-arrow";
import { FileError, readFile, writeFile, writeMessages } from "../../files/mod.ts";
import { joinBytes } from "../../base/join_bytes.ts";

const table = tableFromArrays({
  depth: Int32Array.of(562, 650, 42),
  station: ["a", "b", "a"],
});

async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  return joinBytes(await Array.fromAsync(chunks));
}

Deno.test("writeFile() refuses a dictionary that changes in Arrow's file format", async () => {
  const file = await readFile(new URL("../data/replacements.arrows", import.meta.url));
  await assertRejects(
    () => bytesOf(writeFile(file, { format: "arrow" })),
    FileError,
    "changes between batches, which Arrow's file format cannot hold",
  );
});

Deno.test("readFile() reads files of apache-arrow, whose schema is in the footer alone", async () => {
  const numbers = tableFromArrays({ x: [1, 2, 3] });
  const words = tableFromArrays({ x: [1, 2, 3], y: ["a", "b", null] });
  const metadata = new Map([["key", "value"]]);
  const empty = new Table(new Schema([new Field("n", new Int32())], metadata));
  const twice = new Table([...numbers.batches, ...numbers.batches]);
  for (const table of [numbers, words, empty, twice]) {
    await using file = await readFile(tableToIPC(table, "file"), { format: "arrow" });
    assertEquals(`${file.schema}`, `${table.schema}`);
    assertEquals(file.schema.metadata, table.schema.metadata);
    const batches = await Array.fromAsync(file.batches());
    assertEquals(
      new Table(file.schema, batches).toArray().map(String),
      table.toArray().map(String),
    );
  }
});

Deno.test("readFile() reads a stream where a file is expected, and columns of both", async () => {
  for (const format of ["arrow", "arrows"] as const) {
    const bytes = await bytesOf(writeFile(table, { format }));
    await using file = await readFile(bytes, { name: "x.arrow", columns: ["station"] });
    const [batch] = await Array.fromAsync(file);
    assertEquals([...batch.getChild("station")!], ["a", "b", "a"]);
    assertEquals(batch.numCols, 1);
  }
});

for (const format of ["arrow", "arrows"] as const) {
  Deno.test(`readFile() reads what writeFile() wrote as ${format}`, async () => {
    for (const compression of [undefined, "lz4", "zstd"] as const) {
      const bytes = await bytesOf(writeFile(table, { format, compression }));
      await using file = await readFile(bytes, { name: `some/quakes.${format}` });
      assertEquals([file.format, file.tableName], [format, "quakes"]);
      const read = new Table(await Array.fromAsync(file));
      assertEquals(read.toString(), table.toString());
    }
  });

  Deno.test(`readFile() refuses ${format} that is cut off anywhere`, async () => {
    const bytes = await bytesOf(writeFile(table, { format }));
    for (let length = 0; length < bytes.length; length++) {
      await assertRejects(async () => {
        const file = await readFile(bytes.slice(0, length), { format });
        for await (const _ of file);
      }, FileError);
    }
  });
}

Deno.test("FileTable.messages() and writeMessages() keep types that apache-arrow lacks", async () => {
  for (const name of ["run_ends", "list_views", "views", "unions", "extensions"]) {
    const path = new URL(`../data/${name}.arrows`, import.meta.url);
    const stream = await readFile(path);
    const bytes = await bytesOf(
      writeMessages(stream.messages(), { format: "arrow" }),
    );
    const file = await readFile(bytes, { format: "arrow" });
    const again = await bytesOf(
      writeMessages(file.messages(), { format: "arrows" }),
    );
    assertEquals(again, await Deno.readFile(path), name);
  }
});
