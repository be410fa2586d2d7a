/**
 * What the directory store asks of a file system. The tests have one that loses power.
 *
 * @module
 */

/** What is told of a file without reading it. */
export interface FileStat {
  /** The bytes that it has. */
  readonly size: number;
  /** A text that is another when the file is another, or was changed. */
  readonly version: string;
}

/** A file that is read. */
export interface ReadableFile {
  stat(): Promise<FileStat>;
  /** The bytes from this position on: as many as are asked for, or to the file's end. */
  read(position: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** A new file that is written, one part after the other. */
export interface WritableFile {
  /** Writes all of these bytes at the end. */
  append(bytes: Uint8Array): Promise<void>;
  /** Resolves when all bytes that were appended before would outlast a loss of power. */
  sync(): Promise<void>;
  /** Ends writing. Before, {@linkcode FileSystem.isAbandoned} is false. */
  close(): Promise<void>;
}

/** A lock that is held. */
export interface FileLock {
  release(): Promise<void>;
}

/** A file system. Where there is no file, it gives undefined or false. */
export interface FileSystem {
  open(path: string): Promise<ReadableFile | undefined>;
  /** Makes a file that must not be there yet. */
  create(path: string): Promise<WritableFile>;
  stat(path: string): Promise<FileStat | undefined>;
  /** Gives a file another path, in the place of the file that is there, at once. */
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<boolean>;
  /** The names in a folder, in no order. */
  list(folder: string): Promise<string[]>;
  /** Makes a folder, and those above it, unless they are there; what it makes lasts. */
  makeFolder(folder: string): Promise<void>;
  hasFolder(folder: string): Promise<boolean>;
  /** Resolves when the folder's names would outlast a loss of power. */
  syncFolder(folder: string): Promise<void>;
  /** Waits until this process alone holds the lock at this path. */
  lock(path: string): Promise<FileLock>;
  /** Whether the process that has created the file has ended without closing it. */
  isAbandoned(path: string): Promise<boolean>;
}
