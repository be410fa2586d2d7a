/**
 * The error of a file that cannot be read or written.
 *
 * @module
 */
import { oneLine } from "../base/one_line.ts";

/** Where in a file, and in which one, an error is. */
export interface FilePlace {
  /** Whether the file was read or written. @default "read" */
  readonly verb?: "read" | "write";
  /** The file's name, when it has one. */
  readonly file?: string;
  /** The line, from 1 on, in files that have lines. */
  readonly line?: number;
  /**
   * The place in the line, from 1 on: the number of the cell in CSV, of the character
   * in JSON.
   */
  readonly column?: number;
  /** The name of the table's column. */
  readonly columnName?: string;
  /** The number of the byte, from 0 on, where that says more than a line. */
  readonly offset?: number;
  /** What caused it. */
  readonly cause?: unknown;
}

/**
 * A file that is wrong, or cannot hold what is to be written. Its message is one line,
 * which names the place.
 *
 * @example A row with a cell too many
 * ```ts
 * import { FileError, readFile } from "@tinyflight/flight/files";
 *
 * const bytes = new TextEncoder().encode("depth,mag\n562,4.8\n650,4.2,1\n");
 * try {
 *   await readFile(bytes, { format: "csv" });
 * } catch (error) {
 *   if (error instanceof FileError) console.log(error.line); // 3
 * }
 * ```
 */
export class FileError extends Error {
  /** The file's name; undefined when it has none. */
  readonly file: string | undefined;
  /** The line, from 1 on; undefined when the format has no lines. */
  readonly line: number | undefined;
  /** The cell's number in CSV, the character's in JSON, from 1 on. */
  readonly column: number | undefined;
  /** The name of the table's column; undefined when the error is not in one. */
  readonly columnName: string | undefined;
  /** The byte's number in the file, from 0 on; undefined when the line says enough. */
  readonly offset: number | undefined;

  /** An error whose reason completes the sentence "Cannot read the file". */
  constructor(reason: string, place: FilePlace = {}) {
    const { verb = "read", file, line, column, columnName, offset, cause } = place;
    const what = file === undefined ? "the file" : JSON.stringify(file);
    const where = [
      line === undefined ? [] : [`line ${line}`],
      column === undefined ? [] : [`column ${column}`],
      offset === undefined ? [] : [`byte ${offset}`],
    ].flat().join(", ");
    const name = columnName === undefined ? "" : ` ("${columnName}")`;
    const at = where + (where === "" ? name.trim() : name);
    super(
      oneLine(`Cannot ${verb} ${what}: ${at === "" ? "" : `${at}: `}${reason}`),
      cause === undefined ? undefined : { cause },
    );
    this.name = "FileError";
    this.file = file;
    this.line = line;
    this.column = column;
    this.columnName = columnName;
    this.offset = offset;
  }
}
