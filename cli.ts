/**
 * The command: `deno run -A jsr:@tinyflight/flight/cli serve` starts a server.
 *
 * @example The server's own help
 * ```ts
 * import { run } from "@tinyflight/flight/cli";
 *
 * await run(["--help"]);
 * ```
 *
 * @module
 */
import { parseArgs } from "node:util";
import { printToken, printUser } from "./cli/credentials.ts";
import { helpText } from "./cli/help.ts";
import { OPTIONS } from "./cli/options.ts";
import { serve } from "./cli/serve.ts";
import { UsageError } from "./cli/usage_error.ts";
import config from "./deno.json" with { type: "json" };

/**
 * Runs the command with these arguments. Returns its exit code: 0, or 1 after it has
 * printed what is wrong, in one line on standard error.
 */
export async function run(args: readonly string[]): Promise<number> {
  try {
    await dispatch(args);
    return 0;
  } catch (error) {
    console.error(
      `tinyflight: ${error instanceof Error ? error.message : String(error)}`,
    );
    return 1;
  }
}

async function dispatch(args: readonly string[]): Promise<void> {
  const { flags, positionals } = parse(args);
  if (flags.get("help")) return console.log(helpText());
  if (flags.get("version")) return console.log(`${config.name} ${config.version}`);
  const [command, ...rest] = positionals;
  if (command === "serve" && rest.length === 0) return await serve(flags);
  if (command === "hash-password" && rest.length === 1) return await printUser(rest[0]);
  if (command === "new-token" && rest.length >= 1 && rest.length <= 2) {
    return printToken(rest[0], rest[1]);
  }
  throw new UsageError(
    `Cannot run "${
      positionals.join(" ")
    }": the commands are serve, hash-password NAME and new-token NAME [DAYS]; --help shows the options`,
  );
}

/** The flags by their names, and what is none. */
function parse(args: readonly string[]) {
  const options = Object.fromEntries(
    [...OPTIONS].map(([name, { kind }]) => [
      name,
      { type: kind === "flag" ? "boolean" as const : "string" as const },
    ]),
  );
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options,
    });
    const flags = new Map<string, string | boolean>();
    for (const [name, value] of Object.entries(values)) {
      if (typeof value === "string" || typeof value === "boolean") {
        flags.set(name, value);
      }
    }
    return { flags, positionals };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${reason.split(". ")[0]}; --help shows the options`, {
      cause: error,
    });
  }
}

if (import.meta.main) Deno.exit(await run(Deno.args));
