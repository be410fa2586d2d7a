/**
 * Batches in, FlightData out.
 *
 * @module
 */
import type { Schema } from "apache-arrow";
import type { FlightDataInit } from "../../../proto/flight_data.ts";
import type { Init } from "../../../proto/message_type.ts";
import type { FlightDescriptor } from "../../../proto/messages.ts";
import {
  isRecordBatchLike,
  isTableLike,
  type RecordBatchLike,
  type SchemaLike,
  type TableLike,
} from "./arrow_like.ts";
import { assemble } from "./assemble.ts";
import { ColumnChecker } from "./check_columns.ts";
import { DictionaryTracker } from "./dictionary_tracker.ts";
import { batchMessage, dictionaryMessage } from "../format/write_message.ts";
import { schemaHeader } from "../decode/decode_schema.ts";
import { type BatchColumns, BatchRebuilder } from "./rebuild_batch.ts";
import { split, type SplitOptions } from "./split_columns.ts";
import type { Compression } from "../format/verified_message.ts";
import { hasDictionary, schemaDifference, wireSchema } from "./wire_schema.ts";

/** A batch, or a batch with app_metadata, or app_metadata alone. */
export type EncodeItem =
  | RecordBatchLike
  | { readonly batch?: RecordBatchLike; readonly appMetadata?: Uint8Array };

/**
 * What {@linkcode encode} takes: a table, a batch, or items as they come. Tables and
 * batches may be of any copy of apache-arrow, from version 14 on.
 */
export type EncodeSource =
  | TableLike
  | RecordBatchLike
  | Iterable<EncodeItem>
  | AsyncIterable<EncodeItem>;

/** How {@linkcode encode} makes messages. */
export interface EncodeOptions {
  /**
   * The stream's schema. It is needed when the source may have no batch.
   * @default the table's, or the first batch's
   */
  schema?: SchemaLike;
  /** What the flight is called; it goes with the first message. */
  descriptor?: Init<FlightDescriptor>;
  /**
   * What a message should stay below, in bytes before compression. Batches and
   * dictionaries are split by rows; a row that is larger goes alone. Flight
   * clients in Go, Rust and .NET take no more than 4 MiB by default.
   * @default 2 MiB
   */
  maxMessageBytes?: number;
  /** How buffers are compressed. @default not at all */
  compression?: Compression;
  /** What the start of every buffer is a multiple of. @default 8 */
  alignment?: 8 | 64;
}

const DEFAULT_MAX_MESSAGE_BYTES = 2 << 20;

/**
 * The messages of a stream with these batches: the schema, then each batch, after
 * the dictionaries that it needs. It works lazily: a batch is pulled when the
 * messages before it are taken. A consumer that stops early ends the source's
 * iterator, too.
 *
 * A stream has one schema: what answers an exchange batch by batch gives `encode`
 * one source of all its batches, and does not call it for each.
 *
 * A batch that is too large for one message becomes several, and its app_metadata
 * goes with the first. A dictionary that grows is continued with a delta; one that
 * changes is sent anew. The bodies are lists of views on the batches' own memory,
 * which must not change before they are sent.
 *
 * Items of app_metadata alone that come before any batch go out before the schema,
 * if that is not known from the options.
 *
 * @throws {TypeError} when a batch does not agree with the stream's schema, in its own
 * schema or in the types of its data; when a column that is declared not nullable has
 * nulls; when there is no schema at all, or a type that Arrow IPC cannot carry.
 * @throws {RangeError} when an option is out of its range.
 *
 * @example A table in messages
 * ```ts
 * import { encode } from "@tinyflight/flight/flight";
 * import { tableFromArrays } from "apache-arrow";
 *
 * const table = tableFromArrays({ ozone: [41, 36, 12] });
 * for await (const message of encode(table)) {
 *   console.log(message.dataHeader?.length); // the schema's, then the batch's
 * }
 * ```
 */
export function encode(
  source: EncodeSource,
  options: EncodeOptions = {},
): AsyncGenerator<FlightDataInit> {
  const {
    maxMessageBytes = DEFAULT_MAX_MESSAGE_BYTES,
    compression,
    alignment,
  } = options;
  if (!(maxMessageBytes > 0)) {
    throw new RangeError(
      `Cannot encode with maxMessageBytes ${maxMessageBytes}`,
    );
  }
  if (
    compression !== undefined && compression !== "lz4" && compression !== "zstd"
  ) {
    throw new RangeError(`Cannot encode with the compression "${compression}"`);
  }
  if (alignment !== undefined && alignment !== 8 && alignment !== 64) {
    throw new RangeError(`Cannot encode with the alignment ${alignment}`);
  }
  const encoder = new Encoder({ maxMessageBytes, compression, alignment });
  if (options.schema !== undefined) encoder.begin(options.schema, []);
  else if (isTableLike(source)) encoder.begin(source.schema, source.batches);
  return describe(encoder.run(itemsOf(source)), options.descriptor);
}

