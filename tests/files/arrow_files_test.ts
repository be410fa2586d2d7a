/** Arrow's files and streams, in and out. */
import { assertEquals, assertRejects } from "@std/assert";
import { tableFromArrays, tableFromIPC } from "apache-arrow";
import { FileError, readFile, writeFile, writeMessages } from "../../files/mod.ts";
import { joinBytes } from "../../base/join_bytes.ts";

const table = tableFromArrays({
  depth: Int32Array.of(562, 650, 42),
  station: ["a", "b", "a"],
});

async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  return joinBytes(await Array.fromAsync(chunks));
}

for (const format of ["arrow", "arrows"] as const) {
  Deno.test(`readFile() reads what writeFile() wrote as ${format}`, async () => {
    for (const compression of [undefined, "lz4", "zstd"] as const) {
      const bytes = await bytesOf(writeFile(table, { format, compression }));
      await using file = await readFile(bytes, { name: `some/quakes.${format}` });
      assertEquals([file.format, file.tableName], [format, "quakes"]);
      const again = await bytesOf(writeFile(file, { format: "arrows" }));
      assertEquals(tableFromIPC(again).toString(), table.toString());
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
