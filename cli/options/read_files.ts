/**
 * Reads the files that options name.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import { UsageError } from "./command_error.ts";

/**
 * The text of a file.
 *
 * @throws {UsageError} when it cannot be read; the message says what it was to be.
 */
export async function readText(path: string, what: string): Promise<string> {
  return new TextDecoder().decode(await readBytes(path, what));
}

/** The bytes of a file. */
export async function readBytes(path: string, what: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new UsageError(`Cannot read the ${what} "${path}": ${fileReason(error)}`, {
      cause: error,
    });
  }
}

/** Why a file cannot be used, in a few words. */
export function fileReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "NotCapable") {
    return `it needs ${/--allow-\w+/.exec(error.message)?.[0] ?? "a permission"}`;
  }
  switch (Reflect.get(error, "code")) {
    case "ENOENT":
      return "there is no such file";
    case "EACCES":
    case "EPERM":
      return "this user may not use it";
    case "EISDIR":
      return "it is a folder";
    case "ENOTDIR":
      return "a part of its path is no folder";
    case "ENOSPC":
      return "the disk is full";
    case "EROFS":
      return "its disk is read-only";
    default:
      return error.message;
  }
}
