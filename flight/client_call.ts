/**
 * Calls as a client makes them: the meeting point of grpc-js's client streams
 * and plain messages.
 *
 * @module
 */
import type {
  CallOptions as GrpcCallOptions,
  ClientDuplexStream,
  ClientReadableStream,
  ServiceError,
} from "@grpc/grpc-js";
import type { WireMessage } from "../proto/flight_data.ts";
import {
  type AnyMethod,
  type Codec,
  deserializeWire,
  type Method,
  serializeWire,
} from "../proto/service.ts";
import { abortError } from "./abort.ts";
import { CallHeaders, type CallHeadersInit } from "./call_headers.ts";
import type { Connection } from "./connection.ts";
import { FlightError } from "./errors.ts";
import { readStream, writeStream } from "./message_streams.ts";
import { errorOf, toMetadata } from "./status.ts";

/** What every call takes. */
export interface CallOptions {
  /** Headers to send with the call. */
  headers?: CallHeadersInit;
  /** Cancels the call when it is aborted; the call then rejects with CANCELLED. */
  signal?: AbortSignal;
  /**
   * How long the call may take, in milliseconds; then it rejects with
   * DEADLINE_EXCEEDED. Without it the call takes as long as it takes.
   */
  timeout?: number;
}

/** Calls a method that takes one message and gives one. */
export function callUnary<I, O>(
  connection: Connection,
  { path, request, response }: Method<I, unknown, unknown, O>,
  message: I,
  options: CallOptions,
): Promise<O> {
  const { signal } = options;
  const wire = request.encode(message);
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(abortError(signal));
    const onAbort = () => call.cancel();
    const call = connection.makeUnaryRequest(
      path,
      serializeWire,
      deserializeWire,
      wire,
      toMetadata(new CallHeaders(options.headers)),
      grpcOptions(options),
      (error, bytes) => {
        signal?.removeEventListener("abort", onAbort);
        try {
          if (error !== null) {
            throw signal?.aborted ? abortError(signal) : errorOf(error);
          }
          resolve(readMessage(response, bytes!));
        } catch (thrown) {
          reject(thrown);
        }
      },
    );
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

/** Calls a method that takes one message and gives a stream of them. */
export function callServerStream<I, O>(
  connection: Connection,
  method: Method<I, unknown, unknown, O>,
  message: I,
  options: CallOptions,
): AsyncGenerator<O> {
  const { path, request } = method;
  const wire = request.encode(message);
  return new StreamingCall<O>(method, options, () =>
    connection.makeServerStreamRequest(
      path,
      serializeWire,
      deserializeWire,
      wire,
      toMetadata(new CallHeaders(options.headers)),
      grpcOptions(options),
    )).responses();
}

/** Calls a method that takes a stream of messages and gives one. */
export function callBothStreams<I, O>(
  connection: Connection,
  method: Method<I, unknown, unknown, O>,
  messages: AsyncIterable<I>,
  options: CallOptions,
): AsyncGenerator<O> {
  const { path, request } = method;
  const call = new StreamingCall<O>(
    method,
    options,
    () =>
      connection.makeBidiStreamRequest(
        path,
        serializeWire,
        deserializeWire,
        toMetadata(new CallHeaders(options.headers)),
        grpcOptions(options),
      ),
  );
  call.send(encodeAll(request, messages));
  return call.responses();
}

type GrpcStream =
  | ClientReadableStream<Uint8Array>
  | ClientDuplexStream<WireMessage, Uint8Array>;

/** A call that gives a stream of responses. It starts at once. */
class StreamingCall<O> {
  #codec: Codec<unknown, O>;
  #signal: AbortSignal | undefined;
  #stream: GrpcStream | undefined;
  #status: ServiceError | undefined;
  #over = new AbortController();
  #sending: Promise<void> | undefined;
  #sendError: { readonly error: unknown } | undefined;

  constructor(method: AnyMethod, options: CallOptions, start: () => GrpcStream) {
    this.#codec = method.response;
    this.#signal = options.signal;
    if (options.signal?.aborted) return;
    this.#stream = start();
    const onAbort = () => this.#stream?.cancel();
    options.signal?.addEventListener("abort", onAbort, { once: true });
    const over = () => {
      options.signal?.removeEventListener("abort", onAbort);
      this.#over.abort();
    };
    this.#stream.on("error", (error: ServiceError) => {
      this.#status = error;
      over();
    });
    this.#stream.on("status", over);
  }

  /** Sends these messages while the responses come in. */
  send(messages: AsyncIterable<WireMessage>): void {
    this.#sending = this.#sendAll(messages);
  }

  /** The responses, until the status. Left early, it cancels the call. */
  async *responses(): AsyncGenerator<O> {
    try {
      if (this.#stream !== undefined) {
        for await (const bytes of readStream(this.#stream, this.#over.signal)) {
          yield readMessage(this.#codec, bytes);
        }
      }
    } catch (error) {
      if (error !== this.#over.signal.reason) throw error;
    } finally {
      this.#stream?.cancel();
      await this.#sending;
    }
    if (this.#sendError !== undefined) throw this.#sendError.error;
    if (this.#signal?.aborted) throw abortError(this.#signal);
    if (this.#status !== undefined) throw errorOf(this.#status);
  }

  async #sendAll(messages: AsyncIterable<WireMessage>): Promise<void> {
    const stream = this.#stream as
      | ClientDuplexStream<WireMessage, Uint8Array>
      | undefined;
    if (stream === undefined) return;
    try {
      await writeStream(stream, messages, this.#over.signal);
      stream.end();
    } catch (error) {
      if (this.#over.signal.aborted) return;
      this.#sendError = { error };
      stream.cancel();
    }
  }
}

async function* encodeAll<I>(
  codec: Codec<I, unknown>,
  messages: AsyncIterable<I>,
): AsyncGenerator<WireMessage> {
  for await (const message of messages) yield codec.encode(message);
}

function grpcOptions({ timeout }: CallOptions): GrpcCallOptions {
  return timeout === undefined ? {} : { deadline: Date.now() + timeout };
}

function readMessage<O>(codec: Codec<unknown, O>, bytes: Uint8Array): O {
  try {
    return codec.decode(bytes);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new FlightError("INTERNAL", error.message, { cause: error });
  }
}
