/**
 * apache-arrow's batches from messages that were verified.
 *
 * @module
 */
import {
  type Data,
  type DataType,
  makeData,
  RecordBatch,
  Schema,
  Struct,
} from "apache-arrow";
import type { FlightErrorCode } from "../../errors.ts";
import { hasDictionary } from "../encode/stream_schema.ts";
import {
  allRegions,
  type BatchColumn,
  bytesIn,
  withBytes,
} from "../format/batch_columns.ts";
import { decompressBuffer } from "../compression/compression.ts";
import { MAX_ROWS } from "../format/field_layout.ts";
import { MessageHeader } from "../format/message_header.ts";
import type {
  BufferRegion,
  VerifiedColumn,
  VerifiedDictionary,
  VerifiedRecordBatch,
  VerifiedSchema,
} from "../format/verified_message.ts";
import { checkRows } from "./check_rows.ts";
import { Dictionaries } from "./dictionaries.ts";
import { loadColumn } from "./load_columns.ts";
import { readArrowSchema } from "./read_arrow_schema.ts";
import { textMetadata } from "./text_metadata.ts";

/** How {@linkcode BatchLoader} loads. */
export interface LoadOptions {
  /** The columns' indices, in ascending order. */
  columns: readonly number[];
  /** The code of the error that bad compressed bytes give. */
  code: FlightErrorCode;
  /** Is called before a message's values are used; throws when a reader must not follow them. */
  check(
    message: VerifiedRecordBatch | VerifiedDictionary,
    columns: readonly BatchColumn[],
  ): void;
}

/** Loads the batches of one stream, and keeps its dictionaries. */
export class BatchLoader {
  /** The schema of the batches. */
  readonly schema: Schema;
  readonly #options: LoadOptions;
  readonly #dictionaries: Dictionaries;

  /** A loader for the stream that starts with this schema message. */
  constructor(header: Uint8Array, verified: VerifiedSchema, options: LoadOptions) {
    this.schema = readArrowSchema(header, verified, options.columns);
    this.#options = options;
    this.#dictionaries = new Dictionaries(this.schema.dictionaries);
  }

  /** The batch of a message. Its columns are views of the body where that is possible. */
  async batch(
    header: Uint8Array,
    message: VerifiedRecordBatch,
    body: Uint8Array,
  ): Promise<RecordBatch> {
    const { fields } = this.schema;
    const columns = this.#options.columns.map((index) => message.columns[index]);
    const types = fields.map((field) => field.type);
    const children = await this.#load(message, { ...message, columns }, types, body);
    const metadata = textMetadata(new MessageHeader(header).readMetadata(), "batch");
    const { rows } = message;
    const empty = makeData({ type: new Struct([]), length: rows, nullCount: 0 });
    // The constructor would merge columns of one name, and takes quadratic time for
    // many columns: so it gets none.
    return Object.assign(new RecordBatch(new Schema(), empty, metadata), {
      schema: this.schema,
      data: makeData({
        type: new Struct(fields),
        length: rows,
        nullCount: 0,
        children,
      }),
    });
  }

  /** Takes the dictionary of a message, if one of the columns needs it. */
  async dictionary(message: VerifiedDictionary, body: Uint8Array): Promise<void> {
    const id = Number(message.id);
    const type = this.schema.dictionaries.get(id);
    if (type === undefined) return;
    const [values] = await this.#load(message, message.batch, [type], body);
    if (message.isDelta) this.#dictionaries.add(id, values);
    else this.#dictionaries.replace(id, values);
  }

  /** The columns of a batch, which may be some of those that the message has. */
  async #load(
    message: VerifiedRecordBatch | VerifiedDictionary,
    batch: VerifiedRecordBatch,
    types: readonly DataType[],
    body: Uint8Array,
  ): Promise<Data[]> {
    batch.columns.forEach(checkLength);
    const columns = withBytes(batch.columns, await this.#bytesOf(batch, body));
    this.#options.check(message, columns);
    const dictionaries = types.some(hasDictionary)
      ? this.#dictionaries.vectors()
      : new Map();
    return columns.map((column, index) =>
      loadColumn(column, types[index], dictionaries)
    );
  }

  /** The bytes of each buffer, decompressed, where a view of any type can be put on them. */
  async #bytesOf(
    { columns, compression }: VerifiedRecordBatch,
    body: Uint8Array,
  ): Promise<(region: BufferRegion) => Uint8Array> {
    const bytesOf = bytesIn(body);
    if (compression === undefined) return (region) => aligned(bytesOf(region));
    const decompressed = new Map<BufferRegion, Uint8Array>();
    for (const region of allRegions(columns)) {
      const { code } = this.#options;
      const bytes = await decompressBuffer(bytesOf(region), compression, code);
      decompressed.set(region, aligned(bytes));
    }
    return (region) => decompressed.get(region)!;
  }
}

function checkLength({ node, children }: VerifiedColumn): void {
  checkRows(node.length, MAX_ROWS);
  children.forEach(checkLength);
}

/** The bytes at a multiple of 8; a copy when they are not there. */
function aligned(bytes: Uint8Array): Uint8Array {
  return bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes);
}
