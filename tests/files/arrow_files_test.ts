/** Arrow's files and streams, in and out. */
import { assertEquals, assertRejects } from "@std/assert";
import {
  Dictionary,
  Int8,
  Table,
  tableFromArrays,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import { FileError, readFile, writeFile, writeMessages } from "../../files/mod.ts";
import { rowsOf } from "../helpers/tables/table_files.ts";
import { joinBytes } from "../../base/join_bytes.ts";

const table = tableFromArrays({
  depth: Int32Array.of(562, 650, 42),
  station: ["a", "b", "a"],
});

async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  return joinBytes(await Array.fromAsync(chunks));
}

Deno.test("writeFile() joins dictionaries that change in Arrow's file format", async () => {
  const path = new URL("../data/replacements.arrows", import.meta.url);
  const bytes = await bytesOf(writeFile(await readFile(path), { format: "arrow" }));
  const [file, stream] = [
    await readFile(bytes, { name: "x.arrow" }),
    await readFile(path),
  ];
  assertEquals(
    (await Array.fromAsync(file)).flatMap(rowsOf),
    (await Array.fromAsync(stream)).flatMap(rowsOf),
  );
});

Deno.test("writeFile() refuses dictionaries that together are too large for their indices", async () => {
  const type = new Dictionary(new Utf8(), new Int8());
  async function* batches() {
    for (let batch = 0; batch < 3; batch++) {
      const texts = Array.from({ length: 60 }, (_, row) => `${batch} ${row}`);
      const kind = vectorFromArray(texts, type);
      yield await Promise.resolve(new Table({ kind }).batches[0]);
    }
  }
  await assertRejects(
    () => bytesOf(writeFile(batches(), { format: "arrow" })),
    FileError,
    'Cannot write the file: ("kind"): its batches have more than 128 values',
  );
  const bytes = await bytesOf(writeFile(batches(), { format: "arrows" }));
  const file = await readFile(bytes, { format: "arrows" });
  assertEquals((await Array.fromAsync(file)).length, 3);
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
