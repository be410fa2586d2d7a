/**
 * The commands that make lines for the files of users and tokens.
 *
 * @module
 */
import process from "node:process";
import { isatty } from "node:tty";
import { hashPassword, hashToken, newToken, parseUsers } from "../../auth/mod.ts";
import { askPassword } from "../terminal/ask_password.ts";
import type { CommandCall } from "../command.ts";
import { UsageError } from "../options/command_error.ts";

const DAY = 24 * 60 * 60 * 1000;

/** Asks for a password, or reads it from standard input, and prints a user's line. */
export async function printUser({ operands: [name] }: CommandCall): Promise<void> {
  const password = isatty(0) ? await askPassword("Password: ") : await piped();
  if (password === "") throw new UsageError("Cannot hash the password: it is empty");
  const line = `${name}:${await hashPassword(password)}`;
  checkName(name, line);
  console.log(line);
}

/** Prints a new token, and below it the line by which a server knows it. */
export function printToken({ operands: [name, days] }: CommandCall): void {
  if (days !== undefined && !/^[1-9]\d{0,4}$/.test(days)) {
    throw new UsageError(
      `Cannot make a token for "${days}" days: it has to be a number`,
    );
  }
  const token = newToken();
  const until = days === undefined
    ? ""
    : ` ${new Date(Date.now() + Number(days) * DAY).toISOString()}`;
  const line = `${name}:$sha256$${hashToken(token)}${until}`;
  if (/[:\n\r]|^\s*(#|$)/.test(name)) throw wrongName(name);
  console.error("The token, which is shown this once, and the line for --token-file:");
  console.log(`${token}\n${line}`);
}

function checkName(name: string, line: string): void {
  try {
    if (parseUsers(line).has(name)) return;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw wrongName(name);
}

function wrongName(name: string): UsageError {
  return new UsageError(
    `Cannot use the name ${
      JSON.stringify(name)
    }: it has to be one line without a colon, and not begin with #`,
  );
}

/** The first line of standard input. */
async function piped(): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of process.stdin) {
    text += decoder.decode(chunk, { stream: true });
  }
  return (text + decoder.decode()).split(/\r?\n/)[0];
}
