/**
 * Standard output and standard error of the client's commands.
 *
 * @module
 */
import { write } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { isatty } from "node:tty";
import { oneLine } from "../../base/one_line.ts";

/** Who reads standard output has closed it, as `head` does when it has enough. */
export class OutputClosed extends Error {}

const [OUT, ERR] = [1, 2];
/** How long to wait before a pipe that is full is tried again, in milliseconds. */
const RETRY_MS = 5;

const encoder = new TextEncoder();

/** Whether standard output is a terminal. */
export function outIsTerminal(): boolean {
  return isatty(OUT);
}

/** Whether standard error is a terminal. */
export function errIsTerminal(): boolean {
  return isatty(ERR);
}

/**
 * Writes to standard output, and resolves when it has been taken.
 *
 * @throws {OutputClosed} when its reader is gone.
 */
export async function writeOut(bytes: Uint8Array): Promise<void> {
  await writeAll(OUT, bytes);
}

/**
 * Prints a line on standard output.
 *
 * @throws {OutputClosed} when its reader is gone.
 */
export async function printLine(line: string): Promise<void> {
  await writeOut(encoder.encode(`${line}\n`));
}

/** Writes on standard error, if somebody reads it. */
export async function writeErr(text: string): Promise<void> {
  try {
    await writeAll(ERR, encoder.encode(text));
  } catch (error) {
    if (!(error instanceof OutputClosed)) throw error;
  }
}

/** Prints a line on standard error. */
export async function printNote(text: string): Promise<void> {
  await writeErr(`${oneLine(text)}\n`);
}

async function writeAll(descriptor: number, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    try {
      at += await writeSome(descriptor, bytes.subarray(at));
    } catch (error) {
      const code = error instanceof Error ? Reflect.get(error, "code") : undefined;
      if (code === "EPIPE") throw new OutputClosed("the output was closed");
      if (code !== "EAGAIN") throw error;
      await setTimeout(RETRY_MS);
    }
  }
}

function writeSome(descriptor: number, bytes: Uint8Array): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  write(descriptor, bytes, 0, bytes.length, null, (error, count) => {
    if (error) reject(error);
    else resolve(count);
  });
  return promise;
}
