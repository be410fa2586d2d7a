/** Damaged files either are read, or are refused with a FileError: nothing else happens. */
import { assert, assertEquals } from "@std/assert";
import { FileError, readFile } from "../../files/mod.ts";
import { findBadUtf8 } from "../../files/values/find_bad_utf8.ts";
import { fileBytes } from "../helpers/tables/table_files.ts";
import { Random } from "../helpers/random.ts";
import { randomTable } from "../helpers/tables/random_tables.ts";

const FORMATS = ["csv", "json", "ndjson", "arrow", "arrows"] as const;
const NASTY = [...'",\n\r\\{}[]:;\t-+.0eZ'].map((text) => text.charCodeAt(0));

for (const format of FORMATS) {
  Deno.test(`A damaged ${format} file is refused with a FileError, or read`, async () => {
    const random = new Random("damage", format);
    let refused = 0;
    for (let round = 0; round < 400; round++) {
      const { batches, schema } = randomTable(1 + round % 20, format !== "csv");
      const bytes = await fileBytes(batches, { format, schema });
      const name = `x.${format}${round % 10 === 0 ? ".gz" : ""}`;
      for (let count = random.between(1, 3); count > 0; count--) {
        const at = random.below(bytes.length);
        bytes[at] = random.oneIn(2) ? random.pick(NASTY) : random.below(256);
      }
      try {
        const end = random.oneIn(4) ? random.below(bytes.length) : bytes.length;
        const file = await readFile(bytes.slice(0, end), { name });
        for await (const batch of file) assert(batch.numRows >= 0);
      } catch (error) {
        assert(error instanceof FileError, `round ${round}: ${error}`);
        assert(!error.message.includes("\n"), error.message);
        refused++;
      }
    }
    assert(refused > 40, `${refused}`);
  });
}

Deno.test("findBadUtf8() finds the first byte that is not UTF-8", () => {
  const random = new Random("utf8");
  const text = new TextEncoder().encode("aé€😀".repeat(50));
  for (let round = 0; round < 300; round++) {
    const bytes = text.slice(0, random.below(text.length));
    if (bytes.length > 0) bytes[random.below(bytes.length)] = random.below(256);
    let good = 0;
    const isGood = (end: number) => {
      try {
        return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
          .decode(bytes.subarray(0, end)) !== undefined;
      } catch {
        return false;
      }
    };
    for (let end = 1; end <= bytes.length; end++) if (isGood(end)) good = end;
    assertEquals(findBadUtf8(bytes), good, `round ${round}`);
  }
});
