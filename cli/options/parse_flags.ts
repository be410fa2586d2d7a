/**
 * Reads a command line.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { meantHint } from "../../base/nearest_names.ts";
import type { Flags } from "./given_options.ts";
import type { Option } from "./option.ts";
import { UsageError } from "./command_error.ts";

/** A command line, read. */
export interface ParsedLine {
  /** The options that were given. */
  readonly flags: Flags;
  /** All that is no option. */
  readonly operands: readonly string[];
}

/**
 * The flags by their names, and what is none. A list can be given several times.
 *
 * @throws {UsageError} when there is no such option, or its value is missing.
 */
export function parseFlags(
  args: readonly string[],
  known: ReadonlyMap<string, Option>,
  help: string,
): ParsedLine {
  const options = Object.fromEntries(
    [...known].map(([name, { kind, short }]) => [name, {
      type: kind === "flag" ? "boolean" as const : "string" as const,
      multiple: kind === "list",
      ...short === undefined ? {} : { short },
    }]),
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
      } else if (Array.isArray(value)) flags.set(name, value.join(","));
    }
    return { flags, operands: positionals };
  } catch (error) {
    throw new UsageError(`${reasonOf(error, known)}; ${help} shows the options`, {
      cause: error,
    });
  }
}

function reasonOf(error: unknown, known: ReadonlyMap<string, Option>): string {
  const message = error instanceof Error ? error.message : String(error);
  const [, unknown] = /^Unknown option '(-[^']*)'/.exec(message) ?? [];
  if (unknown === undefined) return message.split(/\. |\n/)[0].replace(/\.$/, "");
  const name = unknown.replace(/^-+/, "");
  const hint = meantHint(name, known.keys(), (other) => `--${other}`);
  return `There is no option "${unknown}"${hint === undefined ? "" : `; ${hint}`}`;
}
