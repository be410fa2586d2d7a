/**
 * apache-arrow's batches from messages that were verified.
 *
 * @module
 */
import {
  Data,
  type DataType,
  type DenseUnion,
  makeData,
  Message,
  RecordBatch,
  Schema,
  type SparseUnion,
  Struct,
  Vector,
} from "apache-arrow";
import { CompressedVectorLoader } from "apache-arrow/visitor/vectorloader";
import { Message as FlatMessage } from "apache-arrow/fb/message";
import { ByteBuffer } from "flatbuffers";
import { arrowSchema } from "./read_arrow_schema.ts";
import { checkMetadata } from "./readable_metadata.ts";
import { decompressBuffer } from "../format/compression.ts";
import { FlightError, type FlightErrorCode } from "../../errors.ts";
import {
  MetadataVersion,
  type VerifiedDictionary,
  type VerifiedRecordBatch,
  type VerifiedSchema,
} from "../format/verified_message.ts";
import { hasDictionary } from "../encode/wire_schema.ts";

/** What {@linkcode BatchLoader} asks before it uses a message's values. */
export type ValueCheck = (
  message: VerifiedRecordBatch | VerifiedDictionary,
  buffers: readonly Uint8Array[],
) => void;

/** How {@linkcode BatchLoader} loads. */
export interface LoadOptions {
  /** The columns' indices, in ascending order. */
  columns: readonly number[];
  /** The code of the error that bad compressed bytes give. */
  code: FlightErrorCode;
  /** Throws when values are not what their type demands. */
  check: ValueCheck;
}

/** A dictionary and what was added to it. */
interface DictionaryParts {
  readonly chunks: Data[];
  /** How many rows they have in all. */
  readonly rows: number;
  /** How many bytes they have in all. */
  readonly bytes: number;
  /** The values that were read: a delta changes none of them. */
  readonly read: unknown[];
}

/** Types without bytes, such as Null, make columns of any length cheap to send. */
const MAX_LENGTH = 2 ** 31 - 1;
/** apache-arrow counts the rows before each batch, or part of a dictionary, in 32 bits. */
const MAX_ROWS = 2 ** 32 - 1;

/**
 * The most values of a dictionary that has not even a bit for each: apache-arrow makes
 * an array as long as the dictionary for every map that is read, whose keys are in it.
 */
const MAX_FREE_VALUES = 2 ** 16;

/**
 * Checks that one table, or one dictionary, can have so many rows.
 *
 * @throws {FlightError} UNIMPLEMENTED when it cannot.
 */
export function checkRows(rows: number, most: number = MAX_ROWS): void {
  if (rows <= most) return;
  throw new FlightError(
    "UNIMPLEMENTED",
    `Cannot read ${rows} rows: apache-arrow for JavaScript takes ${most} at most`,
  );
}

/** Loads the batches of one stream, and keeps its dictionaries. */
export class BatchLoader {
  /** The schema of the batches. */
  readonly schema: Schema;
  readonly #version: VerifiedSchema["version"];
  readonly #options: LoadOptions;
  /** The dictionaries as they are now. */
  readonly #parts = new Map<number, DictionaryParts>();
  /** The same for apache-arrow; a batch keeps those that it was loaded with. */
  readonly #dictionaries = new Map<number, Vector>();
  /** Which of them changed since they were used. */
  readonly #changed = new Set<number>();

  /** A loader for the stream that starts with this schema message. */
  constructor(
    header: Uint8Array,
    verified: VerifiedSchema,
    options: LoadOptions,
  ) {
    this.schema = arrowSchema(header, verified, options.columns);
    this.#version = verified.version;
    this.#options = options;
    for (const [id, type] of this.schema.dictionaries) {
      // A batch of nulls may come before its dictionary, and then has this one.
      this.#keep(id, partsOf(new Data(type, 0, 0)));
    }
  }

