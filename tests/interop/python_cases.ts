/**
 * Cases that are written in Python, each as a step of a test.
 *
 * @module
 */
import { assert } from "@std/assert";
import { fileURLToPath } from "node:url";
import { runPython } from "./python.ts";

/** One case as python/cases.py reports it. */
interface Case {
  readonly name: string;
  /** What it raised, with where; null when all is well. */
  readonly error: string | null;
}

/** Where the script of this name in the folder python/ is. */
export function pythonScript(name: string): string {
  return fileURLToPath(new URL(`./python/${name}.py`, import.meta.url));
}

/**
 * Runs the cases of the theme against the server at this location, with what else the
 * theme takes, and makes each a step of the test. Gives whether all is well.
 */
export async function runCases(
  t: Deno.TestContext,
  theme: string,
  location: string,
  ...args: string[]
): Promise<boolean> {
  const output = await runPython(pythonScript(theme), location, ...args);
  const lines = output.trim().split("\n");
  let isWell = true;
  for (const line of lines) {
    const { name, error }: Case = JSON.parse(line);
    const passed = await t.step(name, () => assert(error === null, error ?? ""));
    isWell &&= passed;
  }
  return isWell;
}
