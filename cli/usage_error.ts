/**
 * What is wrong with the arguments of the command.
 *
 * @module
 */

/** The command's arguments, or a file that they name, are wrong. */
export class UsageError extends Error {}
