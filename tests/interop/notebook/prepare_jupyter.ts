/**
 * What runs notebooks: nbclient, and Deno's kernel in a folder of its own.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { pipInstall, run } from "../install.ts";

const PACKAGE = "nbclient==0.11.0";

/**
 * Installs nbclient in the environment of this directory, and Deno's kernel beside it,
 * unless they are there, and gives the environment variables that notebooks need. Where
 * the package cannot be installed it says why, and the notebook's test is skipped.
 *
 * @throws {Error} when Deno's kernel cannot be installed.
 */
export async function prepareJupyter(directory: URL): Promise<Record<string, string>> {
  const interpreter = fileURLToPath(new URL("venv/bin/python", directory));
  const check = ["-c", "import nbclient"];
  if (!(await run(interpreter, check)).success) {
    console.log(`Installing ${PACKAGE} for notebooks`);
    const { success, output } = await run(interpreter, pipInstall(PACKAGE));
    if (!success) {
      console.log(`No notebook is tested: ${PACKAGE} cannot be installed:\n${output}`);
      return {};
    }
  }
  const data = fileURLToPath(new URL("jupyter", directory));
  // The kernel's path to Deno is written down, so it is installed each time.
  const { success, output } = await run(
    Deno.execPath(),
    ["jupyter", "--install", "--force"],
    { env: { XDG_DATA_HOME: data } },
  );
  if (!success) throw new Error(`Cannot install Deno's kernel:\n${output}`);
  return { TINYFLIGHT_JUPYTER: `${data}/jupyter` };
}
