/**
 * Files that are read again when the process is told to.
 *
 * @module
 */
import { readText } from "../options/read_files.ts";
import { UsageError } from "../options/command_error.ts";

/** Something that can be read again. */
export interface Reloaded {
  /**
   * Reads it again. What was read before stays when it rejects.
   *
   * @throws {Error} when it cannot be read, or is wrong.
   */
  reload(): Promise<void>;
}

/** A file of which the present content is known. */
export class ReloadedFile<T> implements Reloaded {
  readonly #path: string;
  readonly #what: string;
  readonly #parse: (text: string) => T;
  #value: T;

  private constructor(
    path: string,
    what: string,
    parse: (text: string) => T,
    value: T,
  ) {
    this.#path = path;
    this.#what = what;
    this.#parse = parse;
    this.#value = value;
  }

  /**
   * Reads a file.
   *
   * @throws {UsageError} when it cannot be read, or is wrong.
   */
  static async open<T>(
    path: string,
    what: string,
    parse: (text: string) => T,
  ): Promise<ReloadedFile<T>> {
    const value = await read(path, what, parse);
    return new ReloadedFile(path, what, parse, value);
  }

  /** The content, as it was read last. */
  get value(): T {
    return this.#value;
  }

  async reload(): Promise<void> {
    this.#value = await read(this.#path, this.#what, this.#parse);
  }
}

async function read<T>(
  path: string,
  what: string,
  parse: (text: string) => T,
): Promise<T> {
  const text = await readText(path, what);
  try {
    return parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${reason} (the ${what} in "${path}")`, { cause: error });
  }
}
