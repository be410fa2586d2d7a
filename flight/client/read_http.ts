/**
 * Locations that are an HTTP URI: under it a flight is had as an Arrow IPC stream.
 * The source is "Extended Location URIs" in the Arrow Flight RPC specification.
 *
 * @module
 */
import type { FlightData } from "../../proto/flight_data.ts";
import { firstOf } from "../../base/abort.ts";
import { abortError, FlightError, type FlightErrorCode } from "../errors.ts";
import { ByteReader } from "../arrow/format/byte_reader.ts";
import { readIpcStream } from "../arrow/format/ipc_stream.ts";
import { startTimer } from "../../base/timer.ts";

/** The media type of an Arrow IPC stream. */
export const ARROW_STREAM = "application/vnd.apache.arrow.stream";

/** The most that gRPC could carry, too. */
const MAX_MESSAGE_BYTES = 2 ** 32;

/** A body of so many bytes is read at once, which is quicker than piece by piece. */
const SMALL_BODY = 256 * 1024;

/** How an HTTP location is read. */
export interface ReadHttpOptions {
  /** Stops reading when it is aborted. */
  signal?: AbortSignal;
  /** How long reading may take, in milliseconds. @default as long as it takes */
  timeout?: number;
  /**
   * How long the first message may take, in milliseconds. A location that nothing
   * comes from is UNAVAILABLE then. @default 5000
   */
  startTimeout?: number;
}

/** Whether this is an HTTP or HTTPS URI. */
export function isHttp(uri: string): boolean {
  return /^https?:\/\//i.test(uri);
}

/**
 * The messages of the stream under this URI, one by one. No header of the client's
 * goes along: what the URI needs to be read stands in it.
 *
 * @throws {FlightError} UNAVAILABLE, when there is no answer, or the body breaks off;
 * the code nearest to the HTTP status when that is no success.
 */
export async function* readHttp(
  uri: string,
  { signal, timeout = Infinity, startTimeout = 5000 }: ReadHttpOptions = {},
): AsyncGenerator<FlightData> {
  using stop = new Stop(signal);
  stop.after(timeout, "DEADLINE_EXCEEDED", "The call took too long");
  const started = stop.after(
    startTimeout,
    "UNAVAILABLE",
    `Cannot read "${withoutQuery(uri)}": nothing has come for ${startTimeout} ms`,
  );
  try {
    await using reader = new ByteReader(await openBody(uri, stop.signal));
    const options = {
      code: "INTERNAL",
      maxMessageBytes: MAX_MESSAGE_BYTES,
      // What is kept as a file may have more in it than the stream.
      mayHaveMore: true,
    } as const;
    for await (const { header, body } of readIpcStream(reader, options)) {
      started[Symbol.dispose]();
      yield { dataHeader: header, appMetadata: new Uint8Array(0), dataBody: body };
    }
  } catch (error) {
    if (stop.signal.aborted) throw abortError(stop.signal);
    if (error instanceof FlightError) throw error;
    throw new FlightError(
      "UNAVAILABLE",
      `Cannot read "${
        withoutQuery(uri)
      }": the connection could not be made, or broke off`,
      { cause: error },
    );
  }
}

/** A caller's signal and time limits as one signal, until it is disposed of. */
class Stop implements Disposable {
  readonly signal: AbortSignal;
  readonly #late = new AbortController();
  readonly #timers: DisposableStack = new DisposableStack();

  constructor(signal: AbortSignal | undefined) {
    this.signal = firstOf(signal, this.#late.signal);
  }

  /** Aborts the signal with this error after so many milliseconds. */
  after(timeout: number, code: FlightErrorCode, message: string): Disposable {
    return this.#timers.use(
      startTimer(timeout, () => this.#late.abort(new FlightError(code, message))),
    );
  }

  [Symbol.dispose](): void {
    this.#timers.dispose();
  }
}

async function openBody(
  uri: string,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array> | Uint8Array> {
  const response = await fetch(uri, { signal, headers: { accept: ARROW_STREAM } });
  if (response.ok && response.body !== null) {
    const length = response.headers.get("content-length");
    const isSmall = length !== null && Number(length) <= SMALL_BODY;
    return isSmall ? await response.bytes() : response.body;
  }
  await response.body?.cancel();
  throw new FlightError(
    codeOfStatus(response.status),
    `Cannot read "${withoutQuery(uri)}": the answer is ${response.status}`,
  );
}

/** The code that says most nearly what an HTTP status says. */
function codeOfStatus(status: number): FlightErrorCode {
  if (status === 401) return "UNAUTHENTICATED";
  if (status === 403) return "PERMISSION_DENIED";
  if (status === 404 || status === 410) return "NOT_FOUND";
  if (status === 413 || status === 429) return "RESOURCE_EXHAUSTED";
  if (status >= 400 && status < 500) return "INVALID_ARGUMENT";
  return "UNAVAILABLE";
}

/** A URI without its query, which may have a signature in it. */
function withoutQuery(uri: string): string {
  return uri.replace(/\?.*$/s, "");
}
