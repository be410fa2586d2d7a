/**
 * Users with a password each.
 *
 * @module
 */
import { credentialLines, wrongLine } from "./credential_lines.ts";
import { isPasswordHash } from "./passwords.ts";

/** The hash of each user's password, by the user's name. */
export type Users = ReadonlyMap<string, string>;

/**
 * The users of a file, which has one line for each: `NAME:HASH`, where HASH is what
 * {@linkcode hashPassword} gives. Empty lines and those that begin with `#` are passed
 * over.
 *
 * @throws {SyntaxError} when a line is none of these, or a name comes twice. The
 * message has the number of the line, and nothing of its content.
 *
 * @example Users from a file
 * ```ts
 * import { hashPassword, parseUsers } from "@tinyflight/flight/auth";
 *
 * const users = parseUsers(`# my users\nada:${await hashPassword("lovelace")}\n`);
 * console.log(users.has("ada")); // true
 * ```
 */
export function parseUsers(text: string): Users {
  const users = new Map<string, string>();
  for (const { name, rest, line } of credentialLines(text, "users")) {
    if (!isPasswordHash(rest)) {
      throw wrongLine(
        "users",
        line,
        "after the colon there has to be what `tinyflight hash-password` prints",
      );
    }
    if (users.has(name)) throw wrongLine("users", line, "its name was there before");
    users.set(name, rest);
  }
  return users;
}
