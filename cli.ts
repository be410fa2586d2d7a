/**
 * The command `tinyflight`: a server of tables, and a client of any Flight server. In
 * Deno, `deno run -A jsr:@tinyflight/flight/cli --help` shows what it does.
 *
 * @example The command's own help
 * ```ts
 * import { run } from "@tinyflight/flight/cli";
 *
 * await run(["--help"]);
 * ```
 *
 * @module
 */
import process from "node:process";
import { runCommand } from "./cli/run.ts";

/**
 * Runs the command with these arguments. Returns its exit code: 0, or another after it
 * has printed what is wrong, in one line on standard error. The codes are 1 for what
 * failed, 2 for wrong arguments, 3 for a table that is not there, 4 when no server was
 * reached, 5 when the server does not allow it, and 130 after Ctrl+C.
 */
export async function run(args: readonly string[]): Promise<number> {
  return await runCommand(args);
}

if (import.meta.main) process.exit(await run(process.argv.slice(2)));
