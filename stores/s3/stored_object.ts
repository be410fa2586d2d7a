/**
 * A table in an object, as a reader gets it.
 *
 * @module
 */
import { FlightError } from "../../flight/errors.ts";
import { ByteReader } from "../../flight/arrow/format/byte_reader.ts";
import { IdleWatch } from "../../base/idle_watch.ts";
import type { StoredTable, TableMessage } from "../store.ts";
import { BytesSource } from "../table_file/bytes_source.ts";
import { readMessages, type TableSource } from "../table_file/read_messages.ts";
import { damagedTable, goneRest, goneVersion } from "../table_file/table_errors.ts";
import { DamagedFile, type TableFile } from "../table_file/trailer.ts";
import type { Bucket } from "./bucket.ts";

/** A version of an object that has a table. */
export interface TableObject {
  readonly bucket: Bucket;
  readonly key: string;
  readonly etag: string;
  readonly file: TableFile;
  /** Its last bytes, or all. */
  readonly tail: Uint8Array;
  /** How long nothing may come of a body that is read, in milliseconds. */
  readonly maxIdleTime: number;
  /** The body of this version, if it is read already; it is read once. */
  readonly body?: ReadableStream<Uint8Array>;
  /**
   * Called when a message is not as it was written; tells whether this version is
   * damaged, and not replaced.
   */
  isDamaged(damage: DamagedFile): Promise<boolean>;
}

/** How many bodies are tried for the same bytes before reading is given up. */
const MAX_BODIES = 5;

/** The table in this object. */
export function storedObject(object: TableObject): StoredTable {
  return { ...object.file.entry, messages: () => readStored(object) };
}

async function* readStored(object: TableObject): AsyncGenerator<TableMessage> {
  const { name } = object.file.entry;
  let isBegun = false;
  try {
    for await (const message of readObject(object)) {
      isBegun = true;
      yield message;
    }
  } catch (error) {
    if (!(error instanceof DamagedFile)) throw error;
    if (await object.isDamaged(error)) throw damagedTable(name, error);
    throw isBegun ? goneRest(name) : goneVersion(name);
  }
}

async function* readObject(object: TableObject): AsyncGenerator<TableMessage> {
  const { file, tail } = object;
  if (tail.length === file.fileBytes) {
    await object.body?.cancel();
    return yield* readMessages(file, new BytesSource(tail));
  }
  await using source = new ObjectSource(object);
  yield* readMessages(file, source);
}

/** Reads an object's stream in one request, or in more when the body breaks off. */
class ObjectSource implements TableSource, AsyncDisposable {
  readonly #object: TableObject;
  readonly #idle: IdleWatch;
  #body: ByteReader | undefined;
  #position = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(object: TableObject) {
    this.#object = object;
    this.#body = object.body && new ByteReader(object.body);
    this.#idle = new IdleWatch(object.maxIdleTime);
  }

  async readIndex(position: number, length: number): Promise<Uint8Array> {
    const { bucket, key, etag, tail, file } = this.#object;
    const start = position - (file.fileBytes - tail.length);
    if (start >= 0) return tail.subarray(start, start + length);
    const bytes = await bucket.read(key, etag, position, position + length);
    if (bytes === undefined) throw this.#gone();
    if (bytes.length < length) throw new DamagedFile("is cut off");
    return bytes;
  }

  next(length: number): Promise<Uint8Array> {
    const bytes = this.#last.then(() => this.#next(length));
    this.#last = bytes.catch(() => {});
    return bytes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#body?.cancel();
    await this.#last;
    this.#idle.close();
  }

  async #next(length: number): Promise<Uint8Array> {
    let cause: unknown;
    for (let attempt = 0; attempt < MAX_BODIES; attempt++) {
      this.#body ??= await this.#open();
      const body = this.#body;
      try {
        using _ = this.#idle.watch(() => body.progress, () => body.cancel());
        const bytes = await body.read(length);
        this.#position += bytes.length === length ? length : 0;
        if (bytes.length === length) return bytes;
      } catch (error) {
        cause = error;
      }
      // The body has broken off, or was: it is read on from where this block begins.
      await body.cancel();
      this.#body = undefined;
    }
    throw new FlightError(
      "UNAVAILABLE",
      `Cannot read the table "${this.#name}": the object store has broken off several times; try again later`,
      { cause },
    );
  }

  async #open(): Promise<ByteReader> {
    const { bucket, key, etag } = this.#object;
    const stream = await bucket.stream(key, this.#position, etag);
    if (stream === undefined) throw this.#gone();
    return new ByteReader(stream.body);
  }

  get #name(): string {
    return this.#object.file.entry.name;
  }

  /** The error when this version is gone; it depends on whether reading has begun. */
  #gone(): FlightError {
    return this.#position === 0 ? goneVersion(this.#name) : goneRest(this.#name);
  }
}
