/**
 * Puts a table as one object, or its batches in pieces and an object that names them.
 *
 * @module
 */
import { framedBytes, ipcStreamBytes } from "../../flight/arrow/format/ipc_stream.ts";
import type {
  StorePutOptions,
  TableEntry,
  TableMessage,
  TablePiece,
} from "../store.ts";
import { TableFileWriter, type TableHead } from "../table_file/write_table.ts";
import type { Bucket } from "./bucket.ts";
import { type PartLimits, PartSink } from "./part_sink.ts";
import { pieceId, pieceKey } from "./piece_keys.ts";

/** How a table is cut into objects and parts. */
export interface UploadLimits extends PartLimits {
  /** The bytes that a piece should have at most; `Infinity` for no pieces. */
  readonly pieceBytes: number;
}

/** An object that is written. */
class ObjectWriter {
  readonly sink: PartSink;
  readonly writer: TableFileWriter;

  constructor(bucket: Bucket, key: string, limits: PartLimits, head: TableHead) {
    this.sink = new PartSink(bucket, key, limits);
    this.writer = new TableFileWriter(this.sink, head);
  }
}

/**
 * The upload of a table. With pieces, nobody knows of them until the table's object is
 * committed, and a piece is never changed: whoever reads them reads one version.
 *
 * Only what is larger than a part is cut, and only where batches follow each other:
 * from the first dictionary on, all that comes is in one piece.
 */
export class TableUpload {
  readonly #bucket: Bucket;
  readonly #key: string;
  readonly #limits: UploadLimits;
  readonly #head: Required<TableHead>;
  readonly #main: ObjectWriter;
  /** What came as long as it is not known whether there will be pieces. */
  #held: TableMessage[] | undefined;
  #heldBytes = 0;
  #schema: TableMessage | undefined;
  #piece: ObjectWriter | undefined;
  #canCut = true;
  readonly #pieces: TablePiece[] = [];

  /** An upload of a table whose object has this key. */
  constructor(bucket: Bucket, key: string, limits: UploadLimits, head: TableHead) {
    this.#bucket = bucket;
    this.#key = key;
    this.#limits = limits;
    this.#head = { ...head, revision: crypto.randomUUID() };
    this.#main = new ObjectWriter(bucket, key, limits, this.#head);
    if (limits.pieceBytes < Infinity) this.#held = [];
  }

  /** Takes the next message. */
  async write(message: TableMessage): Promise<void> {
    if (this.#limits.pieceBytes === Infinity) {
      return await this.#main.writer.write(message);
    }
    if (this.#held === undefined) return await this.#writePiece(message);
    this.#held.push(message);
    this.#heldBytes += framedBytes(message);
    if (this.#heldBytes <= this.#limits.partBytes) return;
    const held = this.#held;
    this.#held = undefined;
    for (const message of held) await this.#writePiece(message);
  }

  /** Puts all that was written, and shows nothing of it; gives what is known of it. */
  async end(): Promise<TableEntry> {
    for (const message of this.#held ?? []) await this.#main.writer.write(message);
    if (this.#schema !== undefined) {
      await this.#endPiece();
      await this.#main.writer.write(this.#schema);
    }
    const entry = await this.#main.writer.end(this.#allPieces());
    await this.#main.sink.end();
    return entry;
  }

  /** Puts the table in its place, if the condition holds; gives its etag. */
  async commit(condition: StorePutOptions): Promise<string> {
    return await this.#main.sink.commit(condition);
  }

  /** Removes what was put. */
  async abort(): Promise<void> {
    await this.#main.sink.abort();
    await this.#piece?.sink.abort();
    for (const { id } of this.#pieces) {
      await this.#bucket.remove(pieceKey(this.#key, id)!);
    }
  }

  async #writePiece(message: TableMessage): Promise<void> {
    if (this.#schema === undefined) {
      this.#schema = message;
      return;
    }
    this.#canCut &&= message.rows > 0;
    const { rows = 0, bytes = 0 } = this.#piece?.writer ?? {};
    const isFull = bytes + framedBytes(message) > this.#limits.pieceBytes;
    if (this.#canCut && rows > 0 && isFull) await this.#endPiece();
    this.#piece ??= await this.#beginPiece(this.#schema);
    await this.#piece.writer.write(message);
  }

  async #beginPiece(schema: TableMessage): Promise<ObjectWriter> {
    const key = pieceKey(this.#key, this.#nextId())!;
    const piece = new ObjectWriter(this.#bucket, key, this.#limits, this.#head);
    await piece.writer.write(schema);
    return piece;
  }

  async #endPiece(): Promise<void> {
    if (this.#piece === undefined) return;
    const { writer, sink } = this.#piece;
    const { rows, bytes } = await writer.end();
    await sink.end();
    await sink.commit({});
    this.#pieces.push({ id: this.#nextId(), rows, bytes });
    this.#piece = undefined;
  }

  #nextId(): string {
    return pieceId(this.#head.revision, this.#pieces.length);
  }

  #allPieces() {
    if (this.#schema === undefined) return undefined;
    const alone = ipcStreamBytes([this.#schema]);
    let [rows, bytes] = [0, alone];
    for (const piece of this.#pieces) {
      rows += piece.rows;
      bytes += piece.bytes - alone;
    }
    return { pieces: this.#pieces, rows, bytes };
  }
}
