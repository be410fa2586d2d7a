/**
 * The commands that make lines for the files of users and tokens.
 *
 * @module
 */
import { hashPassword, hashToken, newToken, parseUsers } from "../auth/mod.ts";
import { UsageError } from "./usage_error.ts";

const DAY = 24 * 60 * 60 * 1000;
const [BACKSPACE, DELETE, CTRL_C, CTRL_D] = ["\b", "\x7f", "\x03", "\x04"];

/** Asks for a password, or reads it from standard input, and prints a user's line. */
export async function printUser(name: string): Promise<void> {
  const password = Deno.stdin.isTerminal() ? await typed() : await piped();
  if (password === "") throw new UsageError("Cannot hash the password: it is empty");
  const line = `${name}:${await hashPassword(password)}`;
  checkName(name, line);
  console.log(line);
}

/** Prints a new token, and below it the line by which a server knows it. */
export function printToken(name: string, days: string | undefined): void {
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
  const text = await new Response(Deno.stdin.readable).text();
  return text.split(/\r?\n/)[0];
}

/** What is typed until Enter, which the terminal does not show. */
async function typed(): Promise<string> {
  await Deno.stderr.write(new TextEncoder().encode("Password: "));
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(256);
  let text = "";
  Deno.stdin.setRaw(true);
  try {
    while (true) {
      const count = await Deno.stdin.read(buffer);
      if (count === null) return text;
      for (
        const character of decoder.decode(buffer.subarray(0, count), { stream: true })
      ) {
        if (character === "\r" || character === "\n" || character === CTRL_D) {
          return text;
        }
        if (character === CTRL_C) {
          throw new UsageError("Cannot hash the password: cancelled");
        }
        if (character === BACKSPACE || character === DELETE) {
          text = [...text].slice(0, -1).join("");
        } else text += character;
      }
    }
  } finally {
    Deno.stdin.setRaw(false);
    await Deno.stderr.write(new TextEncoder().encode("\n"));
  }
}
