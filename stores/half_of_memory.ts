/**
 * The memory that tables may take by default.
 *
 * @module
 */
import { totalmem } from "node:os";

/** The default where the size of the machine's memory is not known. */
const UNKNOWN_HALF = 4 * 1024 ** 3;

/**
 * Half of the machine's memory, in bytes; 4 GiB without the permission to read its size.
 * It does not ask for the permission: the prompt would stop the server.
 */
export function halfOfMemory(): number {
  return isSizeKnown() ? Math.floor(totalmem() / 2) : UNKNOWN_HALF;
}

/** Whether the size of the memory may be read: in other runtimes than Deno, always. */
function isSizeKnown(): boolean {
  if (!("Deno" in globalThis)) return true;
  const { state } = Deno.permissions.querySync({
    name: "sys",
    kind: "systemMemoryInfo",
  });
  return state === "granted";
}
