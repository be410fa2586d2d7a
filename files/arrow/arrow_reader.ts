/**
 * Tables in Arrow's two formats.
 *
 * @module
 */
import type { RecordBatch } from "apache-arrow";
import type { ArrowMessage } from "../../flight/arrow/format/arrow_message.ts";
import type { ArrowSchema } from "../../flight/arrow/format/arrow_schema.ts";
import { decode, type FlightReader } from "../../flight/arrow/decode/decode.ts";
import { StreamVerifier } from "../../flight/arrow/verify/stream_verifier.ts";
import { FlightError } from "../../flight/errors.ts";
import type { FlightDataInit } from "../../proto/flight_data.ts";
import { FileError } from "../file_error.ts";
import type { OpenSource } from "../source/file_source.ts";
import type { TableReader } from "../table_reader.ts";
import {
  asFileError,
  isArrowFile,
  readFileMessages,
  readStreamMessages,
} from "./read_arrow.ts";

/** How {@linkcode ArrowReader} reads. */
export interface ArrowReaderOptions {
  /** Whether the source may be a file as well as a stream. */
  readonly mayBeFile: boolean;
  /** The columns to read. @default all */
  readonly columns?: readonly string[];
}

/** Reads a file or a stream of Arrow. */
export class ArrowReader implements TableReader {
  readonly #messages: AsyncGenerator<ArrowMessage>;
  readonly #first: ArrowMessage;
  readonly #schema: ArrowSchema | FileError;
  readonly #columns: readonly string[] | undefined;
  readonly #file: string | undefined;

  private constructor(
    messages: AsyncGenerator<ArrowMessage>,
    first: ArrowMessage,
    schema: ArrowSchema | FileError,
    columns: readonly string[] | undefined,
    file: string | undefined,
  ) {
    this.#messages = messages;
    this.#first = first;
    this.#schema = schema;
    this.#columns = columns;
    this.#file = file;
  }

  /** Reads up to the schema. */
  static async open(
    source: OpenSource,
    { mayBeFile, columns }: ArrowReaderOptions,
  ): Promise<ArrowReader> {
    const { name } = source;
    const bytes = mayBeFile ? await source.bytes() : undefined;
    const messages = bytes !== undefined && await isArrowFile(bytes)
      ? readFileMessages(bytes, name)
      : readStreamMessages(source.chunks(), name);
    const next = await messages.next();
    if (next.done) throw new FileError("it has no schema", { file: name });
    const reader = decode(allData(only(next.value)), { columns });
    const schema = await schemaOf(reader, name);
    return new ArrowReader(messages, next.value, schema, columns, name);
  }

  get schema(): ArrowSchema {
    if (this.#schema instanceof Error) throw this.#schema;
    return this.#schema;
  }

  async *batches(): AsyncGenerator<RecordBatch> {
    try {
      const data = allData(this.#all());
      yield* decode(data, { columns: this.#columns }).batches();
    } catch (error) {
      throw asFileError(error, this.#file);
    }
  }

  async *#all(): AsyncGenerator<ArrowMessage> {
    yield this.#first;
    yield* this.#messages;
  }

  messages(): AsyncGenerator<ArrowMessage> | undefined {
    return this.#columns === undefined ? this.#verified() : undefined;
  }

  async *#verified(): AsyncGenerator<ArrowMessage> {
    const verifier = new StreamVerifier();
    try {
      for await (const message of this.#all()) {
        verifier.verify(message.header, message.body);
        yield message;
      }
    } catch (error) {
      throw asFileError(error, this.#file);
    }
  }
}

/** The schema, or why apache-arrow cannot hold it. */
async function schemaOf(
  reader: FlightReader,
  file: string | undefined,
): Promise<ArrowSchema | FileError> {
  try {
    return await reader.schema();
  } catch (error) {
    const wrong = asFileError(error, file);
    if (
      wrong instanceof FileError && error instanceof FlightError &&
      error.code === "UNIMPLEMENTED"
    ) return wrong;
    throw wrong;
  }
}

async function* allData(
  messages: AsyncIterable<ArrowMessage>,
): AsyncGenerator<FlightDataInit> {
  for await (const { header, body } of messages) {
    yield { dataHeader: header, dataBody: body };
  }
}

async function* only<T>(item: T): AsyncGenerator<T> {
  yield await item;
}
