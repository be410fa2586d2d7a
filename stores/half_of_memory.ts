/**
 * How much memory there is for tables.
 *
 * @module
 */
import { totalmem } from "node:os";

/** What is taken for half of a memory of unknown size. */
const UNKNOWN_HALF = 4 * 1024 ** 3;

/**
 * Half of the machine's memory, in bytes; 4 GiB when this process may not know. It
 * asks nobody for the permission: a server that stops at a question would be worse.
 */
export function halfOfMemory(): number {
  const { state } = Deno.permissions.querySync({
    name: "sys",
    kind: "systemMemoryInfo",
  });
  return state === "granted" ? Math.floor(totalmem() / 2) : UNKNOWN_HALF;
}
