/**
 * Variables of the environment.
 *
 * @module
 */
import process from "node:process";

/** A variable of the environment, if this process may read it; it is not asked for. */
export function readVariable(name: string): string | undefined {
  const isDeno = "Deno" in globalThis;
  if (
    isDeno &&
    Deno.permissions.querySync({ name: "env", variable: name }).state !== "granted"
  ) {
    return undefined;
  }
  return process.env[name];
}
