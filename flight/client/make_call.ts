/**
 * Makes a call over the transport, and gives its responses as plain messages.
 *
 * @module
 */
import { unlessAborted } from "../../base/abort.ts";
import { checkOptions } from "../../base/check_options.ts";
import { compose } from "../../base/compose.ts";
import { startTimer } from "../../base/timer.ts";
import type { Codec, Method } from "../../proto/service.ts";
import { CallHeaders } from "../../rpc/call_headers.ts";
import type {
  Channel,
  OutgoingCall,
  OutgoingMessage,
  Status,
} from "../../rpc/transport.ts";
import { abortError, FlightError } from "../errors.ts";
import { readMessage } from "../protocol/read_message.ts";
import { errorOf } from "../protocol/status.ts";
import { CALL_OPTIONS, type CallOptions } from "./call_options.ts";
import type { ClientCall, ClientMiddleware } from "./middleware.ts";

/** What a client has for all its calls. */
export interface CallSource {
  /** Its connection. */
  readonly channel: Channel;
  /** The functions that wrap every call, the outermost first. */
  readonly middleware: readonly ClientMiddleware[];
  /** Whether its owner has closed it. */
  readonly isClosed: boolean;
}

/** A call with one request. */
export function callWithOne<I, O>(
  source: CallSource,
  method: Method<I, unknown, unknown, O>,
  request: I,
  options: CallOptions,
): MadeCall<O> {
  // Before anything is sent: what cannot be written is the caller's mistake.
  const message = method.request.encode(request);
  return new MadeCall(source, method, options, () => onlyOne(message));
}

/** A call with a stream of requests. */
export function callWithStream<I, O>(
  source: CallSource,
  method: Method<I, unknown, unknown, O>,
  requests: AsyncIterable<I>,
  options: CallOptions,
): MadeCall<O> {
  return new MadeCall(
    source,
    method,
    options,
    (onError) => encodeAll(method.request, requests, onError),
  );
}

/** Longer than 30 years is no deadline: far later there are no dates. */
const MAX_TIMEOUT = 1e12;

/** Gives the requests; an error of theirs is told before it is thrown. */
type Requests = (onError: (error: unknown) => void) => AsyncIterable<OutgoingMessage>;

/** A call. It starts at once, by way of the client's middleware. */
export class MadeCall<O> implements ClientCall {
  readonly method: string;
  readonly headers: CallHeaders;
  readonly responseHeaders: CallHeaders = new CallHeaders();
  readonly trailers: CallHeaders = new CallHeaders();
  readonly signal: AbortSignal | undefined;
  readonly #source: CallSource;
  readonly #method: Method<never, unknown, unknown, O>;
  readonly #requests: Requests;
  readonly #timeout: number;
  readonly #deadline: number;
  readonly #listeners: ((headers: CallHeaders) => void)[] = [];
  /** Where the caller's program started the call; its errors say so. */
  readonly #origin: { stack?: string } = {};
  /** Aborted with the reason when middleware has the call, and it is not to be made. */
  #unwanted: AbortController | undefined;
  #call: OutgoingCall | undefined;
  #status: Status | undefined;
  /** What the requests have thrown. */
  #failed: { readonly error: unknown } | undefined;
  /** Settled when the transport has the call, or never will. */
  readonly #started: PromiseWithResolvers<void> = Promise.withResolvers();
  /** Settled when the call has ended, with what it has thrown. */
  readonly #outcome: Promise<{ readonly error: unknown } | undefined>;

  /** Starts a call of this method. */
  constructor(
    source: CallSource,
    method: Method<never, unknown, unknown, O>,
    options: CallOptions,
    requests: Requests,
  ) {
    checkOptions(CALL_OPTIONS, options);
    const { headers, signal, timeout = Infinity } = options;
    this.method = method.name;
    this.headers = new CallHeaders(headers);
    this.signal = signal;
    this.#source = source;
    this.#method = method;
    this.#requests = requests;
    this.#timeout = timeout;
    this.#deadline = timeout > MAX_TIMEOUT ? Infinity : Date.now() + timeout;
    Error.captureStackTrace(this.#origin, MadeCall);
    this.#outcome = this.#run();
  }

  /** Whether the server has answered, be it with an error. */
  get isAnswered(): boolean {
    return this.#status !== undefined && !this.#status.isLocal;
  }

  onReceived(listener: (headers: CallHeaders) => void): void {
    this.#listeners.push(listener);
  }

  /**
   * The responses, all that come before the status, and then its error if it is one.
   * Left early, it cancels the call.
   */
  responses(): AsyncGenerator<O> {
    const responses = this.#read();
    // Enters its `try`: a generator that was never begun would not cancel the call.
    responses.next();
    const end = responses.return.bind(responses);
    // A generator returns after what it waits for, which need not come any more.
    responses.return = (value) => {
      this.#cancel();
      return end(value);
    };
    return responses;
  }

  /** The one response. */
  async response(): Promise<O> {
    const found: O[] = [];
    for await (const response of this.responses()) {
      found.push(response);
      if (found.length > 1) break;
    }
    if (found.length === 1) return found[0];
    if (found.length === 0 && this.#status?.code !== "OK") throw this.#unanswered();
    throw this.#error(
      "INTERNAL",
      `Cannot read the answer to ${this.method}: ${
        found.length === 0 ? "no message" : "more than one message"
      } came`,
    );
  }

  async *#read(): AsyncGenerator<O> {
    try {
      yield undefined as O;
      await this.#started.promise;
      if (this.#call !== undefined) {
        for await (const bytes of this.#call.responses) {
          yield readMessage(this.#method.response, bytes);
        }
      }
    } finally {
      this.#cancel();
      await this.#outcome;
    }
    const outcome = await this.#outcome;
    if (outcome !== undefined) throw outcome.error;
  }

  /** Cancels the call, unless it has ended. */
  #cancel(): void {
    if (this.#call !== undefined) this.#call.cancel();
    else this.#unwanted?.abort(this.#cancelled());
  }

  /** Makes the call, and gives its error once it has ended. */
  async #run(): Promise<{ readonly error: unknown } | undefined> {
    const { middleware } = this.#source;
    try {
      if (middleware.length === 0) await this.#make();
      else await this.#makeBy(compose(middleware, this, () => this.#make()));
      return this.#call === undefined ? { error: this.#unanswered() } : undefined;
    } catch (error) {
      return { error };
    } finally {
      this.#started.resolve();
    }
  }

