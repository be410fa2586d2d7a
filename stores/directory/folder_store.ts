/**
 * A store of tables in a folder of any file system.
 *
 * @module
 */
import { join } from "node:path";
import { mapAhead } from "../../base/map_ahead.ts";
import { Mutex } from "../../base/mutex.ts";
import type { FlightDescriptor } from "../../proto/messages.ts";
import { checkReplaces, mayDrop } from "../conditions.ts";
import type {
  StoreDropOptions,
  StoredTable,
  StorePutOptions,
  TableEntry,
  TableMessage,
  TablePut,
  TableStore,
} from "../store.ts";
import { fileNameOf, nameOfFile } from "../table_file/file_name.ts";
import type { StoreProblem } from "../table_file/known_files.ts";
import { damagedTable } from "../table_file/table_errors.ts";
import { DamagedFile } from "../table_file/trailer.ts";
import { writeTable } from "../table_file/write_table.ts";
import { diskError, missingFolder, onDisk } from "./disk_errors.ts";
import { FileSink } from "./file_sink.ts";
import type { FileSystem } from "./file_system.ts";
import { storedFile } from "./stored_file.ts";
import { TableFolder } from "./table_folder.ts";

/** The folder in the store's folder in which files are that are not tables yet. */
const PRIVATE_FOLDER = ".tinyflight";
const LOCK_FILE = "lock";
const UNFINISHED = "unfinished-";
const PUT = "put the table";
const LIST = "list the tables";
/** How many files are looked at together. */
const LOOKED_AT = 64;

/** Tables in a folder, each in a file. */
export class FolderStore implements TableStore {
  readonly #files: FileSystem;
  readonly #path: string;
  readonly #private: string;
  readonly #folder: TableFolder;
  readonly #commits = new Mutex();

  /** The tables in the folder at this path, which `start` has to make ready. */
  constructor(
    files: FileSystem,
    path: string,
    onProblem: (problem: StoreProblem) => void,
  ) {
    this.#files = files;
    this.#path = path;
    this.#private = join(path, PRIVATE_FOLDER);
    this.#folder = new TableFolder(files, path, onProblem);
  }

  /**
   * Makes the folder unless it is there, removes what a process has left that ended in
   * the middle of a put, and looks at every file once.
   */
  async start(): Promise<void> {
    await this.#files.makeFolder(this.#private);
    for (const name of await this.#files.list(this.#private)) {
      const path = join(this.#private, name);
      if (!name.startsWith(UNFINISHED) || !await this.#files.isAbandoned(path)) {
        continue;
      }
      await this.#files.remove(path);
    }
    for await (const _ of this.list(""));
  }

  /** Writes the table to a new file, which takes its place when it is complete. */
  async put(
    name: string,
    descriptor: FlightDescriptor,
    messages: AsyncIterable<TableMessage>,
    options: StorePutOptions = {},
  ): Promise<TablePut> {
    const fileName = fileNameOf(name);
    if (options.replaces !== undefined) {
      checkReplaces(await onDisk(PUT, this.#revision(fileName)), options);
    }
    const unfinished = join(this.#private, UNFINISHED + crypto.randomUUID());
    const file = await onDisk(PUT, this.#files.create(unfinished));
    const sink = new FileSink(file);
    try {
      const entry = await writeTable(sink, { name, descriptor }, messages);
      await sink.finish();
      const replaced = await this.#change(async () => {
        const current = await this.#revision(fileName);
        checkReplaces(current, options);
        await this.#files.rename(unfinished, this.#folder.pathOf(fileName));
        return current;
      });
      return { ...entry, replaced };
    } catch (error) {
      await sink.settle();
      // What cannot be removed now is when a store is opened again.
      await this.#files.remove(unfinished).catch(() => {});
      throw error;
    } finally {
      await file.close();
    }
  }

  /** The table of this name; undefined when there is none. */
  async get(name: string): Promise<StoredTable | undefined> {
    const fileName = fileNameOf(name);
    const action = `read the table "${name}"`;
    const opened = await onDisk(action, this.#folder.open(fileName));
    if (opened === undefined) {
      await this.#checkFolder(action);
      return undefined;
    }
    const { content } = opened;
    if (content instanceof DamagedFile) {
      throw diskError(action, content.cause) ?? damagedTable(name, content);
    }
    return storedFile(content, opened, {
      files: this.#files,
      path: this.#folder.pathOf(fileName),
      onDamage: (damage) => this.#folder.skip(fileName, opened.version, damage),
    });
  }

  /** The tables whose names begin with the prefix, by name. */
  async *list(prefix: string): AsyncGenerator<TableEntry> {
    await this.#checkFolder(LIST);
    const names = await onDisk(LIST, this.#names());
    const wanted = names.filter(({ name }) => name.startsWith(prefix));
    const found = mapAhead(
      wanted,
      LOOKED_AT,
      ({ fileName }) => onDisk(LIST, this.#folder.find(fileName)),
    );
    for await (const file of found) {
      if (file === undefined || file.content instanceof DamagedFile) continue;
      yield file.content.entry;
    }
  }

  /** Removes the table's file; false when there is none that may be dropped. */
  async drop(name: string, options: StoreDropOptions = {}): Promise<boolean> {
    const fileName = fileNameOf(name);
    return await this.#change(async () => {
      // A damaged file has no revision, and is gone with its table.
      if (options.revision !== undefined) {
        if (!mayDrop(await this.#revision(fileName), options)) return false;
      }
      return await this.#files.remove(this.#folder.pathOf(fileName));
    });
  }

  /** The names of the tables in order, with those of their files. */
  async #names(): Promise<{ readonly name: string; readonly fileName: string }[]> {
    const names: { name: string; fileName: string }[] = [];
    const unknown: string[] = [];
    for (const fileName of await this.#folder.fileNames()) {
      const name = nameOfFile(fileName);
      if (name === undefined) unknown.push(fileName);
      else names.push({ name, fileName });
    }
    const looked = mapAhead(unknown, LOOKED_AT, async (fileName) => {
      const found = await this.#folder.find(fileName);
      return { fileName, content: found?.content };
    });
    for await (const { fileName, content } of looked) {
      if (content === undefined || content instanceof DamagedFile) continue;
      names.push({ name: content.entry.name, fileName });
    }
    return names.sort((one, other) => one.name < other.name ? -1 : 1);
  }

  /** The revision of the table in this file; undefined when there is no sound one. */
  async #revision(fileName: string): Promise<string | undefined> {
    const found = await this.#folder.find(fileName);
    if (found === undefined) await this.#checkFolder(PUT);
    return found === undefined || found.content instanceof DamagedFile
      ? undefined
      : found.content.entry.revision;
  }

  /**
   * Fails when the store's folder is gone, or its disk was unmounted: what looks like an
   * empty folder then would tell that there are no tables.
   */
  async #checkFolder(action: string): Promise<void> {
    if (await onDisk(action, this.#files.hasFolder(this.#private))) return;
    throw missingFolder(action, this.#private);
  }

  /** Changes the folder while no other process does, and lets the change last. */
  async #change<T>(change: () => Promise<T>): Promise<T> {
    const action = "change the folder of tables";
    const result = await this.#commits.run(async () => {
      const lock = await onDisk(
        action,
        this.#files.lock(join(this.#private, LOCK_FILE)),
      );
      try {
        return await onDisk(action, change());
      } finally {
        await lock.release();
      }
    });
    await onDisk(action, this.#files.syncFolder(this.#path));
    return result;
  }
}
