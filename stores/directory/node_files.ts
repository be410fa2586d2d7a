/**
 * The file system of the machine, by `node:fs`, which Deno, Node and Bun have.
 *
 * @module
 */
import { constants } from "node:fs";
import type { BigIntStats } from "node:fs";
import {
  type FileHandle,
  mkdir,
  open,
  readdir,
  rename,
  stat,
  unlink,
} from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type {
  FileLock,
  FileStat,
  FileSystem,
  ReadableFile,
  WritableFile,
} from "./file_system.ts";

/**
 * Where no lock can tell, a file that nobody has written to for as long as this, in
 * milliseconds, counts as abandoned.
 */
const ABANDONED_AFTER = 60 * 60 * 1000;
/** How the store's folder is opened to be synced: it must be a folder. */
const FOLDER_FLAGS = constants.O_RDONLY | (constants.O_DIRECTORY ?? 0);

/** The file system of the machine. */
export const NODE_FILES: FileSystem = {
  async open(path) {
    const handle = await unlessMissing(open(path, "r"));
    return handle && new HandleReader(handle);
  },
  async create(path) {
    const handle = await open(path, "wx");
    try {
      const lock = await lockFile(path);
      // Before it was locked, another process may have taken it for abandoned.
      if ((await handle.stat()).nlink > 0) return new HandleWriter(handle, lock);
      await lock?.release();
    } catch (error) {
      await handle.close();
      throw error;
    }
    await handle.close();
    return await NODE_FILES.create(path);
  },
  async stat(path) {
    const stats = await unlessMissing(stat(path, { bigint: true }));
    return stats && fileStat(stats);
  },
  rename,
  async remove(path) {
    return await unlessMissing(unlink(path).then(() => true)) ?? false;
  },
  list: (folder) => readdir(folder),
  async makeFolder(folder) {
    const first = await mkdir(folder, { recursive: true });
    if (first === undefined) return;
    const above = dirname(resolve(first));
    for (let made = resolve(folder); made !== above; made = dirname(made)) {
      try {
        await NODE_FILES.syncFolder(dirname(made));
      } catch (error) {
        // A folder that may not be opened is synced by the system in its own time.
        if (!isForbidden(error)) throw error;
      }
    }
  },
  async hasFolder(folder) {
    return (await unlessMissing(stat(folder)))?.isDirectory() ?? false;
  },
  async syncFolder(folder) {
    const handle = await open(folder, FOLDER_FLAGS);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  async lock(path) {
    return await lockFile(path, true) ?? { release: () => Promise.resolve() };
  },
  async isAbandoned(path) {
    if (!hasLocks()) {
      const stats = await unlessMissing(stat(path));
      return stats !== undefined && Date.now() - stats.mtimeMs > ABANDONED_AFTER;
    }
    const file = await unlessMissing(Deno.open(path, READ_WRITE));
    if (file === undefined) return false;
    try {
      return await file.tryLock(true);
    } finally {
      file.close();
    }
  },
};

const READ_WRITE = { read: true, write: true } as const;

/** A file that a handle of node:fs reads. */
class HandleReader implements ReadableFile {
  readonly #handle: FileHandle;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async stat(): Promise<FileStat> {
    return fileStat(await this.#handle.stat({ bigint: true }));
  }

  async read(position: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await this.#handle.read(
        bytes,
        filled,
        length - filled,
        position + filled,
      );
      if (bytesRead === 0) return bytes.subarray(0, filled);
      filled += bytesRead;
    }
    return bytes;
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

/** A file that a handle of node:fs writes. */
class HandleWriter implements WritableFile {
  readonly #handle: FileHandle;
  readonly #lock: FileLock | undefined;
  #position = 0;

  constructor(handle: FileHandle, lock: FileLock | undefined) {
    this.#handle = handle;
    this.#lock = lock;
  }

  async append(bytes: Uint8Array): Promise<void> {
    let written = 0;
    while (written < bytes.length) {
      const { bytesWritten } = await this.#handle.write(
        bytes,
        written,
        bytes.length - written,
        this.#position,
      );
      written += bytesWritten;
      this.#position += bytesWritten;
    }
  }

  sync(): Promise<void> {
    return this.#handle.datasync();
  }

  async close(): Promise<void> {
    await this.#handle.close();
    await this.#lock?.release();
  }
}

/** Whether this runtime can lock files, as Deno can, and Node and Bun cannot. */
function hasLocks(): boolean {
  return "Deno" in globalThis;
}

/** The lock of a file; undefined in a runtime without locks. */
async function lockFile(path: string, create = false): Promise<FileLock | undefined> {
  if (!hasLocks()) return undefined;
  const file = await Deno.open(path, { ...READ_WRITE, create });
  try {
    await file.lock(true);
  } catch (error) {
    file.close();
    throw error;
  }
  return { release: () => Promise.resolve(file.close()) };
}

function fileStat(stats: BigIntStats): FileStat {
  const { size, dev, ino, mtimeNs, ctimeNs } = stats;
  return { size: Number(size), version: [dev, ino, size, mtimeNs, ctimeNs].join(" ") };
}

/** What the promise gives; undefined when there is no file. */
async function unlessMissing<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    const code = error instanceof Error ? Reflect.get(error, "code") : undefined;
    if (code === "ENOENT") return undefined;
    throw error;
  }
}

function isForbidden(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === "NotCapable" ||
    ["EACCES", "EPERM"].includes(Reflect.get(error, "code"));
}
