/** Files that pyarrow has written, and files of ours that it reads: each value is the same. */
import { assert } from "@std/assert";
import { readFile, writeFile } from "../../../files/mod.ts";
import { pythonScript } from "../python/python_cases.ts";
import { runPython } from "../python/python.ts";
import { reportLines } from "../report_cases.ts";

const SCRIPT = pythonScript("files/files_pyarrow");
const TABLES = ["numbers", "times", "texts", "decimals", "nested", "dictionaries"];

/** Reads a file, and writes another one with the same table. */
async function convert(from: string, to: string): Promise<void> {
  await using file = await readFile(from);
  const chunks = writeFile(file, { name: to });
  await Deno.writeFile(to, ReadableStream.from(chunks));
}

Deno.test("Files in all formats are the same for pyarrow, in and out", async (t) => {
  const folder = await Deno.makeTempDir();
  try {
    await runPython(SCRIPT, "make", folder);
    for (const name of TABLES) {
      const path = `${folder}/${name}`;
      await convert(`${path}.parquet`, `${path}.parquet.out.arrow`);
      await convert(`${path}.parquet`, `${path}.parquet.out.parquet`);
      await convert(`${path}.arrow`, `${path}.arrow.out.parquet`);
      await convert(`${path}.arrow`, `${path}.arrow.out.arrows`);
      await convert(`${path}.arrows`, `${path}.arrows.out.arrow`);
    }
    for (const format of ["csv", "ndjson", "json"]) {
      await convert(`${folder}/written.${format}`, `${folder}/read.${format}.arrow`);
      await convert(`${folder}/written.${format}`, `${folder}/again.${format}`);
    }
    assert(await reportLines(t, await runPython(SCRIPT, "check", folder)));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
