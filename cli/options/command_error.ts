/**
 * What ends a command, and with which code.
 *
 * @module
 */

/** The exit codes of the command. */
export const EXIT = {
  /** All went well. */
  OK: 0,
  /** What was asked for failed. */
  FAILURE: 1,
  /** The arguments, or a file that they name, are wrong. */
  USAGE: 2,
  /** There is no such table. */
  NOT_FOUND: 3,
  /** No server was reached. */
  NOT_REACHED: 4,
  /** The server does not let this caller do it. */
  NOT_ALLOWED: 5,
  /** Ctrl+C, as shells count it. */
  INTERRUPTED: 130,
} as const;

/** An error of the command, with its exit code. Its message is one line. */
export class CommandError extends Error {
  /** The code with which the command ends. */
  readonly exitCode: number;

  /** An error with this code and message. */
  constructor(exitCode: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** The command's arguments, or a file that they name, are wrong. */
export class UsageError extends CommandError {
  /** An error that says what is wrong with them. */
  constructor(message: string, options?: ErrorOptions) {
    super(EXIT.USAGE, message, options);
  }
}
