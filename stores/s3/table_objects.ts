/**
 * The tables' objects in a bucket, and what is known of them.
 *
 * @module
 */
import type { StoredTable, TableEntry } from "../store.ts";
import {
  type KnownFile,
  KnownFiles,
  problemOf,
  type StoreProblem,
} from "../table_file/known_files.ts";
import { fileNameOf } from "../table_file/file_name.ts";
import { readFile, TAIL_BYTES } from "../table_file/read_file.ts";
import { damagedTable } from "../table_file/table_errors.ts";
import { DamagedFile } from "../table_file/trailer.ts";
import type { Bucket, ObjectEnd, ObjectStat } from "./bucket.ts";
import { storedObject } from "./stored_object.ts";

/** An object as it was looked at. */
export interface FoundObject extends KnownFile {
  readonly key: string;
  /** Its last bytes, or all. */
  readonly tail: Uint8Array;
}

/** A table that was found for a list. */
export interface ListedTable {
  readonly stat: ObjectStat;
  readonly entry: TableEntry;
}

/** How objects are read. */
export interface TableObjectsOptions {
  /** How long nothing may come of a body that is read, in milliseconds. */
  readonly maxIdleTime: number;
  /** Called once for each object that is skipped. */
  onProblem(problem: StoreProblem): void;
}

/**
 * The bytes that are read at an object's end when a table is asked for: all of a small
 * table, and of a large one mostly all but its messages.
 */
const END_BYTES = 64 * 1024;

/** The objects under a prefix. */
export class TableObjects {
  readonly #bucket: Bucket;
  readonly #prefix: string;
  readonly #options: TableObjectsOptions;
  readonly #known: KnownFiles;

  /** The objects whose keys begin with the prefix. */
  constructor(bucket: Bucket, prefix: string, options: TableObjectsOptions) {
    this.#bucket = bucket;
    this.#prefix = prefix;
    this.#options = options;
    this.#known = new KnownFiles((fileName, damage) =>
      options.onProblem(problemOf(prefix + fileName, damage))
    );
  }

  /** The name of the file that the object of this key would be. */
  fileNameOf(key: string): string {
    return key.slice(this.#prefix.length);
  }

  /** What the object of this file name is now; `changed` when it became another. */
  async look(
    fileName: string,
    length: number = END_BYTES,
  ): Promise<FoundObject | "changed" | undefined> {
    const key = this.#prefix + fileName;
    const end = await this.#bucket.readEnd(key, length);
    if (end === undefined) {
      this.#known.delete(fileName);
      return undefined;
    }
    const known = this.#known.get(fileName);
    if (known?.version === end.etag) return { ...known, key, tail: end.bytes };
    const content = await this.#read(fileName, end);
    if (content === undefined) return "changed";
    if (content instanceof DamagedFile && await this.#isOther(key, end.etag)) {
      return "changed";
    }
    const found = { version: end.etag, content: withRevision(content, end.etag) };
    return { ...this.#known.set(fileName, found), key, tail: end.bytes };
  }

  /**
   * The same, and the table's messages with it, of one version: both are asked for at
   * the same moment.
   */
  async lookAndRead(name: string): Promise<StoredTable | "changed" | undefined> {
    const fileName = fileNameOf(name);
    const looking = this.look(fileName);
    const streaming = this.#bucket.stream(this.#prefix + fileName, 0);
    const both = Promise.all([looking, streaming]);
    const [found, stream] = await both.catch(async (error) => {
      // When one has failed, nothing is left of the other.
      await looking.catch(() => {});
      await (await streaming.catch(() => undefined))?.body.cancel();
      throw error;
    });
    if (found === undefined && stream === undefined) return undefined;
    const isOne = found !== undefined && found !== "changed" &&
      found.version === stream?.etag;
    if (!isOne || found.content instanceof DamagedFile) await stream?.body.cancel();
    return isOne ? this.stored(name, found, stream?.body) : "changed";
  }

  /** What the object is that a list tells of, which is read only if it has changed. */
  async list(stat: ObjectStat): Promise<ListedTable | undefined> {
    const fileName = this.fileNameOf(stat.key);
    let known = this.#known.get(fileName);
    if (known?.version !== stat.etag) {
      const found = await this.look(fileName, TAIL_BYTES);
      if (found === undefined) return undefined;
      // An object that is replaced all the time is listed as it was last known.
      if (found !== "changed") known = found;
    }
    if (known === undefined || known.content instanceof DamagedFile) return undefined;
    return { stat, entry: known.content.entry };
  }

  /** The object of this key, which has a piece of the table in the object's file. */
  async lookAtPiece(key: string, fileName: string): Promise<FoundObject | undefined> {
    const end = await this.#bucket.readEnd(key, END_BYTES);
    const content = end && await this.#read(fileName, end);
    if (end === undefined || content === undefined) return undefined;
    return { key, version: end.etag, content, tail: end.bytes };
  }

  /**
   * The table of this name in an object that was found.
   *
   * @throws {FlightError} DATA_LOSS, when it is damaged.
   */
  stored(
    name: string,
    found: FoundObject,
    body?: ReadableStream<Uint8Array>,
  ): StoredTable {
    const { key, version, content, tail } = found;
    if (content instanceof DamagedFile) throw damagedTable(name, content);
    return storedObject({
      bucket: this.#bucket,
      key,
      etag: version,
      file: content,
      tail,
      body,
      maxIdleTime: this.#options.maxIdleTime,
      isDamaged: (damage) => this.#isDamaged(key, version, damage),
    });
  }

  /** Skips the object from now on, if it is not one that has just been replaced. */
  async #isDamaged(key: string, version: string, damage: DamagedFile) {
    const fileName = this.fileNameOf(key);
    if (await this.#isOther(key, version)) {
      this.#known.delete(fileName);
      return false;
    }
    this.#known.set(fileName, { version, content: damage });
    return true;
  }

  /**
   * Whether the object is another than this version by now. What seems to be damaged
   * may be parts of two versions: some stores give those while an object is replaced.
   */
  async #isOther(key: string, version: string): Promise<boolean> {
    return (await this.#bucket.stat(key))?.etag !== version;
  }

  /** What an object is, of which this is the end; undefined when it is gone by now. */
  async #read(
    fileName: string,
    end: ObjectEnd,
  ): Promise<KnownFile["content"] | undefined> {
    const { key, etag, size, bytes } = end;
    let isGone = false;
    const last = async (length: number): Promise<Uint8Array> => {
      const more = await this.#bucket.read(key, etag, size - length, size);
      isGone = more === undefined;
      return more ?? bytes;
    };
    const content = await readFile(fileName, size, last, bytes);
    return isGone ? undefined : content;
  }
}

/** The same with the etag as the revision, which a list of the bucket tells, too. */
function withRevision(
  content: KnownFile["content"],
  revision: string,
): KnownFile["content"] {
  if (content instanceof DamagedFile) return content;
  return { ...content, entry: { ...content.entry, revision } };
}
