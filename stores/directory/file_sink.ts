/**
 * Writes a file as fast as its bytes come and the disk takes them.
 *
 * @module
 */
import { joinBytes } from "../../base/join_bytes.ts";
import type { ByteSink } from "../table_file/write_table.ts";
import { onDisk } from "./disk_errors.ts";
import type { WritableFile } from "./file_system.ts";

/** Smaller pieces are joined to one write of this size. */
const MIN_WRITE = 256 * 1024;
/**
 * After so many bytes the disk is told to store what it was given, while more comes: at
 * the end little is left to do, and the system's memory does not fill up.
 */
const SYNC_EVERY = 64 * 1024 * 1024;

/** A file that is written; one write is under way while more bytes come. */
export class FileSink implements ByteSink {
  readonly #file: WritableFile;
  #small: Uint8Array[] = [];
  #smallBytes = 0;
  #unsynced = 0;
  #writing: Promise<void> = Promise.resolve();
  #syncing: Promise<void> = Promise.resolve();

  /** A sink that appends to this file. */
  constructor(file: WritableFile) {
    this.#file = file;
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (bytes.length < MIN_WRITE) {
      this.#small.push(bytes);
      this.#smallBytes += bytes.length;
      if (this.#smallBytes < MIN_WRITE) return;
      await this.#flush();
    } else {
      await this.#flush();
      await this.#append(bytes);
    }
  }

  /** Writes what is left, and resolves when the disk has all of it. */
  async finish(): Promise<void> {
    await this.#flush();
    await this.#writing;
    await this.#syncing;
    await onDisk(PUT, this.#file.sync());
  }

  /** Waits until nothing is under way, whether it goes well or not. */
  async settle(): Promise<void> {
    await Promise.allSettled([this.#writing, this.#syncing]);
  }

  async #flush(): Promise<void> {
    if (this.#small.length === 0) return;
    const bytes = joinBytes(this.#small);
    this.#small = [];
    this.#smallBytes = 0;
    await this.#append(bytes);
  }

  async #append(bytes: Uint8Array): Promise<void> {
    await this.#writing;
    this.#writing = quiet(onDisk(PUT, this.#file.append(bytes)));
    this.#unsynced += bytes.length;
    if (this.#unsynced < SYNC_EVERY) return;
    this.#unsynced = 0;
    await this.#writing;
    await this.#syncing;
    this.#syncing = quiet(onDisk(PUT, this.#file.sync()));
  }
}

const PUT = "put the table";

/** The promise, whose error is thrown when it is awaited, and does not end the process. */
function quiet(promise: Promise<void>): Promise<void> {
  promise.catch(() => {});
  return promise;
}
