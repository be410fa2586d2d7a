/**
 * The help of the command and of its subcommands.
 *
 * @module
 */
import type { Command } from "./command.ts";
import { COMMAND_GROUPS } from "./commands.ts";
import type { Option, OptionGroup } from "./options/option.ts";

/** The width of what options look like. */
const LEFT = 30;
/** The width of the commands' names with their operands. */
const COMMAND_LEFT = 24;

/** What the command prints with `--help`. */
export function helpText(): string {
  const groups = COMMAND_GROUPS.map(({ title, commands }) =>
    [`${title}:`, ...commands.map(commandLine)].join("\n")
  );
  return `tinyflight puts tables on an Arrow Flight server and gets them back, and is such a server.

Try it:
  tinyflight serve &                        # a server on this machine
  tinyflight put quakes.csv                 # a file becomes the table "quakes"
  tinyflight ls                             # which tables there are
  tinyflight head quakes                    # its first rows
  tinyflight get quakes -o quakes.parquet   # back in another format

Usage: tinyflight COMMAND [options]

${groups.join("\n\n")}

\`tinyflight COMMAND --help\` shows a command's options, with examples. The server is at
grpc://localhost:5678, unless --location or TINYFLIGHT_LOCATION says where; its location
begins with grpc:// or, with TLS, grpc+tls://. Any Flight server will do.

Exit codes: 0 done, 1 failed, 2 wrong arguments, 3 no such table, 4 no server reached,
5 not allowed, 130 interrupted.`;
}

/** What a subcommand prints with `--help`. */
export function commandHelp(command: Command): string {
  const { name, operands, summary, options, examples, notes } = command;
  const usage = ["Usage: tinyflight", name, operands, "[options]"];
  const widths = examples.map(({ line }) => line.length);
  const width = Math.max(0, ...widths.filter((width) => width <= MAX_EXAMPLE));
  return [
    `${summary[0].toUpperCase()}${summary.slice(1)}.`,
    usage.filter((part) => part !== "").join(" "),
    [
      "Examples:",
      ...examples.map(({ line, does }) =>
        `  tinyflight ${exampleLine(line, does, width)}`
      ),
    ].join("\n"),
    ...options.groups.map(groupText),
    ...variablesNote(options.groups),
    ...notes === undefined ? [] : [notes],
  ].join("\n\n");
}

/** The longest that an example's own column may be. */
const MAX_EXAMPLE = 44;

function exampleLine(line: string, does: string, width: number): string {
  return line.length > MAX_EXAMPLE
    ? `${line}\n${" ".repeat(4)}# ${does}`
    : `${line.padEnd(width)}  # ${does}`;
}

function commandLine({ name, operands, summary }: Command): string {
  return `  ${`${name} ${operands}`.padEnd(COMMAND_LEFT)}${summary}`;
}

function groupText({ title, options }: OptionGroup): string {
  return [`${title}:`, ...options.map(lineOf)].join("\n");
}

function variablesNote(groups: readonly OptionGroup[]): string[] {
  const isClient = groups.some(({ options }) =>
    options.some(({ name }) => name === "location")
  );
  return isClient
    ? [
      `The options of the server are also variables, such as TINYFLIGHT_LOCATION for --location
and TINYFLIGHT_TOKEN for --token, which other users of the machine do not see. The
password of --user is asked for, or in TINYFLIGHT_PASSWORD.`,
    ]
    : [];
}

function lineOf({ name, short, value, help, byDefault }: Option): string {
  const flag = short === undefined ? `--${name}` : `-${short}, --${name}`;
  const left = `  ${flag}${value === undefined ? "" : ` ${value}`}`;
  const text = byDefault === undefined ? help : `${help} (${byDefault})`;
  return left.length < LEFT
    ? left.padEnd(LEFT) + text
    : `${left}\n${" ".repeat(LEFT)}${text}`;
}
