/**
 * Reads the files that options name.
 *
 * @module
 */
import { UsageError } from "./usage_error.ts";

/**
 * The text of a file.
 *
 * @throws {UsageError} when it cannot be read; the message says what it was to be.
 */
export async function readText(path: string, what: string): Promise<string> {
  return new TextDecoder().decode(await readBytes(path, what));
}

/** The bytes of a file. */
export async function readBytes(
  path: string,
  what: string,
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    throw new UsageError(`Cannot read the ${what} "${path}": ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such file";
  if (error instanceof Deno.errors.PermissionDenied) return "this user may not read it";
  if (error instanceof Deno.errors.NotCapable) return "it needs --allow-read";
  return error instanceof Error ? error.message : String(error);
}