function itemsOf(
  source: EncodeSource,
): Iterable<EncodeItem> | AsyncIterable<EncodeItem> {
  if (isTableLike(source)) return source.batches;
  if (isRecordBatchLike(source)) return [source];
  if (
    typeof source === "object" && source !== null &&
    (Symbol.asyncIterator in source || Symbol.iterator in source)
  ) {
    return source;
  }
  throw new TypeError(
    "Cannot encode the source: it is no table, batch or iterable",
  );
}

/** Puts the descriptor on the first message. */
async function* describe(
  messages: AsyncIterable<FlightDataInit>,
  descriptor: Init<FlightDescriptor> | undefined,
): AsyncGenerator<FlightDataInit> {
  let flightDescriptor = descriptor;
  for await (const message of messages) {
    yield flightDescriptor === undefined ? message : { flightDescriptor, ...message };
    flightDescriptor = undefined;
  }
}

/** One stream on its way out. */
class Encoder {
  readonly #options: SplitOptions;
  readonly #rebuilder = new BatchRebuilder();
  readonly #dictionaries = new DictionaryTracker();
  readonly #checker = new ColumnChecker();
  /** The schemas that were found to agree with the stream's. */
  readonly #accepted = new WeakSet<Schema>();
  #schema: Schema | undefined;

  constructor(options: SplitOptions) {
    this.#options = options;
  }

  /** Sets the stream's schema, as it is known from batches that will come. */
  begin(schema: SchemaLike, batches: readonly RecordBatchLike[]): Schema {
    return this.#schema = wireSchema(this.#rebuilder.schema(schema, batches));
  }

  async *run(
    items: Iterable<EncodeItem> | AsyncIterable<EncodeItem>,
  ): AsyncGenerator<FlightDataInit> {
    let isSchemaSent = false;
    let count = 0;
    if (this.#schema !== undefined) {
      yield { dataHeader: schemaHeader(this.#schema) };
      isSchemaSent = true;
    }
    for await (const item of items) {
      if (typeof item !== "object" || item === null) {
        throw new TypeError(`Cannot encode an item: it is ${item}, and no batch`);
      }
      const { batch, appMetadata } = isRecordBatchLike(item)
        ? { batch: item, appMetadata: undefined }
        : item;
      count++;
      if (batch === undefined) {
        if (!("batch" in item || "appMetadata" in item)) {
          throw new TypeError(
            "Cannot encode an item: it has neither `batch` nor `appMetadata`",
          );
        }
        if (appMetadata !== undefined && appMetadata.length > 0) yield { appMetadata };
        continue;
      }
      if (!isRecordBatchLike(batch)) {
        throw new TypeError("Cannot encode an item: its `batch` is no RecordBatch");
      }
      const columns = this.#rebuilder.columns(batch);
      const schema = this.#schema ?? this.begin(batch.schema, [batch]);
      this.#check(schema, columns);
      if (!isSchemaSent) yield { dataHeader: schemaHeader(schema) };
      isSchemaSent = true;
      yield* this.#messages(schema, columns, appMetadata);
    }
    if (!isSchemaSent && count === 0) {
      throw new TypeError(
        "Cannot encode a source without batches: the option `schema` is needed then",
      );
    }
  }

  #check(schema: Schema, batch: BatchColumns): void {
    if (!this.#accepted.has(batch.schema)) {
      const difference = schemaDifference(schema, batch.schema);
      if (difference !== undefined) {
        throw new TypeError(
          `Cannot encode a batch: it does not agree with the stream's schema, as ${difference}`,
        );
      }
      this.#accepted.add(batch.schema);
    }
    this.#checker.checkBatch(schema.fields, batch.columns, batch.rows);
  }

  *#messages(
    schema: Schema,
    { columns, rows, metadata }: BatchColumns,
    appMetadata: Uint8Array | undefined,
  ): Generator<FlightDataInit> {
    for (const part of this.#dictionaries.pending(schema.fields, columns)) {
      let { isDelta } = part;
      this.#checker.checkDictionary(part);
      const values = part.data?.length ?? 0;
      // Arrow for C++ takes no delta of a dictionary that refers to another one.
      const pieces = hasDictionary(part.type)
        ? [assemble([part.type], [part.data], 0, values)]
        : split([part.type], [part.data], values, this.#options);
      for (const piece of pieces) {
        yield dictionaryMessage(piece, { id: part.id, isDelta }, this.#options);
        isDelta = true;
      }
    }
    const types = schema.fields.map((field) => field.type);
    const options = { ...this.#options, reserved: appMetadata?.length };
    for (const piece of split(types, columns, rows, options)) {
      const message = batchMessage(piece, metadata, this.#options);
      yield appMetadata === undefined ? message : { ...message, appMetadata };
      appMetadata = undefined;
    }
  }
}
