/**
 * The tables' files in a folder, and what is known of them.
 *
 * @module
 */
import { join } from "node:path";
import { isTableFile } from "../table_file/file_name.ts";
import {
  type KnownFile,
  KnownFiles,
  problemOf,
  type StoreProblem,
} from "../table_file/known_files.ts";
import { readFile } from "../table_file/read_file.ts";
import { DamagedFile } from "../table_file/trailer.ts";
import type { FileSystem, ReadableFile } from "./file_system.ts";

/** A file that was opened, with all its bytes if they are few. */
export interface OpenedFile extends KnownFile {
  readonly bytes: Uint8Array | undefined;
}

/** Files up to this size are read as a whole when a table is asked for. */
const SMALL_FILE = 64 * 1024;
/** The system's codes for what is wrong with one file, and with no other. */
const FILE_ERRORS: readonly unknown[] = ["EACCES", "EPERM", "EISDIR", "ELOOP"];

/** A folder with tables' files. */
export class TableFolder {
  readonly #files: FileSystem;
  readonly #folder: string;
  readonly #known: KnownFiles;

  /** The tables in this folder; files that are skipped are reported once. */
  constructor(
    files: FileSystem,
    folder: string,
    onProblem: (problem: StoreProblem) => void,
  ) {
    this.#files = files;
    this.#folder = folder;
    this.#known = new KnownFiles((fileName, damage) =>
      onProblem(problemOf(this.pathOf(fileName), damage))
    );
  }

  /** Where the file of this name is. */
  pathOf(fileName: string): string {
    return join(this.#folder, fileName);
  }

  /** The names of the files that may be tables'. */
  async fileNames(): Promise<string[]> {
    return (await this.#files.list(this.#folder)).filter(isTableFile);
  }

  /** What the file of this name is now; it is read only when it was changed. */
  async find(fileName: string): Promise<KnownFile | undefined> {
    const stat = await this.#files.stat(this.pathOf(fileName));
    const known = this.#known.get(fileName);
    if (stat !== undefined && known?.version === stat.version) return known;
    return await this.#read(fileName, 0);
  }

  /** The same, with the file's bytes if they are few. */
  open(fileName: string): Promise<OpenedFile | undefined> {
    return this.#read(fileName, SMALL_FILE);
  }

  /** Skips the file from now on, as a message in it is damaged, until it is another. */
  skip(fileName: string, version: string, content: DamagedFile): void {
    this.#known.set(fileName, { version, content });
  }

  async #read(fileName: string, wholeUpTo: number): Promise<OpenedFile | undefined> {
    let file: ReadableFile | undefined;
    try {
      file = await this.#files.open(this.pathOf(fileName));
      if (file === undefined) {
        this.#known.delete(fileName);
        return undefined;
      }
      return await this.#look(fileName, file, wholeUpTo);
    } catch (error) {
      const content = new DamagedFile(`cannot be read (${codeOfFile(error)})`, {
        cause: error,
      });
      return {
        ...this.#known.set(fileName, { version: "", content }),
        bytes: undefined,
      };
    } finally {
      await file?.close();
    }
  }

  async #look(
    fileName: string,
    file: ReadableFile,
    wholeUpTo: number,
  ): Promise<OpenedFile> {
    const { size, version } = await file.stat();
    const bytes = size <= wholeUpTo ? await file.read(0, size) : undefined;
    const known = this.#known.get(fileName);
    if (known?.version === version) return { ...known, bytes };
    const last = (length: number) => file.read(size - length, length);
    let content = await readFile(fileName, size, last, bytes);
    if (!(content instanceof DamagedFile) && content.entry.pieces !== undefined) {
      content = new DamagedFile(
        "has its rows in pieces, which only an S3 store can have",
      );
    }
    return { ...this.#known.set(fileName, { version, content }), bytes };
  }
}

/**
 * The system's code for what is wrong with this one file.
 *
 * @throws what was thrown, when it is something else.
 */
function codeOfFile(error: unknown): string {
  const code = error instanceof Error ? Reflect.get(error, "code") : undefined;
  if (FILE_ERRORS.includes(code)) return String(code);
  throw error;
}
