/**
 * The decoder: FlightData in, batches out.
 *
 * @module
 */
import { type RecordBatch, Table } from "apache-arrow";
import { checkOptions } from "../../../base/check_options.ts";
import { type FlightDataInit, wholeBody } from "../../../proto/flight_data.ts";
import type { FlightDescriptor } from "../../../proto/messages.ts";
import { checkValues } from "../verify/check_values.ts";
import { FlightError } from "../../errors.ts";
import { BatchLoader } from "./batch_loader.ts";
import { checkRows } from "./check_rows.ts";
import {
  type AnyColumns,
  checkTypes,
  type ColumnTypes,
  type TableOf,
} from "./column_types.ts";
import { DECODE_OPTIONS, type DecodeOptions } from "./decode_options.ts";
import type { ArrowSchema } from "../format/arrow_schema.ts";
import { wantedColumns } from "./wanted_columns.ts";
import { StreamVerifier } from "../verify/stream_verifier.ts";

/** A message of a stream that is neither a schema nor a dictionary. */
export interface DecodedBatch<T extends ColumnTypes = AnyColumns> {
  /** The batch; undefined when the message had app_metadata only. */
  readonly batch: RecordBatch<T> | undefined;
  /** The message's app_metadata; undefined when it had none. */
  readonly appMetadata: Uint8Array | undefined;
}

/** The most messages without a header that are kept while the schema is awaited. */
const MAX_HELD = 1024;

/**
 * Reads a stream of FlightData. Every message is verified before apache-arrow sees
 * it, and the batches' columns are views of the messages' bodies where that is
 * possible.
 *
 * @example There and back
 * ```ts
 * import { decode, encode } from "@tinyflight/flight/flight";
 * import { tableFromArrays } from "apache-arrow";
 *
 * const messages = encode(tableFromArrays({ ozone: [41, 36, 12] }));
 * const table = await decode(messages).table();
 * console.log(table.numRows); // 3
 * ```
 */
export function decode<T extends ColumnTypes = AnyColumns>(
  messages: AsyncIterable<FlightDataInit>,
  options: DecodeOptions<T> = {},
): FlightReader<T> {
  return new FlightReader(messages, options);
}

/**
 * A stream of batches as it comes in. It reads when it is asked to, and can be read
 * once: by iterating over it, with `batches()` or with `table()`. Leaving a loop
 * early ends the messages' iterator, and so does an error. The app_metadata of a
 * schema or dictionary message is passed over.
 *
 * All that it throws because of the messages is a {@linkcode FlightError}: with the
 * code of the options when they are bad, UNIMPLEMENTED when a column has a type
 * that apache-arrow does not know, INVALID_ARGUMENT when a wanted column is not there or
 * has not the type in the option `types`.
 *
 * @example Batches with their app_metadata
 * ```ts
 * import { decode, encode } from "@tinyflight/flight/flight";
 * import { tableFromArrays } from "apache-arrow";
 *
 * const [batch] = tableFromArrays({ ozone: [41, 36, 12] }).batches;
 * const appMetadata = new TextEncoder().encode("first");
 * for await (const item of decode(encode([{ batch, appMetadata }]))) {
 *   console.log(item.batch?.numRows, item.appMetadata?.length); // 3 5
 * }
 * ```
 */
