/**
 * Tables that are read as messages of Arrow.
 *
 * @module
 */
import type { RecordBatch } from "apache-arrow";
import {
  type ArrowMessage,
  asFlightData,
} from "../../flight/arrow/format/arrow_message.ts";
import type { ArrowSchema } from "../../flight/arrow/format/arrow_schema.ts";
import { decode, type FlightReader } from "../../flight/arrow/decode/decode.ts";
import { StreamVerifier } from "../../flight/arrow/verify/stream_verifier.ts";
import { FlightError } from "../../flight/errors.ts";
import { FileError } from "../file_error.ts";
import type { TableReader } from "../table_reader.ts";
import { asFileError } from "./read_arrow.ts";

/** How a {@linkcode MessageTable} is read. */
export interface MessageTableOptions {
  /** The columns to read. @default all */
  readonly columns?: readonly string[];
  /** The file's name, for messages of errors. */
  readonly file?: string;
}

/** A table whose messages are read one after the other. */
export class MessageTable implements TableReader {
  readonly #messages: AsyncGenerator<ArrowMessage>;
  readonly #first: ArrowMessage;
  readonly #schema: ArrowSchema | FileError;
  readonly #options: MessageTableOptions;

  private constructor(
    messages: AsyncGenerator<ArrowMessage>,
    first: ArrowMessage,
    schema: ArrowSchema | FileError,
    options: MessageTableOptions,
  ) {
    this.#messages = messages;
    this.#first = first;
    this.#schema = schema;
    this.#options = options;
  }

  /**
   * Reads the first message, which is the schema.
   *
   * @throws {FileError} when it is none.
   */
  static async open(
    messages: AsyncGenerator<ArrowMessage>,
    options: MessageTableOptions,
  ): Promise<MessageTable> {
    const { columns, file } = options;
    try {
      const next = await messages.next();
      if (next.done) throw new FileError("it has no schema", { file });
      const reader = decode(asFlightData([next.value]), { columns });
      const schema = await schemaOf(reader, file);
      return new MessageTable(messages, next.value, schema, options);
    } catch (error) {
      await messages.return(undefined);
      throw error;
    }
  }

  get schema(): ArrowSchema {
    if (this.#schema instanceof Error) throw this.#schema;
    return this.#schema;
  }

  async *batches(): AsyncGenerator<RecordBatch> {
    try {
      const { columns } = this.#options;
      yield* decode(asFlightData(this.#all()), { columns }).batches();
    } catch (error) {
      throw asFileError(error, this.#options.file);
    }
  }

  async *#all(): AsyncGenerator<ArrowMessage> {
    yield this.#first;
    yield* this.#messages;
  }

  messages(): AsyncGenerator<ArrowMessage> | undefined {
    return this.#options.columns === undefined ? this.#verified() : undefined;
  }

  async close(): Promise<void> {
    await this.#messages.return(undefined);
  }

  async *#verified(): AsyncGenerator<ArrowMessage> {
    const verifier = new StreamVerifier();
    try {
      for await (const message of this.#all()) {
        verifier.verify(message.header, message.body);
        yield message;
      }
    } catch (error) {
      throw asFileError(error, this.#options.file);
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
