/**
 * One call as a server sees it: the meeting point of grpc-js's server streams
 * and a method that takes and gives plain messages.
 *
 * @module
 */
import type {
  sendUnaryData,
  ServerDuplexStream,
  ServerUnaryCall,
  ServerWritableStream,
  UntypedHandleCall,
} from "@grpc/grpc-js";
import type { EventEmitter } from "node:events";
import type { ServerHttp2Stream } from "node:http2";
import type { OutgoingMessage } from "../rpc/transport.ts";
import type { AnyMethod } from "../proto/service.ts";
import { unlessAborted } from "../base/abort.ts";
import type { CallContext } from "./server/call_context.ts";
import { CallHeaders } from "../rpc/call_headers.ts";
import { FlightError } from "./errors.ts";
import { PackedMessage, type Unpacker } from "./packed_messages.ts";
import { readMessage } from "./protocol/read_message.ts";
import { readStream, writeStream } from "./message_streams.ts";
import { type CallHost, runCall, type RunningCall } from "./server/running_call.ts";
import { fromMetadata, statusOf, toMetadata } from "./protocol/status.ts";

/** What answers the calls of a method. */
export interface MethodHandler {
  /** The method that it answers. */
  readonly method: AnyMethod;
  /**
   * The answer: a promise, or an async iterable where the response streams.
   * The request is a message, or an async iterable where the request streams.
   */
  answer(request: never, call: CallContext): unknown;
  /** Whether clients wait for the headers before they read the first response. */
  readonly headersFirst?: boolean;
}

type Incoming = Uint8Array | PackedMessage;
type UnaryCall = ServerUnaryCall<Incoming, OutgoingMessage>;
type ClientStream = ServerDuplexStream<Incoming, OutgoingMessage>;
type StreamCall = ServerWritableStream<Incoming, OutgoingMessage> | ClientStream;

/** The handler in grpc-js's form, to be registered with its server. */
export function serveMethod(
  handler: MethodHandler,
  host: CallHost,
  unpacker: Unpacker,
): UntypedHandleCall {
  const server: CallServer = { handler, host, unpacker };
  return handler.method.responseStream
    ? (call: StreamCall) => answerStream(call, server)
    : (call: UnaryCall, callback: sendUnaryData<OutgoingMessage>) =>
      answerUnary(call, callback, server);
}

/** What answers the calls of a method, and what it has for that. */
interface CallServer {
  readonly handler: MethodHandler;
  readonly host: CallHost;
  readonly unpacker: Unpacker;
}

/** A call that runs. */
export class ServerCall implements RunningCall {
  readonly method: string;
  readonly peer: string;
  readonly responseHeaders: CallHeaders = new CallHeaders();
  readonly trailers: CallHeaders = new CallHeaders();
  subject: string | undefined = undefined;
  identity: string | undefined = undefined;
  #call: UnaryCall | StreamCall;
  #host: CallHost;
  #abort = new AbortController();
  #headers: CallHeaders | undefined;
  #headersSent = false;