  /** The batch of a message. Its columns are views of the body where that is possible. */
  async batch(
    header: Uint8Array,
    message: VerifiedRecordBatch,
    body: Uint8Array,
  ): Promise<RecordBatch> {
    const projected = project(message, this.#options.columns);
    const types = this.schema.fields.map((field) => field.type);
    const children = await this.#load(projected, projected, types, body);
    checkMetadata(FlatMessage.getRootAsMessage(new ByteBuffer(header)), "batch");
    const { metadata } = Message.decode(header);
    const empty = makeData({
      type: new Struct([]),
      length: message.rows,
      nullCount: 0,
    });
    // The constructor would merge columns of one name, and takes quadratic time for
    // many columns: so it gets none.
    return Object.assign(new RecordBatch(new Schema(), empty, metadata), {
      schema: this.schema,
      data: makeData({
        type: new Struct(this.schema.fields),
        length: message.rows,
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
    const { chunks, rows, bytes, read } = this.#parts.get(id)!;
    if (!message.isDelta) return this.#keep(id, partsOf(values));
    // In the same array, as each of many deltas would else cost what came before it.
    chunks.push(values);
    this.#keep(id, {
      chunks,
      rows: rows + values.length,
      bytes: bytes + values.byteLength,
      read,
    });
  }

  #keep(id: number, parts: DictionaryParts): void {
    const { rows, bytes } = parts;
    checkRows(rows);
    if (rows > MAX_FREE_VALUES && rows > 8 * bytes) {
      throw new FlightError(
        "UNIMPLEMENTED",
        `Cannot read a dictionary of ${rows} values in ${bytes} bytes: where a value takes less than a bit, ${MAX_FREE_VALUES} are the most`,
      );
    }
    this.#parts.set(id, parts);
    this.#changed.add(id);
  }

  /**
   * Makes vectors of the dictionaries that changed: only now that they are used, as
   * each of many deltas would cost as much as all that came before it.
   */
  #finishDictionaries(): void {
    for (const id of this.#changed) {
      this.#dictionaries.set(id, dictionaryVector(this.#parts.get(id)!));
    }
    this.#changed.clear();
  }

  async #load(
    message: VerifiedRecordBatch | VerifiedDictionary,
    batch: VerifiedRecordBatch,
    types: readonly DataType[],
    body: Uint8Array,
  ): Promise<Data[]> {
    const { compression } = batch;
    for (const { length } of batch.nodes) checkRows(length, MAX_LENGTH);
    const buffers: Uint8Array[] = [];
    for (const { offset, length } of batch.buffers) {
      const bytes = body.subarray(offset, offset + length);
      const { code } = this.#options;
      buffers.push(aligned(
        compression === undefined
          ? bytes
          : await decompressBuffer(bytes, compression, code),
      ));
    }
    this.#options.check(message, buffers);
    if (types.some(hasDictionary)) this.#finishDictionaries();
    const Loader = this.#version === MetadataVersion.V4
      ? UnionBitmapLoader
      : CompressedVectorLoader;
    return new Loader(
      buffers,
      [...batch.nodes],
      [...batch.buffers],
      this.#dictionaries,
      this.#version,
      [...batch.variadicCounts],
    ).visitMany([...types]);
  }
}

/** A dictionary to which nothing was added yet. */
function partsOf(values: Data): DictionaryParts {
  const { length, byteLength } = values;
  return { chunks: [values], rows: length, bytes: byteLength, read: [] };
}

/**
 * The dictionary as apache-arrow takes it. It remembers values, so that a text is
 * decoded once: not by `memoize()`, which takes room for all values at once, and
 * would do so again after each delta. With indices of 64 bits apache-arrow asks for
 * values by bigints, which its vectors do not take.
 */
function dictionaryVector({ chunks, read }: DictionaryParts): Vector {
  const values = new Vector([...chunks]);
  const get = values.get.bind(values);
  return Object.defineProperty(values, "get", {
    value: (index: number | bigint) => {
      const row = Number(index);
      return read[row] ??= get(row);
    },
  });
}

/** Reads unions as they were before V5, with a bitmap that apache-arrow overlooks. */
class UnionBitmapLoader extends CompressedVectorLoader {
  override visitDenseUnion<T extends DenseUnion>(
    type: T,
    node = this.nextFieldNode(),
  ): Data<T> {
    this.#skipBitmap(node.nullCount);
    return super.visitDenseUnion(type, node);
  }

  override visitSparseUnion<T extends SparseUnion>(
    type: T,
    node = this.nextFieldNode(),
  ): Data<T> {
    this.#skipBitmap(node.nullCount);
    return super.visitSparseUnion(type, node);
  }

  #skipBitmap(nullCount: number): void {
    this.nextBufferRange();
    if (nullCount > 0) {
      throw new FlightError(
        "UNIMPLEMENTED",
        "Cannot read a union with nulls of its own, which Arrow 1.0 did away with",
      );
    }
  }
}

/** The bytes at a multiple of 8, where a view of any type can be put on them. */
function aligned(bytes: Uint8Array): Uint8Array {
  return bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes);
}

/** The batch with these columns only. */
function project(
  batch: VerifiedRecordBatch,
  columns: readonly number[],
): VerifiedRecordBatch {
  if (columns.length === batch.fields.length) return batch;
  const wanted = new Set(columns);
  const picked: VerifiedRecordBatch[] = [];
  let node = 0;
  let buffer = 0;
  let variadic = 0;
  batch.fields.forEach((field, index) => {
    const { parts } = field;
    const variadicCounts = batch.variadicCounts.slice(
      variadic,
      variadic + parts.variadics,
    );
    const size = variadicCounts.reduce((sum, count) => sum + count, parts.buffers);
    if (wanted.has(index)) {
      const nodes = batch.nodes.slice(node, node + parts.nodes);
      const buffers = batch.buffers.slice(buffer, buffer + size);
      picked.push({ ...batch, fields: [field], nodes, buffers, variadicCounts });
    }
    node += parts.nodes;
    buffer += size;
    variadic += parts.variadics;
  });
  return {
    ...batch,
    fields: picked.flatMap((part) => part.fields),
    nodes: picked.flatMap((part) => part.nodes),
    buffers: picked.flatMap((part) => part.buffers),
    variadicCounts: picked.flatMap((part) => part.variadicCounts),
  };
}
