/**
 * A table in a file, as a reader gets it.
 *
 * @module
 */
import { FlightError } from "../../flight/errors.ts";
import type { StoredTable, TableMessage } from "../store.ts";
import { readMessages, type TableSource } from "../table_file/read_messages.ts";
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

/** The error for a file that is damaged. */
export function damagedTable(name: string, damage: DamagedFile): FlightError {
  return new FlightError(
    "DATA_LOSS",
    `Cannot read the table "${name}": its file ${damage.message}; drop it, or put it again`,
    { cause: damage },
  );
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
    if (open === undefined) throw gone(name);
    try {
      if ((await open.stat()).version !== opened.version) throw gone(name);
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

function gone(name: string): FlightError {
  return new FlightError(
    "ABORTED",
    `Cannot read the table "${name}": it was replaced or dropped meanwhile; try again`,
  );
}

/** A file that was read as a whole. */
class BytesSource implements TableSource {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  readIndex(position: number, length: number): Promise<Uint8Array> {
    return Promise.resolve(this.#bytes.subarray(position, position + length));
  }

  next(length: number): Promise<Uint8Array> {
    const start = this.#position;
    this.#position += length;
    return Promise.resolve(this.#bytes.subarray(start, this.#position));
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