  /** Makes the call by way of middleware, for which it does not wait too long. */
  async #makeBy(chain: () => Promise<void>): Promise<void> {
    const { signal } = this;
    if (signal?.aborted) throw abortError(signal);
    const unwanted = this.#unwanted = new AbortController();
    const onAbort = () => unwanted.abort(abortError(signal!));
    signal?.addEventListener("abort", onAbort, { once: true });
    using _ = startTimer(
      this.#deadline - Date.now(),
      () => unwanted.abort(this.#tooLate()),
    );
    try {
      const ended = chain();
      // Once the call is made, its transport heeds the deadline and the signal.
      const started = unlessAborted(this.#started.promise, unwanted.signal);
      await Promise.race([started, ended]);
      await ended;
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }

  async #make(): Promise<void> {
    const { signal } = this;
    this.#checkWanted();
    const deadline = this.#deadline === Infinity ? undefined : new Date(this.#deadline);
    const requests = this.#requests((error) => {
      if (this.#status === undefined) this.#failed ??= { error };
    });
    const call = this.#source.channel.call(this.#method, requests, {
      headers: this.headers,
      deadline,
    });
    this.#call = call;
    this.#started.resolve();
    const onAbort = () => call.cancel();
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      // Without middleware nobody asks for headers.
      const isWatched = this.#source.middleware.length > 0;
      if (isWatched) this.#receive(await call.headers, this.responseHeaders);
      const status = this.#status = await call.status;
      if (isWatched) this.#receive(status.trailers, this.trailers);
    } catch (error) {
      call.cancel();
      throw error;
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
    if (this.#failed !== undefined) throw this.#failed.error;
    if (this.#status.code !== "OK") throw this.#errorOf(this.#status);
  }

  #checkWanted(): void {
    if (this.signal?.aborted) throw abortError(this.signal);
    this.#unwanted?.signal.throwIfAborted();
    if (!this.#source.isClosed) return;
    throw this.#error(
      "CANCELLED",
      `Cannot call ${this.method}: the client was closed`,
    );
  }

  #receive(received: CallHeaders, headers: CallHeaders): void {
    headers.receive(received);
    // A call that was refused may have no headers, only trailers.
    if (headers === this.responseHeaders && [...received].length === 0) return;
    for (const listener of this.#listeners) listener(received);
  }

  #errorOf(status: Status): FlightError {
    const { code, isLocal } = status;
    if (isLocal && code === "CANCELLED") {
      return this.signal?.aborted ? abortError(this.signal) : this.#cancelled();
    }
    if (isLocal && code === "DEADLINE_EXCEEDED") return this.#tooLate();
    return this.#withOrigin(errorOf(status));
  }

  #tooLate(): FlightError {
    return this.#error(
      "DEADLINE_EXCEEDED",
      `Cannot finish ${this.method}: it took longer than ${this.#timeout} ms (timeout)`,
    );
  }

  #cancelled(): FlightError {
    return this.#error("CANCELLED", "The call was cancelled");
  }

  #unanswered(): FlightError {
    return this.#error(
      "CANCELLED",
      `Cannot call ${this.method}: a middleware has ended the call without an answer`,
    );
  }

  #error(code: FlightError["code"], message: string): FlightError {
    return this.#withOrigin(new FlightError(code, message));
  }

  /** The error, whose stack leads to where the call was started. */
  #withOrigin(error: FlightError): FlightError {
    const { stack = "" } = this.#origin;
    const frames = stack.slice(stack.indexOf("\n") + 1);
    error.stack = `${error.name}: ${error.message}\n${frames}`;
    return error;
  }
}

async function* onlyOne(message: OutgoingMessage): AsyncGenerator<OutgoingMessage> {
  yield message;
}

async function* encodeAll<I>(
  codec: Codec<I, unknown>,
  requests: AsyncIterable<I>,
  onError: (error: unknown) => void,
): AsyncGenerator<OutgoingMessage> {
  try {
    for await (const request of requests) yield codec.encode(request);
  } catch (error) {
    onError(error);
    throw error;
  }
}
