/**
 * What the running server says.
 *
 * @module
 */

/** Prints a line, and on standard error what went wrong. */
export function print(line: string | undefined, wrong?: unknown): void {
  try {
    if (line !== undefined) console.log(line);
    if (wrong !== undefined) console.error(wrong);
  } catch {
    // The terminal or pipe was closed: the server goes on without a log.
  }
}
