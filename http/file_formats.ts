/**
 * Tables over HTTP in other formats than Arrow IPC streams: what the query `as` says.
 * It is loaded when it is first used.
 *
 * @module
 */
import { FILE_FORMATS, type FileFormat } from "../files/file_format.ts";
import { FileError, readFile, writeMessages } from "../files/mod.ts";
import { joinBytes } from "../base/join_bytes.ts";
import type { Share } from "../base/shared_limit.ts";
import { bodyParts } from "../proto/flight_data.ts";
import { FlightError } from "../flight/errors.ts";
import {
  type ArrowMessage,
  asFlightData,
} from "../flight/arrow/format/arrow_message.ts";
import type { TableEntry } from "../stores/store.ts";
import type { TableReading } from "../stores/table_reading.ts";
import {
  type AnsweredCall,
  headersOfVersion,
  sendStream,
  type SentBody,
} from "./answers.ts";
import type { TableBody } from "./put_body.ts";

/** The content types of formats. */
const TYPES: { readonly [format: string]: string } = {
  arrow: "application/vnd.apache.arrow.file",
  arrows: "application/vnd.apache.arrow.stream",
  csv: "text/csv; charset=utf-8",
  json: "application/json",
  ndjson: "application/x-ndjson",
  parquet: "application/vnd.apache.parquet",
};

/**
 * The format of this name.
 *
 * @throws {FlightError} INVALID_ARGUMENT, when there is none.
 */
export function formatNamed(name: string): FileFormat {
  const format = FILE_FORMATS.find((format) => format === name);
  if (format !== undefined) return format;
  throw new FlightError(
    "INVALID_ARGUMENT",
    `Cannot use the format ${JSON.stringify(name)}: \`as\` has to be one of ${
      FILE_FORMATS.join(", ")
    }`,
  );
}

/** The response to HEAD, for a table in this format: how long it is, nobody knows. */
export function answerHead(table: TableEntry, format: FileFormat): Response {
  // Without a stream for a body, Deno would say that its length is 0.
  const body = ReadableStream.from([]) as ReadableStream<Uint8Array>;
  return new Response(body, { headers: headersOfFile(table, format) });
}

function headersOfFile(
  table: TableEntry,
  format: FileFormat,
): Record<string, string> {
  return { "content-type": TYPES[format], ...headersOfVersion(table) };
}

/**
 * The response whose body is a table in this format, which is written while it is sent.
 * It disposes of the table.
 *
 * @throws {FlightError} INVALID_ARGUMENT, when the format cannot hold the table.
 */
export async function sendFile(
  table: TableReading,
  format: FileFormat,
  call: AnsweredCall,
): Promise<SentBody> {
  const chunks = told(writeMessages(asFlightData(table.messages()), { format }));
  let first: IteratorResult<Uint8Array>;
  try {
    first = await chunks.next();
  } catch (error) {
    await table[Symbol.asyncDispose]();
    throw error;
  }
  const body = sendStream(
    withFirst(first, chunks),
    call,
    headersOfFile(table.entry, format),
  );
  return {
    response: body.response,
    sent: body.sent.finally(() => table[Symbol.asyncDispose]()),
  };
}

/** The body of a PUT: a table in a file of this format. */
export class FileBody implements TableBody {
  readonly #format: FileFormat;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  readonly #arriving: Share;
  readonly #onBytes: (bytes: number) => void;
  #received = 0;
  #isWaiting = false;
  /** Why the body broke off. */
  #failure: FlightError | undefined;

  /**
   * The body of this request. All its bytes count in the limit: a file may have to be
   * there as a whole before its first row is read.
   */
  constructor(
    format: FileFormat,
    { body }: Request,
    { arriving, onBytes }: { arriving: Share; onBytes: (bytes: number) => void },
  ) {
    this.#format = format;
    this.#reader = body?.getReader();
    this.#arriving = arriving;
    this.#onBytes = onBytes;
  }

  get progress(): number | undefined {
    return this.#isWaiting ? this.#received : undefined;
  }

  /**
   * The table's messages.
   *
   * @throws {FlightError} INVALID_ARGUMENT, when the file is wrong; CANCELLED, when the
   * body breaks off; RESOURCE_EXHAUSTED, when too much has come.
   */
  async *messages(): AsyncGenerator<ArrowMessage> {
    try {
      await using table = await readFile(this.#chunks(), { format: this.#format });
      for await (const data of told(table.messages())) {
        yield { header: data.dataHeader!, body: joinBytes(bodyParts(data)) };
      }
    } catch (error) {
      throw this.#failure ?? asSpoolError(asFlightError(error));
    }
  }

  async cancel(): Promise<void> {
    // A body that was cancelled is at its end, and would pass for a whole file.
    this.#failure ??= brokenOff();
    // A body that has broken off cannot be cancelled.
    await this.#reader?.cancel().catch(() => {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#arriving[Symbol.dispose]();
    await this.cancel();
  }

  async *#chunks(): AsyncGenerator<Uint8Array> {
    while (this.#reader !== undefined) {
      const { value, done } = await this.#next(this.#reader);
      if (done) return;
      yield value;
    }
  }

  async #next(
    reader: ReadableStreamDefaultReader<Uint8Array>,
  ): Promise<ReadableStreamReadResult<Uint8Array>> {
    this.#isWaiting = true;
    try {
      const next = await reader.read();
      if (this.#failure !== undefined) throw this.#failure;
      const bytes = next.value?.length ?? 0;
      this.#received += bytes;
      this.#onBytes(bytes);
      this.#arriving.hold(this.#received);
      return next;
    } catch (error) {
      this.#failure = error instanceof FlightError ? error : brokenOff(error);
      throw this.#failure;
    } finally {
      this.#isWaiting = false;
    }
  }
}

function brokenOff(cause?: unknown): FlightError {
  return new FlightError(
    "CANCELLED",
    "The client cancelled the request, or disconnected, before its body had ended",
    { cause },
  );
}

async function* withFirst(
  first: IteratorResult<Uint8Array>,
  rest: AsyncGenerator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  if (first.done) return;
  try {
    yield first.value;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}

/** The same, with errors of files as those that a client is told. */
async function* told<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* items;
  } catch (error) {
    throw asFlightError(error);
  }
}

function asFlightError(error: unknown): unknown {
  return error instanceof FileError
    ? new FlightError("INVALID_ARGUMENT", error.message, { cause: error })
    : error;
}

/** The error for a temporary file that cannot be written, which large files need. */
function asSpoolError(error: unknown): unknown {
  const code = error instanceof Error ? Reflect.get(error, "code") : undefined;
  const isFull = code === "ENOSPC" || code === "EDQUOT";
  const isForbidden = error instanceof Deno.errors.NotCapable ||
    /^E(ACCES|PERM|ROFS|NOENT)$/.test(String(code));
  if (!isFull && !isForbidden) return error;
  return new FlightError(
    isFull ? "RESOURCE_EXHAUSTED" : "FAILED_PRECONDITION",
    `Cannot keep the file until it is read: the server ${
      isFull ? "has no room" : "may not write"
    } for temporary files, which those above 16 MiB need; an Arrow IPC stream needs none`,
    { cause: error },
  );
}