export class FlightReader<T extends ColumnTypes = AnyColumns>
  implements AsyncIterable<DecodedBatch<T>> {
  readonly #messages: AsyncIterator<FlightDataInit>;
  readonly #options: DecodeOptions<T>;
  readonly #verifier: StreamVerifier;
  /** What was read and not yet taken. */
  readonly #held: DecodedBatch<T>[] = [];
  #loader: BatchLoader | undefined;
  #descriptor: FlightDescriptor | undefined;
  #hasStarted = false;
  #hasEnded = false;
  #isTaken = false;
  /** The last read that was begun. */
  #reading: Promise<void> = Promise.resolve();

  /** A reader of these messages; {@linkcode decode} makes one, too. */
  constructor(
    messages: AsyncIterable<FlightDataInit>,
    options: DecodeOptions<T> = {},
  ) {
    checkOptions(DECODE_OPTIONS, options);
    this.#messages = messages[Symbol.asyncIterator]();
    this.#options = options;
    this.#verifier = new StreamVerifier(options);
  }

  /** The schema, of the columns that are read. It reads up to it, and no further. */
  async schema(): Promise<ArrowSchema> {
    while (this.#loader === undefined) {
      if (this.#hasEnded) throw this.#noSchema();
      if (this.#held.length >= MAX_HELD) {
        await this.cancel();
        throw new FlightError(
          "RESOURCE_EXHAUSTED",
          `Cannot wait for the schema: ${MAX_HELD} messages came before it`,
        );
      }
      await this.#readNext();
    }
    return this.#loader.schema;
  }

  /** The first message's descriptor; undefined when it has none. */
  async descriptor(): Promise<FlightDescriptor | undefined> {
    while (!this.#hasStarted && !this.#hasEnded) await this.#readNext();
    return this.#descriptor;
  }

  /** Each message's batch and app_metadata, as they come. */
  async *[Symbol.asyncIterator](): AsyncGenerator<DecodedBatch<T>> {
    this.#take();
    let count = 0;
    try {
      while (true) {
        const item = this.#held.shift();
        if (item !== undefined) {
          count++;
          yield item;
        } else if (this.#hasEnded) {
          if (count === 0 && this.#loader === undefined) throw this.#noSchema();
          return;
        } else await this.#readNext();
      }
    } finally {
      await this.cancel();
    }
  }

  /** The batches, without those messages that have app_metadata only. */
  async *batches(): AsyncGenerator<RecordBatch<T>> {
    for await (const { batch } of this) if (batch !== undefined) yield batch;
    await this.schema();
  }

  /** The whole stream as one table, which has no rows when no batch comes. */
  async table(): Promise<TableOf<T>> {
    const batches: RecordBatch<T>[] = [];
    let rows = 0;
    for await (const batch of this.batches()) {
      rows += batch.numRows;
      checkRows(rows);
      batches.push(batch);
    }
    // The compiler does not look into a TableOf of types that are still open.
    return new Table(await this.schema(), batches) as TableOf<T>;
  }

  /** Closes the messages' iterator: no more of them are wanted. */
  async cancel(): Promise<void> {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    await this.#messages.return?.();
  }

  /** The same as {@linkcode FlightReader.cancel}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.cancel();
  }

  #take(): void {
    if (this.#isTaken) throw new TypeError("Cannot read a stream twice");
    this.#isTaken = true;
  }

  /** Reads one message, after the reads that were begun before. */
  #readNext(): Promise<void> {
    const reading = this.#reading.then(() => this.#read());
    this.#reading = reading;
    return reading;
  }

  async #read(): Promise<void> {
    if (this.#hasEnded) return;
    let next: IteratorResult<FlightDataInit>;
    try {
      next = await this.#messages.next();
    } catch (error) {
      this.#hasEnded = true;
      throw error;
    }
    if (next.done) {
      this.#hasEnded = true;
      return;
    }
    try {
      await this.#accept(next.value);
    } catch (error) {
      await this.cancel();
      throw error;
    }
  }

  async #accept(data: FlightDataInit): Promise<void> {
    if (!this.#hasStarted && data.flightDescriptor !== undefined) {
      const { type = "UNKNOWN", cmd = new Uint8Array(0), path = [] } =
        data.flightDescriptor;
      this.#descriptor = { type, cmd, path: [...path] };
    }
    this.#hasStarted = true;
    const appMetadata = data.appMetadata?.length ? data.appMetadata : undefined;
    const body = wholeBody(data);
    const header = data.dataHeader;
    if (header === undefined || header.length === 0) {
      if (body.length > 0) {
        throw new FlightError(
          this.#verifier.code,
          "Cannot accept the message: it has a body, but no header",
        );
      }
      if (appMetadata !== undefined) {
        this.#held.push({ batch: undefined, appMetadata });
      }
      return;
    }
    const message = this.#verifier.verify(header, body);
    if (message.kind === "schema") {
      this.#loader = new BatchLoader(header, message, {
        columns: wantedColumns(
          this.#options.columns,
          message.fields.map((field) => field.name),
        ),
        code: this.#verifier.code,
        check: (message, columns) => {
          if (!this.#options.trusted) checkValues(this.#verifier, message, columns);
        },
      });
      const { types } = this.#options;
      if (types !== undefined) checkTypes(types, this.#loader.schema);
    } else if (message.kind === "dictionary") {
      await this.#loader!.dictionary(message, body);
    } else {
      const batch = await this.#loader!.batch(header, message, body);
      this.#held.push({ batch, appMetadata });
    }
  }

  #noSchema(): FlightError {
    return new FlightError(
      this.#verifier.code,
      "Cannot read the stream: it ended before its schema",
    );
  }
}
