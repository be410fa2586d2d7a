/**
 * Files that are written whole, or not at all.
 *
 * @module
 */
import { randomUUID } from "node:crypto";
import { type FileHandle, open, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { CommandError, EXIT } from "../options/command_error.ts";
import { fileReason } from "../options/read_files.ts";

/**
 * Writes these chunks to a file, and gives its size. They go to a temporary file beside
 * it, which takes its place when all are written: when they throw, or the signal is
 * aborted, the file is as it was. A pipe or a device is written as it is.
 *
 * @throws {CommandError} when the file cannot be written.
 */
export async function writeWhole(
  file: string,
  chunks: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<number> {
  const place = await onDisk(file, () => placeOf(file));
  const handle = await onDisk(file, () => open(place.path, place.flags, place.mode));
  let size = 0;
  try {
    try {
      for await (const chunk of chunks) {
        signal.throwIfAborted();
        await onDisk(file, () => writeAll(handle, chunk));
        size += chunk.length;
      }
    } finally {
      await onDisk(file, () => handle.close());
    }
    signal.throwIfAborted();
    const { target } = place;
    if (target !== undefined) await onDisk(file, () => rename(place.path, target));
  } catch (error) {
    if (place.target !== undefined) await rm(place.path, { force: true });
    throw error;
  }
  return size;
}

/** Where the bytes go. */
interface Place {
  /** What is opened. */
  readonly path: string;
  /** How it is opened. */
  readonly flags: string;
  /** The permissions of a new file. */
  readonly mode?: number;
  /** The file that it becomes in the end; undefined when it is that itself. */
  readonly target?: string;
}

async function placeOf(file: string): Promise<Place> {
  let target = file;
  let mode: number | undefined;
  try {
    // A link stays, and leads to the new file.
    target = await realpath(file);
    const stats = await stat(target);
    if (!stats.isFile() && !stats.isDirectory()) return { path: target, flags: "w" };
    if (stats.isDirectory()) {
      throw new CommandError(
        EXIT.FAILURE,
        `Cannot write "${file}": it is a folder; name a file in it`,
      );
    }
    mode = stats.mode & 0o777;
  } catch (error) {
    const code = error instanceof Error ? Reflect.get(error, "code") : undefined;
    if (code !== "ENOENT") throw error;
  }
  const name = `.${basename(target)}.${randomUUID().slice(0, 8)}.part`;
  return { path: join(dirname(target), name), flags: "wx", mode, target };
}

async function writeAll(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length;) {
    at += (await handle.write(chunk, at, chunk.length - at, null)).bytesWritten;
  }
}

async function onDisk<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(
      EXIT.FAILURE,
      `Cannot write "${file}": ${
        Reflect.get(Object(error), "code") === "ENOENT"
          ? "there is no such folder"
          : fileReason(error)
      }`,
      { cause: error },
    );
  }
}
