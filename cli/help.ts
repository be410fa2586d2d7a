/**
 * The help of the command.
 *
 * @module
 */
import { type Option, OPTION_GROUPS } from "./options.ts";

const LEFT = 30;

/** What the command prints with `--help`. */
export function helpText(): string {
  const groups = OPTION_GROUPS.map(({ title, options }) =>
    [`${title}:`, ...options.map(lineOf)].join("\n")
  );
  return `Tiny Flight is a server that keeps Arrow tables and sends them over Arrow Flight.

Usage: tinyflight serve [options]
       tinyflight hash-password NAME    print a line for the file of --users
       tinyflight new-token NAME        print a token, and a line for --token-file

${groups.join("\n\n")}

Sizes are such as 64MiB, times such as 90s or 5m, lists have commas. Each option is also a
variable, such as TINYFLIGHT_MAX_BYTES for --max-bytes, and a member of the file of
--config, such as "maxBytes". A flag comes before a variable, a variable before the file.

It ends on SIGINT (Ctrl+C) or SIGTERM, once the running calls have ended, or at once
with a second signal that comes half a second later or after. On SIGHUP it reads its
certificates, users, tokens and rules again.`;
}

function lineOf({ name, value, help, byDefault }: Option): string {
  const left = `  --${name}${value === undefined ? "" : ` ${value}`}`;
  const text = byDefault === undefined ? help : `${help} (${byDefault})`;
  return left.length < LEFT
    ? left.padEnd(LEFT) + text
    : `${left}\n${" ".repeat(LEFT)}${text}`;
}
