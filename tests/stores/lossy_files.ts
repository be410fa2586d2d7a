/**
 * A file system in memory that can lose power, or be full: what was not synced when the
 * power goes is lost, in whole or in part, as it may be on a real disk.
 *
 * @module
 */
import { basename, dirname } from "node:path";
import type {
  FileLock,
  FileStat,
  FileSystem,
  ReadableFile,
  WritableFile,
} from "../../stores/directory/file_system.ts";

/** What a file has in it, and how much of that is on the disk for certain. */
class Content {
  bytes: Uint8Array = new Uint8Array(0);
  syncedBytes = 0;
  isOpen = false;
  readonly id: number;

  constructor(id: number) {
    this.id = id;
  }

  append(more: Uint8Array): void {
    const joined = new Uint8Array(this.bytes.length + more.length);
    joined.set(this.bytes);
    joined.set(more, this.bytes.length);
    this.bytes = joined;
  }
}

type Names = Map<string, Content>;

/** A change of names that may be lost until its folder is synced. */
interface Change {
  readonly folders: readonly string[];
  apply(names: Names): void;
}

/** The power is gone, and with it the process. */
export class PowerLoss extends Error {}

/** How a {@linkcode LossyFiles} fails. */
export interface LossyOptions {
  /** After how many operations the power goes. @default never */
  operations?: number;
  /** How many bytes all files may have together. @default any number */
  capacity?: number;
}

/** The file system. */
export class LossyFiles implements FileSystem {
  /** The operations that were made. */
  operations = 0;
  #names: Names;
  /** The names that are on the disk for certain, and what may be lost of the changes. */
  #synced: Names;
  #changes: Change[] = [];
  #locked = Promise.resolve();
  #nextId = 0;
  readonly #options: LossyOptions;

  /** An empty disk, or one with these files. */
  constructor(options: LossyOptions = {}, names: Names = new Map()) {
    this.#options = options;
    this.#names = new Map(names);
    this.#synced = new Map(names);
    this.#nextId = names.size;
  }

  /** The disk as it may be when the power is back: chance decides what was lost. */
  afterPowerLoss(random: () => number): LossyFiles {
    const names = new Map(this.#synced);
    for (const change of this.#changes) if (random() < 0.5) change.apply(names);
    const left: Names = new Map();
    const contents = new Map<Content, Content>();
    for (const [path, content] of names) {
      const copy = contents.get(content) ?? lossyCopy(content, random);
      contents.set(content, copy);
      left.set(path, copy);
    }
    return new LossyFiles({}, left);
  }

  /** The paths of all files. */
  get paths(): string[] {
    return [...this.#names.keys()].sort();
  }

  /** The bytes of this file. */
  bytesOf(path: string): Uint8Array {
    const content = this.#names.get(path);
    if (content === undefined) throw systemError("ENOENT");
    return content.bytes;
  }

  /** Makes this file another, with these bytes. */
  overwrite(path: string, bytes: Uint8Array): void {
    const content = new Content(this.#nextId++);
    content.append(bytes);
    this.#names.set(path, content);
  }

  /** The bytes of all files. */
  get usedBytes(): number {
    const contents = new Set(this.#names.values());
    return [...contents].reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  open(path: string): Promise<ReadableFile | undefined> {
    return this.#do(() => {
      const content = this.#names.get(path);
      return content && {
        stat: () => this.#do(() => statOf(content)),
        read: (position, length) =>
          this.#do(() => content.bytes.slice(position, position + length)),
        close: () => Promise.resolve(),
      };
    });
  }

  create(path: string): Promise<WritableFile> {
    return this.#do(() => {
      if (this.#names.has(path)) throw systemError("EEXIST");
      const content = new Content(this.#nextId++);
      content.isOpen = true;
      this.#change([path], (names) => names.set(path, content));
      return {
        append: (bytes) => this.#do(() => this.#append(content, bytes)),
        sync: () =>
          this.#do(() => {
            content.syncedBytes = content.bytes.length;
          }),
        close: () => {
          content.isOpen = false;
          return Promise.resolve();
        },
      };
    });
  }

  stat(path: string): Promise<FileStat | undefined> {
    return this.#do(() => {
      const content = this.#names.get(path);
      return content && statOf(content);
    });
  }

  rename(from: string, to: string): Promise<void> {
    return this.#do(() => {
      const content = this.#names.get(from);
      if (content === undefined) throw systemError("ENOENT");
      this.#change([from, to], (names) => {
        names.delete(from);
        names.set(to, content);
      });
    });
  }

  remove(path: string): Promise<boolean> {
    return this.#do(() => {
      const isThere = this.#names.has(path);
      if (isThere) this.#change([path], (names) => names.delete(path));
      return isThere;
    });
  }

  list(folder: string): Promise<string[]> {
    return this.#do(() =>
      [...this.#names.keys()].filter((path) => dirname(path) === folder).map((path) =>
        basename(path)
      )
    );
  }

  makeFolder(): Promise<void> {
    return Promise.resolve();
  }

  hasFolder(): Promise<boolean> {
    return Promise.resolve(true);
  }

  syncFolder(folder: string): Promise<void> {
    return this.#do(() => {
      const isSynced = ({ folders }: Change) => folders.includes(folder);
      for (const change of this.#changes.filter(isSynced)) change.apply(this.#synced);
      this.#changes = this.#changes.filter((change) => !isSynced(change));
    });
  }

  async lock(): Promise<FileLock> {
    const before = this.#locked;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#locked = promise;
    await before;
    return { release: () => Promise.resolve(resolve()) };
  }

  isAbandoned(path: string): Promise<boolean> {
    return this.#do(() => this.#names.get(path)?.isOpen === false);
  }

  async #do<T>(operation: () => T): Promise<T> {
    await Promise.resolve();
    if (this.operations >= (this.#options.operations ?? Infinity)) {
      throw new PowerLoss("the power is gone");
    }
    this.operations++;
    return operation();
  }

  #append(content: Content, bytes: Uint8Array): void {
    const room = (this.#options.capacity ?? Infinity) - this.usedBytes;
    // A full disk takes what it has room for.
    content.append(bytes.subarray(0, room));
    if (bytes.length > room) throw systemError("ENOSPC");
  }

  #change(paths: readonly string[], apply: (names: Names) => void): void {
    apply(this.#names);
    this.#changes.push({ folders: paths.map((path) => dirname(path)), apply });
  }
}

function statOf({ id, bytes }: Content): FileStat {
  return { size: bytes.length, version: `${id} ${bytes.length}` };
}

/** Bytes that were not synced are there, are zero, or are missing. */
function lossyCopy(content: Content, random: () => number): Content {
  const copy = new Content(content.id);
  const unsynced = content.bytes.length - content.syncedBytes;
  const length = content.syncedBytes + Math.floor(random() * (unsynced + 1));
  copy.bytes = content.bytes.slice(0, length);
  if (random() < 0.5) copy.bytes.fill(0, content.syncedBytes);
  copy.syncedBytes = length;
  return copy;
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}
