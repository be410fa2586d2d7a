/**
 * A table in a file, as a reader gets it.
 *
 * @module
 */
import type { StoredTable, TableMessage } from "../store.ts";
import { BytesSource } from "../table_file/bytes_source.ts";
import { readMessages, type TableSource } from "../table_file/read_messages.ts";
import { damagedTable, goneVersion } from "../table_file/table_errors.ts";
import { DamagedFile, type TableFile } from "../table_file/trailer.ts";
import { onDisk } from "./disk_errors.ts";
import type { FileSystem, ReadableFile } from "./file_system.ts";
import type { OpenedFile } from "./table_folder.ts";

/** How the files of tables are read. */
export interface FileReading {
  readonly files: FileSystem;
  readonly path: string;
  /** Called when a message is damaged. */
  onDamage(damage: DamagedFile): void;
}

/** The table in this file, whose trailer is sound. */
export function storedFile(
  file: TableFile,
  opened: OpenedFile,
  reading: FileReading,
): StoredTable {
  return { ...file.entry, messages: () => readStored(file, opened, reading) };
}

async function* readStored(
  file: TableFile,
  opened: OpenedFile,
  reading: FileReading,
): AsyncGenerator<TableMessage> {
  const { name } = file.entry;
  try {
    if (opened.bytes !== undefined) {
      return yield* readMessages(file, new BytesSource(opened.bytes));
    }
    const action = `read the table "${name}"`;
    const open = await onDisk(action, reading.files.open(reading.path));
    if (open === undefined) throw goneVersion(name);
    try {
      if ((await open.stat()).version !== opened.version) throw goneVersion(name);
      yield* readMessages(file, new FileSource(open, action));
    } finally {
      await open.close();
    }
  } catch (error) {
    if (!(error instanceof DamagedFile)) throw error;
    reading.onDamage(error);
    throw damagedTable(name, error);
  }
}

/** A file that is read piece by piece. */
class FileSource implements TableSource {
  readonly #file: ReadableFile;
  readonly #action: string;
  #position = 0;

  constructor(file: ReadableFile, action: string) {
    this.#file = file;
    this.#action = action;
  }

  readIndex(position: number, length: number): Promise<Uint8Array> {
    return this.#read(position, length);
  }

  next(length: number): Promise<Uint8Array> {
    const start = this.#position;
    this.#position += length;
    return this.#read(start, length);
  }

  async #read(position: number, length: number): Promise<Uint8Array> {
    const bytes = await onDisk(this.#action, this.#file.read(position, length));
    if (bytes.length < length) throw new DamagedFile("is cut off");
    return bytes;
  }
}
