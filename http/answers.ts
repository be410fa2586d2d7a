/**
 * The responses over HTTP: JSON, errors, and tables.
 *
 * @module
 */
import type { FlightError, FlightErrorCode } from "../flight/errors.ts";
import { ARROW_STREAM } from "../flight/client/read_http.ts";
import { writeIpcStream } from "../flight/arrow/format/ipc_stream.ts";
import { joinBytes } from "../base/join_bytes.ts";
import type { TableEntry } from "../stores/store.ts";
import type { TableReading } from "../stores/table_reading.ts";
import { etagOf } from "./conditions.ts";

/** The HTTP status for each code. */
const STATUS: { readonly [code in FlightErrorCode]: number } = {
  CANCELLED: 499,
  UNKNOWN: 500,
  INVALID_ARGUMENT: 400,
  DEADLINE_EXCEEDED: 504,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  PERMISSION_DENIED: 403,
  RESOURCE_EXHAUSTED: 429,
  FAILED_PRECONDITION: 412,
  ABORTED: 409,
  OUT_OF_RANGE: 400,
  UNIMPLEMENTED: 501,
  INTERNAL: 500,
  UNAVAILABLE: 503,
  DATA_LOSS: 500,
  UNAUTHENTICATED: 401,
};

/** A table of up to so many bytes is sent in one piece, which is faster. */
const SMALL_TABLE = 256 * 1024;

/** About so many characters of a list are sent at once. */
const LIST_CHUNK = 64 * 1024;

/** A response in JSON. */
export function answerJson(
  value: unknown,
  status = 200,
  headers: Record<string, string> = {},
): Response {
  return Response.json(value, { status, headers });
}

/** The response to a failed request; the status may differ where a limit was exceeded. */
export function answerError(
  { code, message }: FlightError,
  statusOfTooMuch: number = STATUS.RESOURCE_EXHAUSTED,
): Response {
  const status = code === "RESOURCE_EXHAUSTED" ? statusOfTooMuch : STATUS[code];
  const response = answerJson({ code, message }, status);
  if (code === "UNAUTHENTICATED") response.headers.set("www-authenticate", "Bearer");
  return response;
}

/** The response that says whether the server takes calls. */
export function answerHealth(isServing: boolean): Response {
  const status = isServing ? "SERVING" : "NOT_SERVING";
  return answerJson({ status }, isServing ? 200 : STATUS.UNAVAILABLE);
}

/** The response to a method that a path does not have. */
export function answerMethod(method: string, allowed: readonly string[]): Response {
  const message = `Cannot ${method} this: it takes ${allowed.join(", ")}`;
  const response = answerJson({ code: "UNIMPLEMENTED", message }, 405);
  response.headers.set("allow", allowed.join(", "));
  return response;
}

/** A table in a JSON response. */
export function describeTable({ name, rows, bytes }: TableEntry) {
  return { name, rows, bytes };
}

/** The call that a response answers. */
export interface AnsweredCall {
  /** Breaks the body off when it is aborted. */
  readonly signal: AbortSignal;
  /** How many bytes of bodies were sent. */
  sent: number;
}

/** A response whose body is sent piece by piece. */
export interface SentBody {
  readonly response: Response;
  /** Resolves when the body has ended; false when it was not sent whole. */
  readonly sent: Promise<boolean>;
  /** Whether it goes on until its reader has enough, which is no error then. */
  readonly isEndless?: boolean;
}

/**
 * The response whose body is a table. It has a content-length, so that a reader sees an
 * error when the body breaks off. The signal breaks it off. It disposes of the table.
 */
export async function sendTable(
  table: TableReading,
  call: AnsweredCall,
): Promise<Response | SentBody> {
  const headers = headersOfTable(table.entry);
  const chunks = writeIpcStream(table.messages());
  if (table.entry.bytes <= SMALL_TABLE) {
    await using _ = table;
    const body = joinBytes(await Array.fromAsync(chunks)) as Uint8Array<ArrayBuffer>;
    call.sent += body.length;
    return new Response(body, { headers });
  }
  const sent = Promise.withResolvers<boolean>();
  // Before the content-length is reached, the server breaks the body off at its end.
  const body = streamOf(chunks, call, sent, (controller) => controller.close());
  // Nobody may have read a chunk, so that the chunks cannot dispose of the table.
  const ended = sent.promise.finally(() => table[Symbol.asyncDispose]());
  return { response: new Response(body, { headers }), sent: ended };
}

/** How {@linkcode sendList} writes a list. */
export interface SendListOptions {
  /** What is told of a table. @default its name, rows and bytes */
  readonly describe?: (table: TableEntry) => object;
  /** More headers. @default none */
  readonly headers?: Record<string, string>;
}

/**
 * The response whose body is a list of tables, as JSON. It is written while it is sent:
 * there may be many tables, with long names.
 */
export function sendList(
  tables: AsyncIterable<TableEntry> | Iterable<TableEntry>,
  call: AnsweredCall,
  { describe = describeTable, headers }: SendListOptions = {},
): SentBody {
  return sendStream(listChunks(tables, describe), call, {
    "content-type": "application/json",
    ...headers,
  });
}

/** The response whose body is this, written while it is sent. */
export function sendStream(
  chunks: AsyncGenerator<Uint8Array>,
  call: AnsweredCall,
  headers: Record<string, string>,
): SentBody {
  const sent = Promise.withResolvers<boolean>();
  const body = streamOf(chunks, call, sent, (controller) => {
    controller.error(call.signal.reason);
  });
  return { response: new Response(body, { headers }), sent: sent.promise };
}

async function* listChunks(
  tables: AsyncIterable<TableEntry> | Iterable<TableEntry>,
  describe: (table: TableEntry) => object,
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  let text = "[";
  let separator = "";
  for await (const table of tables) {
    text += separator + JSON.stringify(describe(table));
    separator = ",";
    if (text.length < LIST_CHUNK) continue;
    yield encoder.encode(text);
    text = "";
  }
  yield encoder.encode(`${text}]`);
}

/**
 * The chunks as a body, until the signal, when it is broken off; settles `sent` when it
 * has ended.
 */
function streamOf(
  chunks: AsyncGenerator<Uint8Array>,
  call: AnsweredCall,
  sent: PromiseWithResolvers<boolean>,
  breakOff: (controller: ReadableStreamDefaultController<Uint8Array>) => void,
): ReadableStream<Uint8Array> {
  const end = async (isWhole: boolean) => {
    sent.resolve(isWhole);
    await chunks.return(undefined);
  };
  return new ReadableStream({
    async pull(controller) {
      try {
        const { value, done } = await chunks.next();
        if (!done && !call.signal.aborted) {
          call.sent += value.length;
          return controller.enqueue(value);
        }
        await end(done === true);
        if (done) return controller.close();
      } catch (error) {
        sent.reject(error);
      }
      breakOff(controller);
    },
    cancel: () => end(false),
  }, { highWaterMark: 0 });
}

/** The headers of a table's body. */
export function headersOfTable(table: TableEntry): Record<string, string> {
  return {
    "content-type": ARROW_STREAM,
    "content-length": String(table.bytes),
    ...headersOfVersion(table),
  };
}

/** The response to a reader who has this version already. */
export function answerUnchanged(table: TableEntry): Response {
  return new Response(null, { status: 304, headers: headersOfVersion(table) });
}

/**
 * What tells versions apart. Caches may keep a table, and have to ask each time whether
 * it is still the same.
 */
export function headersOfVersion(table: TableEntry): Record<string, string> {
  return { etag: etagOf(table), "cache-control": "no-cache" };
}
