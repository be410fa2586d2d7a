/**
 * Cases that a program of others reports, each as a step of a test.
 *
 * @module
 */
import { assert } from "@std/assert";

/** One case as a program reports it, as a line of JSON. */
interface Case {
  readonly name: string;
  /** What went wrong; null when all is well. */
  readonly error: string | null;
}

/** Makes each case of the output a step of the test. Gives whether all is well. */
export async function reportLines(
  t: Deno.TestContext,
  output: string,
): Promise<boolean> {
  let isWell = true;
  for (const line of output.trim().split("\n")) {
    const { name, error }: Case = JSON.parse(line);
    const passed = await t.step(name, () => assert(error === null, error ?? ""));
    isWell &&= passed;
  }
  return isWell;
}

/** Runs a program, and makes each case that it reports a step of the test. */
export async function reportCases(
  t: Deno.TestContext,
  command: Deno.Command,
): Promise<void> {
  const { success, stdout, stderr } = await command.output();
  const output = new TextDecoder().decode(stdout);
  if (!success) {
    throw new Error(
      `The program failed: ${output}${new TextDecoder().decode(stderr)}`,
    );
  }
  await reportLines(t, output);
}
