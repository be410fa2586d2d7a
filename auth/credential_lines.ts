/**
 * Files with one credential a line: a name, a colon, and the hash of its secret.
 *
 * @module
 */

/** A line of such a file. */
export interface CredentialLine {
  /** Who has the credential. */
  readonly name: string;
  /** What follows the colon. */
  readonly rest: string;
  /** The number of the line, from 1. */
  readonly line: number;
}

/**
 * The lines that are neither empty nor begin with `#`.
 *
 * @throws {SyntaxError} when a line has no name or no colon; it names the line, and
 * shows nothing of it.
 */
export function* credentialLines(
  text: string,
  file: string,
): Generator<CredentialLine> {
  let line = 0;
  for (const content of text.split(/\r?\n/)) {
    line++;
    if (/^\s*(#|$)/.test(content)) continue;
    const colon = content.indexOf(":");
    if (colon < 1) {
      throw wrongLine(file, line, "it has to begin with a name and a colon");
    }
    yield {
      name: content.slice(0, colon),
      rest: content.slice(colon + 1).trim(),
      line,
    };
  }
}

/** The error of a line, of which nothing is shown: it may hold a secret. */
export function wrongLine(file: string, line: number, reason: string): SyntaxError {
  return new SyntaxError(`Cannot read line ${line} of the ${file}: ${reason}`);
}
