/**
 * What is known of tables' files without reading them again.
 *
 * @module
 */
import { DamagedFile, type TableFile } from "./trailer.ts";

/** A file as it was when it was looked at. */
export interface KnownFile {
  /** Another text when the file is another, or was changed. */
  readonly version: string;
  /** What its trailer tells, or what is wrong with it. */
  readonly content: TableFile | DamagedFile;
}

/** A file that is skipped. */
export interface StoreProblem {
  /** Where it is. */
  readonly path: string;
  /** What is wrong with it, and what can be done, as a sentence. */
  readonly message: string;
}

/** What is remembered of files, in bytes, apart from what each takes at least. */
const MAX_REMEMBERED = 64 * 1024 * 1024;
const MIN_REMEMBERED = 1000;

/** What is known of files by their names. Of too many, the oldest are forgotten. */
export class KnownFiles {
  readonly #files = new Map<string, KnownFile>();
  readonly #onDamage: (fileName: string, damage: DamagedFile) => void;
  #remembered = 0;

  /** Nothing is known yet. `onDamage` is called once for each file that is damaged. */
  constructor(onDamage: (fileName: string, damage: DamagedFile) => void) {
    this.#onDamage = onDamage;
  }

  /** What is known of this file. */
  get(fileName: string): KnownFile | undefined {
    return this.#files.get(fileName);
  }

  /** Remembers what a file is; gives it. */
  set(fileName: string, file: KnownFile): KnownFile {
    const before = this.#files.get(fileName)?.content;
    this.delete(fileName);
    this.#files.set(fileName, file);
    this.#remembered += costOf(file);
    for (const oldest of this.#files.keys()) {
      if (this.#remembered <= MAX_REMEMBERED) break;
      this.delete(oldest);
    }
    const { content } = file;
    if (content instanceof DamagedFile) {
      const isKnown = before instanceof DamagedFile &&
        before.message === content.message;
      if (!isKnown) this.#onDamage(fileName, content);
    }
    return file;
  }

  /** Forgets a file. */
  delete(fileName: string): void {
    const file = this.#files.get(fileName);
    if (file === undefined) return;
    this.#files.delete(fileName);
    this.#remembered -= costOf(file);
  }
}

/** What to tell of a file, whose path is this, that is damaged. */
export function problemOf(path: string, { message }: DamagedFile): StoreProblem {
  return {
    path,
    message:
      `Cannot use "${path}" as a table: it ${message}; move it away, drop the table, or put it again`,
  };
}

function costOf({ content }: KnownFile): number {
  if (content instanceof DamagedFile) return MIN_REMEMBERED;
  const { name, descriptor, schema } = content.entry;
  const path = descriptor.path.reduce((sum, element) => sum + 2 * element.length, 0);
  const bytes = 2 * name.length + descriptor.cmd.length + path + schema.length;
  return MIN_REMEMBERED + bytes;
}
