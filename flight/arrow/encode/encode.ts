/**
 * The encoder: batches in, FlightData out.
 *
 * @module
 */
import type { Schema } from "apache-arrow";
import { checkOptions } from "../../../base/check_options.ts";
import type { FlightDataInit } from "../../../proto/flight_data.ts";
import type { Init } from "../../../proto/message_type.ts";
import type { FlightDescriptor } from "../../../proto/messages.ts";
import { isTableLike, type RecordBatchLike, type SchemaLike } from "./arrow_like.ts";
import { assemble } from "./assemble.ts";
import { ColumnChecker } from "./check_columns.ts";
import { DictionaryTracker } from "./dictionary_tracker.ts";
import { ENCODE_OPTIONS, type EncodeOptions } from "./encode_options.ts";
import {
  type EncodeItem,
  type EncodeSource,
  itemsOf,
  partsOf,
} from "./encode_source.ts";
import { batchMessage, dictionaryMessage } from "../format/write_message.ts";
import { schemaHeader } from "./encode_schema.ts";
import { type BatchColumns, BatchRebuilder } from "./rebuild_batch.ts";
import { splitColumns, type SplitOptions } from "./split_columns.ts";
import { hasDictionary, schemaDifference, streamSchema } from "./stream_schema.ts";

const DEFAULT_MAX_MESSAGE_BYTES = 2 << 20;

/**
 * The messages of a stream with these batches: the schema, then the batches, each after
 * the dictionaries that it needs. A batch is taken from the source when the messages
 * before it were taken. When the messages are not read to their end, the source's
 * iterator is closed.
 *
 * A stream has one schema. A method that answers an exchange batch by batch calls `encode`
 * once, with a source of all its batches.
 *
 * A batch that is too large for one message becomes several, and its app_metadata
 * goes with the first. A dictionary that grows is continued with a delta; one that
 * changes is sent anew. The bodies are lists of views on the batches' own memory,
 * which must not change before they are sent.
 *
 * Items of app_metadata alone that come before any batch go out before the schema,
 * if that is not known from the options.
 *
 * @throws {TypeError} at once, when the source is none or an option has a wrong type; when
 * the messages are read, when a batch does not agree with the stream's schema, in its own
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
  checkOptions(ENCODE_OPTIONS, options);
  const { maxMessageBytes = DEFAULT_MAX_MESSAGE_BYTES, compression, alignment } =
    options;
  const items = itemsOf(source);
  const encoder = new Encoder({ maxMessageBytes, compression, alignment });
  if (options.schema !== undefined) encoder.begin(options.schema, []);
  else if (isTableLike(source)) encoder.begin(source.schema, source.batches);
  return withDescriptor(encoder.run(items), options.descriptor);
}

/** The messages, the first with this descriptor. */
async function* withDescriptor(
  messages: AsyncIterable<FlightDataInit>,
  descriptor: Init<FlightDescriptor> | undefined,
): AsyncGenerator<FlightDataInit> {
  let flightDescriptor = descriptor;
  for await (const message of messages) {
    yield flightDescriptor === undefined ? message : { flightDescriptor, ...message };
    flightDescriptor = undefined;
  }
}

/** Encodes one stream. */
class Encoder {
  readonly #options: SplitOptions;
  readonly #rebuilder = new BatchRebuilder();
  readonly #dictionaries = new DictionaryTracker();
  readonly #checker = new ColumnChecker();
  /** The schemas that agree with the stream's. */
  readonly #accepted = new WeakSet<Schema>();
  #schema: Schema | undefined;

  constructor(options: SplitOptions) {
    this.#options = options;
  }

  /** Sets the stream's schema; these are batches of the stream, so far as they are known. */
  begin(schema: SchemaLike, batches: readonly RecordBatchLike[]): Schema {
    return this.#schema = streamSchema(this.#rebuilder.schema(schema, batches));
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
      const { batch, appMetadata } = partsOf(item);
      count++;
      if (batch === undefined) {
        if (appMetadata !== undefined && appMetadata.length > 0) yield { appMetadata };
        continue;
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
        : splitColumns([part.type], [part.data], values, this.#options);
      for (const piece of pieces) {
        yield dictionaryMessage(piece, { id: part.id, isDelta }, this.#options);
        isDelta = true;
      }
    }
    const types = schema.fields.map((field) => field.type);
    const options = { ...this.#options, reserved: appMetadata?.length };
    for (const piece of splitColumns(types, columns, rows, options)) {
      const message = batchMessage(piece, { ...this.#options, metadata });
      yield appMetadata === undefined ? message : { ...message, appMetadata };
      appMetadata = undefined;
    }
  }
}
