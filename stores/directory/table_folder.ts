/**
 * The tables' files in a folder, and what is known of them.
 *
 * @module
 */
import { join } from "node:path";
import { fileNameOf, isTableFile } from "../table_file/file_name.ts";
import { DamagedFile, readTrailer, type TableFile } from "../table_file/trailer.ts";
import type { FileSystem, ReadableFile } from "./file_system.ts";

/** A file of a table, as it was when it was looked at. */
export interface FoundFile {
  /** Another text when the file is another, or was changed. */
  readonly version: string;
  /** What its trailer tells, or what is wrong with it. */
  readonly content: TableFile | DamagedFile;
}

/** A file that was opened, with all its bytes if they are few. */
export interface OpenedFile extends FoundFile {
  readonly bytes: Uint8Array | undefined;
}

/** A file that is skipped. */
export interface StoreProblem {
  /** Where it is. */
  readonly path: string;
  /** What is wrong with it, and what can be done, as a sentence. */
  readonly message: string;
}

/** Files up to this size are read as a whole when a table is asked for. */
const SMALL_FILE = 64 * 1024;
/** The bytes at the end of a larger file that are read first: mostly they are enough. */
const TAIL_BYTES = 8 * 1024;
/** What is remembered of files, in bytes, apart from what each takes at least. */
const MAX_REMEMBERED = 64 * 1024 * 1024;
const MIN_REMEMBERED = 1000;
/** The system's codes for what is wrong with one file, and with no other. */
const FILE_ERRORS: readonly unknown[] = ["EACCES", "EPERM", "EISDIR", "ELOOP"];

/** A folder with tables' files. */
export class TableFolder {
  readonly #files: FileSystem;
  readonly #folder: string;
  readonly #onProblem: (problem: StoreProblem) => void;
  /** What was found, by file name; the oldest first. */
  readonly #found = new Map<string, FoundFile>();
  #remembered = 0;

  /** The tables in this folder; files that are skipped are reported once. */
  constructor(
    files: FileSystem,
    folder: string,
    onProblem: (problem: StoreProblem) => void,
  ) {
    this.#files = files;
    this.#folder = folder;
    this.#onProblem = onProblem;
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
  async find(fileName: string): Promise<FoundFile | undefined> {
    const stat = await this.#files.stat(this.pathOf(fileName));
    const known = this.#found.get(fileName);
    if (stat !== undefined && known?.version === stat.version) return known;
    return await this.#read(fileName, 0);
  }

  /** The same, with the file's bytes if they are few. */
  open(fileName: string): Promise<OpenedFile | undefined> {
    return this.#read(fileName, SMALL_FILE);
  }

  /** Skips the file from now on, as a message in it is damaged, until it is another. */
  skip(fileName: string, version: string, content: DamagedFile): void {
    this.#remember(fileName, { version, content });
  }

  async #read(fileName: string, wholeUpTo: number): Promise<OpenedFile | undefined> {
    let file: ReadableFile | undefined;
    try {
      file = await this.#files.open(this.pathOf(fileName));
      if (file === undefined) {
        this.#forget(fileName);
        return undefined;
      }
      const { size, version } = await file.stat();
      const bytes = size <= wholeUpTo ? await file.read(0, size) : undefined;
      const known = this.#found.get(fileName);
      if (known?.version === version) return { ...known, bytes };
      const content = await readContent(fileName, file, size, bytes);
      return { ...this.#remember(fileName, { version, content }), bytes };
    } catch (error) {
      const content = new DamagedFile(`cannot be read (${codeOfFile(error)})`);
      return {
        ...this.#remember(fileName, { version: "", content }),
        bytes: undefined,
      };
    } finally {
      await file?.close();
    }
  }

  /** Remembers what was found, and reports it when it is damaged and was not before. */
  #remember(fileName: string, found: FoundFile): FoundFile {
    const before = this.#found.get(fileName)?.content;
    this.#forget(fileName);
    this.#found.set(fileName, found);
    this.#remembered += costOf(found);
    for (const oldest of this.#found.keys()) {
      if (this.#remembered <= MAX_REMEMBERED) break;
      this.#forget(oldest);
    }
    const { content } = found;
    if (content instanceof DamagedFile) {
      const isKnown = before instanceof DamagedFile &&
        before.message === content.message;
      if (!isKnown) this.#report(fileName, content);
    }
    return found;
  }

  /** Tells whoever runs the store what is wrong with a file. */
  #report(fileName: string, { message }: DamagedFile): void {
    const path = this.pathOf(fileName);
    this.#onProblem({
      path,
      message:
        `Cannot use "${path}" as a table: it ${message}; move it away, drop the table, or put it again`,
    });
  }

  #forget(fileName: string): void {
    const found = this.#found.get(fileName);
    if (found === undefined) return;
    this.#found.delete(fileName);
    this.#remembered -= costOf(found);
  }
}

function costOf({ content }: FoundFile): number {
  if (content instanceof DamagedFile) return MIN_REMEMBERED;
  const { name, descriptor, schema } = content.entry;
  const path = descriptor.path.reduce((sum, element) => sum + 2 * element.length, 0);
  const bytes = 2 * name.length + descriptor.cmd.length + path + schema.length;
  return MIN_REMEMBERED + bytes;
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

/** What the trailer of an open file tells, or what is wrong. */
async function readContent(
  fileName: string,
  file: ReadableFile,
  size: number,
  bytes: Uint8Array | undefined,
): Promise<TableFile | DamagedFile> {
  const last = (length: number) =>
    file.read(Math.max(0, size - length), Math.min(size, length));
  try {
    let content = readTrailer(bytes ?? await last(TAIL_BYTES), size);
    if (typeof content === "number") content = readTrailer(await last(content), size);
    if (typeof content === "number") {
      throw new DamagedFile("was changed while it was read");
    }
    const rightName = fileNameOf(content.entry.name);
    if (rightName === fileName) return content;
    throw new DamagedFile(`has the table that belongs in "${rightName}"`);
  } catch (error) {
    if (error instanceof DamagedFile) return error;
    throw error;
  }
}
