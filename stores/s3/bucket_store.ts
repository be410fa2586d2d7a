/**
 * A store of tables in a bucket of any object store.
 *
 * @module
 */
import { mapAhead } from "../../base/map_ahead.ts";
import type { FlightDescriptor } from "../../proto/messages.ts";
import { FlightError } from "../../flight/errors.ts";
import { checkReplaces, mayDrop } from "../conditions.ts";
import type {
  StoreDropOptions,
  StoredTable,
  StorePutOptions,
  TableEntry,
  TableLocation,
  TableMessage,
  TablePiece,
  TablePut,
  TableStore,
} from "../store.ts";
import {
  fileNameOf,
  filePrefixOf,
  isTableFile,
  nameOfFile,
} from "../table_file/file_name.ts";
import type { StoreProblem } from "../table_file/known_files.ts";
import { damagedTable, goneVersion } from "../table_file/table_errors.ts";
import { DamagedFile } from "../table_file/trailer.ts";
import { isGone, TableReading } from "../table_reading.ts";
import type { Bucket, ObjectStat } from "./bucket.ts";
import { pieceKey } from "./piece_keys.ts";
import { StalePieces } from "./stale_pieces.ts";
import { TableObjects } from "./table_objects.ts";
import { TableUpload, type UploadLimits } from "./table_upload.ts";

/** How a {@linkcode BucketStore} uses its bucket. */
export interface BucketLimits extends UploadLimits {
  /** How long nothing may come of a body that is read, in milliseconds. */
  readonly maxIdleTime: number;
  /** How long URLs of objects can be used, in milliseconds; 0 for no URLs. */
  readonly signedFor: number;
}

/** How many objects are looked at together. */
const LOOKED_AT = 32;
/** How often a table is looked for that is replaced each time. */
const MAX_LOOKS = 20;
/**
 * A put that was begun so many milliseconds ago, and has not ended, was left; and for so
 * long the pieces of a table that was replaced can still be read.
 */
const LEFT_AFTER = 24 * 60 * 60 * 1000;

/** Tables in a bucket, each in an object. */
export class BucketStore implements TableStore {
  readonly #bucket: Bucket;
  readonly #prefix: string;
  readonly #limits: BucketLimits;
  readonly #objects: TableObjects;
  readonly #stalePieces: StalePieces;

