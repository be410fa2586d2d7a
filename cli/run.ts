/**
 * Runs a command line.
 *
 * @module
 */
import { meantHint } from "../base/nearest_names.ts";
import { errorLine, explain } from "./explain_error.ts";
import type { Command } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { commandHelp, helpText } from "./help.ts";
import { EXIT, UsageError } from "./options/command_error.ts";
import { readOptions } from "./options/given_options.ts";
import { parseFlags } from "./options/parse_flags.ts";
import { NAME, VERSION } from "./version.ts";
import { OutputClosed, printLine, writeErr } from "./terminal/output.ts";

/**
 * Runs the command with these arguments, and gives its exit code. What is wrong it
 * prints, in one line on standard error.
 */
export async function runCommand(args: readonly string[]): Promise<number> {
  try {
    if (args.length === 0) {
      await writeErr(`${helpText()}\n`);
      return EXIT.USAGE;
    }
    await dispatch(args);
    return EXIT.OK;
  } catch (error) {
    // Who reads has enough, as in `tinyflight get quakes | head`.
    if (error instanceof OutputClosed) return EXIT.OK;
    const explained = explain(error);
    await writeErr(`${errorLine(explained)}\n`);
    return explained.exitCode;
  }
}

async function dispatch(args: readonly string[]): Promise<void> {
  const [first, ...rest] = args;
  if (first === "--version" || first === "-V" || first === "version") {
    return await printLine(`${NAME} ${VERSION}`);
  }
  if (first === "--help" || first === "-h") return await printLine(helpText());
  if (first === "help") {
    const [topic] = rest;
    return await printLine(
      topic === undefined ? helpText() : commandHelp(commandOf(topic)),
    );
  }
  if (first.startsWith("-")) {
    throw new UsageError(
      `Cannot read "${first}": the command comes first, as in \`tinyflight ls --json\``,
    );
  }
  await runOne(commandOf(first), rest);
}

async function runOne(command: Command, args: readonly string[]): Promise<void> {
  const help = `\`tinyflight ${command.name} --help\``;
  if (args.includes("--help") || args.includes("-h")) {
    return await printLine(commandHelp(command));
  }
  const { flags, operands } = parseFlags(args, command.options.all, help);
  if (flags.get("version")) {
    return await printLine(`${NAME} ${VERSION}`);
  }
  const [least, most] = command.count;
  if (operands.length < least || operands.length > most) {
    const usage = `tinyflight ${command.name} ${command.operands}`.trimEnd();
    const line = [command.name, ...operands].join(" ");
    throw new UsageError(
      `Cannot run "${line}": it is used as \`${usage}\`; ${help} shows how`,
    );
  }
  const options = await readOptions(command.options, flags);
  await command.run({ operands, options });
}

function commandOf(name: string): Command {
  const command = COMMANDS.find((command) => command.name === name);
  if (command !== undefined) return command;
  const names = COMMANDS.map(({ name }) => name);
  const hint = meantHint(name, names, (other) => `\`tinyflight ${other}\``) ??
    "`tinyflight --help` shows the commands";
  throw new UsageError(`Cannot run "${name}": there is no such command; ${hint}`);
}
