import { assert } from "@std/assert";
import { joinStream, splitStream } from "../../helpers/tables/arrow_stream.ts";
import { checkStream } from "../../helpers/tables/check_stream.ts";
import { cutEvery, splitAbove } from "../../helpers/tables/split_streams.ts";
import { runPython } from "../python/python.ts";

const SCRIPT = new URL("./split_pyarrow.py", import.meta.url).pathname;
const SEEDS = [1, 2, 3, 4];
const ROWS = [1, 8, 13, 16];
const MAX_BYTES = [900, 2000, 20_000];

for (const seed of SEEDS) {
  Deno.test(`pyarrow finds the same in the pieces of random batches, seed ${seed}`, async () => {
    const directory = await Deno.makeTempDir();
    try {
      await runPython(SCRIPT, "write", directory, `${seed}`);
      const names = [...Deno.readDirSync(directory)].map(({ name }) => name);
      for (const name of names) {
        const messages = splitStream(await Deno.readFile(`${directory}/${name}`));
        const split = new Map(ROWS.map((rows) => [
          `every ${rows}`,
          cutEvery(messages, rows),
        ]));
        for (const maxBytes of MAX_BYTES) {
          split.set(`above ${maxBytes}`, await splitAbove(messages, maxBytes));
        }
        for (const [how, pieces] of split) {
          await checkStream(pieces);
          const path = `${directory}/${name.replace(".arrows", "")}@${how}.pieces`;
          await Deno.writeFile(path, joinStream(pieces));
        }
      }
      const found: Record<string, number[]> = JSON.parse(
        await runPython(SCRIPT, "compare", directory),
      );
      for (const name of ["int64", "string", "list view", "dense union"]) {
        const rows = found[`${name}@above 900`];
        assert(rows.length > 3, `${name} came in batches of ${rows} rows, as it was`);
      }
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });
}