  constructor(method: string, call: UnaryCall | StreamCall, host: CallHost) {
    this.method = method;
    this.peer = call.getPeer();
    this.#call = call;
    this.#host = host;
    // grpc-js says so of calls that have ended well, too.
    (call as EventEmitter).on("cancelled", () => {
      if (host.running.has(this)) this.cancel(this.#whyCancelled());
    });
  }

  get authority(): string | undefined {
    return this.#call.getHost();
  }

  get headers(): CallHeaders {
    return this.#headers ??= fromMetadata(this.#call.metadata);
  }

  get deadline(): Date | undefined {
    const deadline = this.#call.getDeadline();
    return deadline === Infinity ? undefined : new Date(deadline);
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  cancel(reason: FlightError): void {
    this.#abort.abort(reason);
  }

  /** Sends the headers, if they were not sent yet. */
  sendHeaders(): void {
    if (this.#headersSent) return;
    this.#headersSent = true;
    this.#call.sendMetadata(toMetadata(this.responseHeaders));
  }

  /**
   * Answers the call by way of the middleware, and gives the error that the client
   * gets.
   */
  async run(answer: () => Promise<void>): Promise<FlightError | undefined> {
    const error = await runCall(this, this.#host, answer);
    if ([...this.responseHeaders].length > 0) this.sendHeaders();
    return error;
  }

  #whyCancelled(): FlightError {
    const { deadline } = this;
    return deadline !== undefined && Date.now() >= deadline.getTime()
      ? new FlightError("DEADLINE_EXCEEDED", "The client's deadline has passed")
      : new FlightError("CANCELLED", "The client cancelled the call, or went away");
  }
}

async function answerUnary(
  grpcCall: UnaryCall,
  callback: sendUnaryData<OutgoingMessage>,
  server: CallServer,
): Promise<void> {
  const { handler: { method, answer }, host } = server;
  const call = new ServerCall(method.name, grpcCall, host);
  let message: OutgoingMessage | undefined;
  const error = await call.run(async () => {
    const request = await readRequest(grpcCall.request, call, server);
    const response = Promise.resolve(answer(request as never, call));
    message = method.response.encode(await unlessAborted(response, call.signal));
  });
  if (error !== undefined) callback(statusOf(error, call.trailers));
  else if (message !== undefined) callback(null, message, toMetadata(call.trailers));
  else callback(statusOf(unanswered(method.name), call.trailers));
}

async function answerStream(
  grpcCall: StreamCall,
  server: CallServer,
): Promise<void> {
  const { handler: { method, answer, headersFirst }, host } = server;
  const call = new ServerCall(method.name, grpcCall, host);
  const error = await call.run(async () => {
    if ("request" in grpcCall) {
      return await send(await readRequest(grpcCall.request, call, server));
    }
    const progress: Progress = { count: 0, isWaiting: false };
    const { decoder } = internalsOf(grpcCall);
    const seen = () =>
      progress.isWaiting
        ? `${progress.count} ${decoder.readMessageRemaining}`
        : undefined;
    // The two sides of an exchange may have nothing to say to each other for long.
    using _ = method.name === "DoExchange"
      ? undefined
      : host.watchIdle(seen, (error) => call.cancel(error));
    await send(readMessages(grpcCall, call, server, progress));
  });
  if (error === undefined) grpcCall.end(toMetadata(call.trailers));
  else grpcCall.emit("error", statusOf(error, call.trailers));

  async function send(request: unknown): Promise<void> {
    const responses = answer(request as never, call) as AsyncIterable<unknown>;
    await writeStream(grpcCall, encodeAll(responses), call.signal);
  }

  async function* encodeAll(
    responses: AsyncIterable<unknown>,
  ): AsyncGenerator<OutgoingMessage> {
    const iterator = responses[Symbol.asyncIterator]();
    let next = iterator.next();
    if (headersFirst) call.sendHeaders();
    try {
      for (let result = await next; !result.done; result = await next) {
        call.sendHeaders();
        yield method.response.encode(result.value);
        next = iterator.next();
      }
    } finally {
      await iterator.return?.();
    }
  }
}

/** The request in what has come, which is unpacked first if it has to be. */
async function readRequest(
  message: Incoming,
  { signal }: ServerCall,
  { handler, unpacker }: CallServer,
): Promise<unknown> {
  const bytes = message instanceof PackedMessage
    ? await unpacker.unpack(message, signal)
    : message;
  return readMessage(handler.method.request, bytes, "INVALID_ARGUMENT");
}

/** How far a client's stream has come. */
interface Progress {
  /** The messages that were read. */
  count: number;
  /** Whether the next one is waited for. */
  isWaiting: boolean;
}

/** The messages of a client's stream, until the client has half-closed it. */
async function* readMessages(
  grpcCall: ClientStream,
  call: ServerCall,
  server: CallServer,
  progress: Progress,
): AsyncGenerator<unknown> {
  // Some clients send nothing before they have seen the headers.
  call.sendHeaders();
  progress.isWaiting = true;
  for await (const message of readStream<Incoming>(grpcCall, call.signal)) {
    progress.count++;
    progress.isWaiting = false;
    yield await readRequest(message, call, server);
    progress.isWaiting = true;
  }
  progress.isWaiting = false;
  checkWhole(grpcCall);
}

/** What of grpc-js's inner life is looked at here; its version is pinned. */
interface CallInternals {
  readonly stream: ServerHttp2Stream;
  readonly decoder: {
    readonly readState: number;
    readonly readMessageRemaining: number;
  };
}

function internalsOf(grpcCall: ClientStream): CallInternals {
  return (grpcCall as unknown as { call: CallInternals }).call;
}

function unanswered(method: string): FlightError {
  return new FlightError(
    "INTERNAL",
    `Cannot answer ${method}: a middleware has ended the call without an answer`,
  );
}

/**
 * Tells a stream that the client has half-closed from one that broke off. grpc-js
 * ends both in the same way, and says some milliseconds later which it was. What
 * holds at once is HTTP/2's own state of the stream: the client's END_STREAM is
 * there, and no frame that resets the stream. A half-close inside a message shows
 * in grpc-js's decoder.
 */
function checkWhole(grpcCall: ClientStream): void {
  const { stream, decoder } = internalsOf(grpcCall);
  const { aborted, state } = stream;
  if (aborted || state.remoteClose !== 1) {
    throw new FlightError(
      "CANCELLED",
      "The client went away before its stream had ended",
    );
  }
  if (decoder.readState !== 0) {
    throw new FlightError(
      "INVALID_ARGUMENT",
      "Cannot read the stream: it ended inside a message",
    );
  }
}
