/** The notebook of the examples, run by nbclient with Deno's kernel. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { TinyClient, TinyServer } from "../../../mod.ts";
import { ROOT } from "../../helpers/processes/deno_process.ts";
import { LOCATION } from "../../helpers/doc_blocks.ts";
import { runPythonWith } from "../python/python.ts";

/** The folder in which Deno's kernel is installed; see prepare_jupyter.ts. */
const jupyter = Deno.env.get("TINYFLIGHT_JUPYTER");
const script = new URL("./run_notebook.py", import.meta.url).pathname;

interface Output {
  output_type: string;
  data?: Record<string, string>;
}

/** So often the notebook is run, at most. */
const MAX_RUNS = 5;
/** The cells of the notebook that show something: all but the last. */
const CELLS_SHOWN = 3;

/**
 * What the cells of a notebook show. Deno's kernel may say that a cell has ended before
 * it gives its output, which nbclient then misses: the notebook is run again.
 */
async function outputsOf(notebook: string): Promise<Output[][]> {
  for (let run = 1;; run++) {
    const printed = await runPythonWith(
      { env: { JUPYTER_DATA_DIR: jupyter!, NO_COLOR: "1" } },
      ...[script, notebook, `${ROOT}examples`],
    );
    const cells: Output[][] = JSON.parse(printed);
    const isWhole = cells.slice(0, CELLS_SHOWN).every(({ length }) => length > 0);
    if (isWhole || run === MAX_RUNS) return cells;
  }
}

Deno.test({
  name: `examples/notebook.ipynb shows a table${
    jupyter === undefined ? " (skipped: nbclient cannot be installed)" : ""
  }`,
  ignore: jupyter === undefined,
  fn: async () => {
    const folder = await Deno.makeTempDir();
    try {
      await using server = await new TinyServer({ port: 0 }).listen();
      const notebook = await Deno.readTextFile(`${ROOT}examples/notebook.ipynb`);
      assertStringIncludes(notebook, LOCATION);
      const copy = `${folder}/notebook.ipynb`;
      await Deno.writeTextFile(copy, notebook.replaceAll(LOCATION, server.location));
      const cells = await outputsOf(copy);
      const shown = cells.map((outputs) => outputs.map(({ data }) => data));
      assertEquals(shown[0], [{ "text/plain": '[ "cities" ]' }]);
      const [table] = shown[1];
      assertStringIncludes(
        table!["text/html"],
        "<caption>3 rows x 3 columns</caption>",
      );
      assertStringIncludes(table!["text/html"], "<td>Lautoka</td>");
      assertStringIncludes(table!["text/html"], "<td>1849-01-01T00:00:00.000Z</td>");
      assertStringIncludes(table!["text/plain"], "Suva\t-18.14\t1849-01-01");
      assertEquals(shown[2], [{ "text/plain": "-18.14" }]);
      assertEquals(cells[3], []);
      await using client = await TinyClient.connect(server.location);
      assertEquals(await client.listTables(), []);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
