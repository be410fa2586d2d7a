/**
 * Passwords that are typed.
 *
 * @module
 */
import process from "node:process";
import { CommandError, EXIT } from "../options/command_error.ts";

const [BACKSPACE, DELETE, CTRL_C, CTRL_D] = ["\b", "\x7f", "\x03", "\x04"];

/**
 * What is typed until Enter, which the terminal does not show. Standard input has to be
 * a terminal.
 *
 * @throws {CommandError} when it was cancelled by Ctrl+C.
 */
export async function askPassword(prompt: string): Promise<string> {
  process.stderr.write(prompt);
  const { stdin } = process;
  const decoder = new TextDecoder();
  let text = "";
  stdin.setRawMode(true);
  try {
    for await (const chunk of stdin) {
      for (const character of decoder.decode(chunk, { stream: true })) {
        if (character === "\r" || character === "\n" || character === CTRL_D) {
          return text;
        }
        if (character === CTRL_C) {
          throw new CommandError(
            EXIT.INTERRUPTED,
            "Cannot read the password: cancelled",
          );
        }
        if (character === BACKSPACE || character === DELETE) {
          text = [...text].slice(0, -1).join("");
        } else text += character;
      }
    }
    return text;
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    process.stderr.write("\n");
  }
}
