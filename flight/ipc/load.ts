/**
 * apache-arrow's batches from messages that were verified.
 *
 * @module
 */
import {
  Data,
  DataType,
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
import { arrowSchema } from "./arrow_schema.ts";
import { checkMetadata } from "./check_metadata.ts";
import { decompressBuffer } from "./compression.ts";
import { FlightError, type FlightErrorCode } from "../errors.ts";
import {
  MetadataVersion,
  type VerifiedDictionary,
  type VerifiedRecordBatch,
  type VerifiedSchema,
} from "./verified_message.ts";
import { eachField, hasDictionary } from "./wire_schema.ts";

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

/** Types without bytes, such as Null, make columns of any length cheap to send. */
const MAX_LENGTH = 2 ** 31 - 1;

/** Loads the batches of one stream, and keeps its dictionaries. */
export class BatchLoader {
  /** The schema of the batches. */
  readonly schema: Schema;
  readonly #version: VerifiedSchema["version"];
  readonly #options: LoadOptions;
  /** The dictionaries as they are now; a batch keeps those that it was loaded with. */
  readonly #dictionaries = new Map<number, Vector>();
  /** Which of them changed since they were used. */
  readonly #changed = new Set<number>();
  /** The dictionaries that some column has indices of 64 bits into. */
  readonly #wide = new Set<number>();

  /** A loader for the stream that starts with this schema message. */
  constructor(
    header: Uint8Array,
    verified: VerifiedSchema,
    options: LoadOptions,
  ) {
    this.schema = arrowSchema(header, verified, options.columns);
    this.#version = verified.version;
    this.#options = options;
    eachField(this.schema.fields, ({ type }) => {
      if (DataType.isDictionary(type) && type.indices.bitWidth as number === 64) {
        this.#wide.add(type.id);
      }
    });
    for (const [id, type] of this.schema.dictionaries) {
      // A batch of nulls may come before its dictionary, and then has this one.
      this.#keep(id, new Vector([new Data(type, 0, 0)]));
    }
  }

  /** The batch of a message. Its columns are views of the body where that is possible. */
  batch(
    header: Uint8Array,
    message: VerifiedRecordBatch,
    body: Uint8Array,
  ): RecordBatch {
    const projected = project(message, this.#options.columns);
    const types = this.schema.fields.map((field) => field.type);
    const children = this.#load(projected, projected, types, body);
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
  dictionary(message: VerifiedDictionary, body: Uint8Array): void {
    const id = Number(message.id);
    const type = this.schema.dictionaries.get(id);
    if (type === undefined) return;
    const news = new Vector(this.#load(message, message.batch, [type], body));
    const before = message.isDelta ? this.#dictionaries.get(id) : undefined;
    this.#keep(id, before === undefined ? news : before.concat(news));
  }

  #keep(id: number, values: Vector): void {
    this.#dictionaries.set(id, values);
    this.#changed.add(id);
  }

  /**
   * Memoizes the dictionaries that changed, so that a text is decoded once, as
   * apache-arrow has it: but only now that they are used, as it takes room for all
   * values, and each delta would cost that. With indices of 64 bits apache-arrow
   * asks for values by bigints, which its vectors do not take.
   */
  #finishDictionaries(): void {
    for (const id of this.#changed) {
      const values = this.#dictionaries.get(id)!;
      const get = values.get.bind(values);
      const finished = this.#wide.has(id)
        ? Object.defineProperty(values, "get", {
          value: (index: number | bigint) => get(Number(index)),
        })
        : values.memoize();
      this.#dictionaries.set(id, finished);
    }
    this.#changed.clear();
  }

  #load(
    message: VerifiedRecordBatch | VerifiedDictionary,
    batch: VerifiedRecordBatch,
    types: readonly DataType[],
    body: Uint8Array,
  ): Data[] {
    const { compression } = batch;
    for (const { length } of batch.nodes) {
      if (length <= MAX_LENGTH) continue;
      throw new FlightError(
        "UNIMPLEMENTED",
        `Cannot read ${length} rows: apache-arrow for JavaScript takes ${MAX_LENGTH} at most`,
      );
    }
    const buffers = batch.buffers.map(({ offset, length }) => {
      const bytes = body.subarray(offset, offset + length);
      return aligned(
        compression === undefined
          ? bytes
          : decompressBuffer(bytes, compression, this.#options.code),
      );
    });
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
