/**
 * Cases that are written in Python, each as a step of a test.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { runPython } from "./python.ts";
import { reportLines } from "../report_cases.ts";

/** Where the script of this name is, with its folder: `tables/names`. */
export function pythonScript(name: string): string {
  return fileURLToPath(new URL(`../${name}.py`, import.meta.url));
}

/**
 * Runs the cases of the theme, which is a script with its folder, against the server at this location, with what else the
 * theme takes, and makes each a step of the test. Gives whether all is well.
 */
export async function runCases(
  t: Deno.TestContext,
  theme: string,
  location: string,
  ...args: string[]
): Promise<boolean> {
  return await reportLines(t, await runPython(pythonScript(theme), location, ...args));
}
