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
import {
  type KnownFile,
  KnownFiles,
  problemOf,
  type StoreProblem,
} from "../table_file/known_files.ts";
import { readFile, TAIL_BYTES } from "../table_file/read_file.ts";
import { damagedTable, goneVersion } from "../table_file/table_errors.ts";
import { DamagedFile } from "../table_file/trailer.ts";
import type { Bucket, ObjectEnd, ObjectStat } from "./bucket.ts";
import { pieceKey } from "./piece_keys.ts";
import { StalePieces } from "./stale_pieces.ts";
import { storedObject } from "./stored_object.ts";
import { TableUpload, type UploadLimits } from "./table_upload.ts";

/** How a {@linkcode BucketStore} uses its bucket. */
export interface BucketLimits extends UploadLimits {
  /** How long nothing may come of a body that is read, in milliseconds. */
  readonly maxIdleTime: number;
  /** How long URLs of objects can be used, in milliseconds; 0 for no URLs. */
  readonly signedFor: number;
}

/**
 * The bytes that are read at an object's end when a table is asked for: all of a small
 * table, and of a large one mostly all but its messages.
 */
const END_BYTES = 64 * 1024;
/** How many objects are looked at together. */
const LOOKED_AT = 32;
/** How often a table is looked for that is replaced each time. */
const MAX_LOOKS = 5;
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
  readonly #onProblem: (problem: StoreProblem) => void;
  readonly #known: KnownFiles;
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
    this.#onProblem = onProblem;
    this.#known = new KnownFiles((fileName, damage) =>
      onProblem(problemOf(prefix + fileName, damage))
    );
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
    const fileName = fileNameOf(name);
    for (let look = 0; look < MAX_LOOKS; look++) {
      const found = await this.#look(fileName, END_BYTES);
      if (found === "changed") continue;
      if (found === undefined) return undefined;
      const { version, content, tail } = found;
      if (content instanceof DamagedFile) throw damagedTable(name, content);
      const table = storedObject({
        bucket: this.#bucket,
        key: this.#prefix + fileName,
        etag: version,
        file: content,
        tail,
        maxIdleTime: this.#limits.maxIdleTime,
        onDamage: (damage) => this.#known.set(fileName, { version, content: damage }),
      });
      const { pieces } = table;
      if (pieces === undefined) return table;
      return { ...table, messages: () => this.#readPieces(table, pieces) };
    }
    throw goneVersion(name);
  }

  /** A piece of a table; undefined when it is gone. */
  async getPiece(name: string, id: string): Promise<StoredTable | undefined> {
    const fileName = fileNameOf(name);
    const key = pieceKey(this.#prefix + fileName, id);
    if (key === undefined) return undefined;
    const end = await this.#bucket.readEnd(key, END_BYTES);
    if (end === undefined) return undefined;
    const content = await this.#read(fileName, end);
    if (content === undefined) return undefined;
    if (content instanceof DamagedFile) throw damagedTable(name, content);
    return storedObject({
      bucket: this.#bucket,
      key,
      etag: end.etag,
      file: content,
      tail: end.bytes,
      maxIdleTime: this.#limits.maxIdleTime,
      onDamage: (damage) => this.#onProblem(problemOf(key, damage)),
    });
  }

  /** The tables whose names begin with the prefix, by name. */
  async *list(prefix: string): AsyncGenerator<TableEntry> {
    const names: { readonly name: string; readonly stat: ObjectStat }[] = [];
    const unknown: ObjectStat[] = [];
    for await (const stat of this.#bucket.list(this.#prefix + filePrefixOf(prefix))) {
      const fileName = stat.key.slice(this.#prefix.length);
      const name = nameOfFile(fileName);
      if (name !== undefined) names.push({ name, stat });
      else if (isTableFile(fileName)) unknown.push(stat);
    }
    const looked = mapAhead(unknown, LOOKED_AT, (stat) => this.#find(stat));
    for await (const found of looked) {
      if (found === undefined) continue;
      names.push({ name: found.entry.name, stat: found.stat });
    }
    const wanted = names.filter(({ name }) => name.startsWith(prefix))
      .sort((one, other) => one.name < other.name ? -1 : 1);
    const tables = mapAhead(wanted, LOOKED_AT, ({ stat }) => this.#find(stat));
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
  }

  /** The keys of the pieces that the table has now whose object has this key. */
  async #pieceKeys(key: string): Promise<Set<string>> {
    const found = await this.#look(key.slice(this.#prefix.length), TAIL_BYTES);
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
      const etag = await this.#etagOf(key, revision);
      if (etag === undefined) throw error;
      return etag;
    }
  }

  /** The etag of the object if it is the one that was written with this revision. */
  async #etagOf(key: string, revision: string): Promise<string | undefined> {
    const end = await this.#bucket.readEnd(key, END_BYTES);
    if (end === undefined) return undefined;
    const fileName = key.slice(this.#prefix.length);
    const content = await this.#read(fileName, end);
    const isOurs = content !== undefined && !(content instanceof DamagedFile) &&
      content.id === revision;
    return isOurs ? end.etag : undefined;
  }

  /** What the object is now, which is read only where the list shows that it changed. */
  async #find(stat: ObjectStat): Promise<FoundTable | undefined> {
    const fileName = stat.key.slice(this.#prefix.length);
    let known = this.#known.get(fileName);
    if (known?.version !== stat.etag) {
      const found = await this.#look(fileName, TAIL_BYTES);
      // An object that is replaced all the time is listed as it was last known.
      if (found === undefined) return undefined;
      if (found !== "changed") known = found;
    }
    if (known === undefined || known.content instanceof DamagedFile) return undefined;
    return { stat, entry: known.content.entry };
  }

  /** Looks at an object, of which it reads so many bytes at its end. */
  async #look(
    fileName: string,
    length: number,
  ): Promise<LookedAt | "changed" | undefined> {
    const end = await this.#bucket.readEnd(this.#prefix + fileName, length);
    if (end === undefined) {
      this.#known.delete(fileName);
      return undefined;
    }
    const known = this.#known.get(fileName);
    if (known?.version === end.etag) return { ...known, tail: end.bytes };
    const content = await this.#read(fileName, end);
    if (content === undefined) return "changed";
    const found = { version: end.etag, content: withRevision(content, end.etag) };
    return { ...this.#known.set(fileName, found), tail: end.bytes };
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

/** An object as it was looked at. */
interface LookedAt extends KnownFile {
  /** Its last bytes, or all. */
  readonly tail: Uint8Array;
}

/** A table that was found for a list. */
interface FoundTable {
  readonly stat: ObjectStat;
  readonly entry: TableEntry;
}

/** The same with the etag as the revision, which a list of the bucket tells, too. */
function withRevision(
  content: KnownFile["content"],
  revision: string,
): KnownFile["content"] {
  if (content instanceof DamagedFile) return content;
  return { ...content, entry: { ...content.entry, revision } };
}