  /** The tables in the objects whose keys begin with the prefix. */
  constructor(
    bucket: Bucket,
    prefix: string,
    limits: BucketLimits,
    onProblem: (problem: StoreProblem) => void,
  ) {
    this.#bucket = bucket;
    this.#prefix = prefix;
    this.#limits = limits;
    const { maxIdleTime } = limits;
    this.#objects = new TableObjects(bucket, prefix, { maxIdleTime, onProblem });
    this.#stalePieces = new StalePieces(bucket, prefix, {
      piecesOf: (key) => this.#pieceKeys(key),
      keptFor: LEFT_AFTER,
    });
  }

  /** Finds out whether the bucket can be used, and sweeps it. */
  async start(): Promise<void> {
    for await (const _ of this.#bucket.list(this.#prefix)) break;
    await this.sweep();
  }

  /** Removes what puts have left a day ago, and pieces that no table has for a day. */
  async sweep(): Promise<void> {
    const before = new Date(Date.now() - LEFT_AFTER);
    await this.#bucket.abortUploads(this.#prefix, before);
    await this.#stalePieces.sweep();
  }

  /** Puts the table as an object, which takes its place when it is complete. */
  async put(
    name: string,
    descriptor: FlightDescriptor,
    messages: AsyncIterable<TableMessage>,
    options: StorePutOptions = {},
  ): Promise<TablePut> {
    const key = this.#prefix + fileNameOf(name);
    if (options.replaces !== undefined) {
      checkReplaces((await this.#bucket.stat(key))?.etag, options);
    }
    const upload = new TableUpload(this.#bucket, key, this.#limits, {
      name,
      descriptor,
    });
    try {
      for await (const message of messages) await upload.write(message);
      const entry = await upload.end();
      const replaced = options.replaces === undefined
        ? (await this.#bucket.stat(key))?.etag
        : options.replaces ?? undefined;
      const revision = await this.#commit(upload, key, entry, options);
      return { ...entry, revision, replaced };
    } catch (error) {
      // What cannot be reached to be removed is swept later.
      await upload.abort().catch(() => {});
      throw error;
    }
  }

  /** The table of this name; undefined when there is none. */
  async get(name: string): Promise<StoredTable | undefined> {
    for (let look = 0; look < MAX_LOOKS; look++) {
      const found = await this.#objects.look(fileNameOf(name));
      if (found === undefined) return undefined;
      if (found !== "changed") return this.#whole(this.#objects.stored(name, found));
    }
    throw goneVersion(name);
  }

  /**
   * Begins to read the table of this name; undefined when there is none. What it is and
   * its messages are two requests: when it was replaced between them, both are made
   * again at the same moment, so that a reader wins against any number of puts.
   */
  async read(name: string): Promise<TableReading | undefined> {
    for (let look = 1;; look++) {
      const table = look === 1
        ? await this.get(name)
        : await this.#objects.lookAndRead(name);
      if (table === undefined) return undefined;
      try {
        if (table === "changed") throw goneVersion(name);
        return await TableReading.begin(look === 1 ? table : this.#whole(table));
      } catch (error) {
        if (!isGone(error) || look === MAX_LOOKS) throw error;
      }
    }
  }

  /** A piece of a table; undefined when it is gone. */
  async getPiece(name: string, id: string): Promise<StoredTable | undefined> {
    const fileName = fileNameOf(name);
    const key = pieceKey(this.#prefix + fileName, id);
    if (key === undefined) return undefined;
    const found = await this.#objects.lookAtPiece(key, fileName);
    return found && this.#objects.stored(name, found);
  }

  /** The tables whose names begin with the prefix, by name. */
  async *list(prefix: string): AsyncGenerator<TableEntry> {
    const names: { readonly name: string; readonly stat: ObjectStat }[] = [];
    const unknown: ObjectStat[] = [];
    for await (const stat of this.#bucket.list(this.#prefix + filePrefixOf(prefix))) {
      const fileName = this.#objects.fileNameOf(stat.key);
      const name = nameOfFile(fileName);
      if (name !== undefined) names.push({ name, stat });
      else if (isTableFile(fileName)) unknown.push(stat);
    }
    const looked = mapAhead(unknown, LOOKED_AT, (stat) => this.#objects.list(stat));
    for await (const found of looked) {
      if (found === undefined) continue;
      names.push({ name: found.entry.name, stat: found.stat });
    }
    const wanted = names.filter(({ name }) => name.startsWith(prefix))
      .sort((one, other) => one.name < other.name ? -1 : 1);
    const tables = mapAhead(wanted, LOOKED_AT, ({ stat }) => this.#objects.list(stat));
    for await (const found of tables) if (found !== undefined) yield found.entry;
  }

  /** A URL of the table's object, or of this piece's; undefined for none. */
  async locate(name: string, piece?: string): Promise<TableLocation | undefined> {
    const { signedFor } = this.#limits;
    const table = this.#prefix + fileNameOf(name);
    const key = piece === undefined ? table : pieceKey(table, piece);
    if (signedFor === 0 || key === undefined) return undefined;
    const seconds = Math.floor(signedFor / 1000);
    const expires = new Date(Date.now() + seconds * 1000);
    return { uri: await this.#bucket.urlOf(key, seconds), expires };
  }

  /** Removes the table's object; false when there is none that may be dropped. */
  async drop(name: string, options: StoreDropOptions = {}): Promise<boolean> {
    const key = this.#prefix + fileNameOf(name);
    const current = (await this.#bucket.stat(key))?.etag;
    if (!mayDrop(current, options)) return false;
    return await this.#bucket.remove(key, options.revision);
  }

  /** The table with all its messages, though they may be in pieces. */
  #whole(table: StoredTable): StoredTable {
    const { pieces } = table;
    if (pieces === undefined) return table;
    return { ...table, messages: () => this.#readPieces(table, pieces) };
  }

  /** The messages of a table in pieces, each of which begins with the schema. */
  async *#readPieces(
    { name, messages }: StoredTable,
    pieces: readonly TablePiece[],
  ): AsyncGenerator<TableMessage> {
    const open = (index: number) =>
      index < pieces.length ? this.getPiece(name, pieces[index].id) : undefined;
    let next = open(0);
    // An error is thrown when the piece's turn comes.
    next?.catch(() => {});
    try {
      yield* messages();
      for (let index = 0; index < pieces.length; index++) {
        const piece = await next;
        if (piece === undefined) {
          throw damagedTable(name, new DamagedFile("lacks one of its pieces"));
        }
        next = open(index + 1);
        next?.catch(() => {});
        let isSchema = true;
        for await (const message of piece.messages()) {
          if (!isSchema) yield message;
          isSchema = false;
        }
      }
    } finally {
      // No request is left behind by who reads no further.
      await next?.catch(() => {});
    }
  }

  /** The keys of the pieces that the table has now whose object has this key. */
  async #pieceKeys(key: string): Promise<Set<string>> {
    const found = await this.#objects.look(this.#objects.fileNameOf(key));
    if (found === "changed") return await this.#pieceKeys(key);
    const content = found?.content;
    const pieces = content === undefined || content instanceof DamagedFile
      ? []
      : content.entry.pieces ?? [];
    return new Set(pieces.map(({ id }) => pieceKey(key, id) ?? ""));
  }

  /** Completes a put; when it seems to have failed, it may have been made all the same. */
  async #commit(
    upload: TableUpload,
    key: string,
    { revision }: TableEntry,
    options: StorePutOptions,
  ): Promise<string> {
    try {
      return await upload.commit(options);
    } catch (error) {
      const isDoubtful = error instanceof FlightError &&
        (error.code === "FAILED_PRECONDITION" || error.code === "UNAVAILABLE");
      if (!isDoubtful) throw error;
      // The answer to a request was lost, and the request made again.
      const etag = await this.#etagOf(key, revision).catch(() => undefined);
      if (etag === undefined) throw error;
      return etag;
    }
  }

  /** The etag of the object if it is the one that was written with this revision. */
  async #etagOf(key: string, revision: string): Promise<string | undefined> {
    const found = await this.#objects.look(this.#objects.fileNameOf(key));
    const isOurs = found !== undefined && found !== "changed" &&
      !(found.content instanceof DamagedFile) && found.content.id === revision;
    return isOurs ? found.version : undefined;
  }
}
