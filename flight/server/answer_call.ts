/**
 * Answers a call of the transport with a method of plain messages.
 *
 * @module
 */
import { unlessAborted } from "../../base/abort.ts";
import type { AnyMethod } from "../../proto/service.ts";
import { CallHeaders } from "../../rpc/call_headers.ts";
import type { IncomingCall, OutgoingMessage } from "../../rpc/transport.ts";
import { FlightError } from "../errors.ts";
import { readMessage } from "../protocol/read_message.ts";
import { statusOf } from "../protocol/status.ts";
import type { MethodHandler, Responses } from "./rpc_service.ts";
import { type CallHost, runCall, RunningCall } from "./running_call.ts";

/** Answers a call by way of the host's middleware. It never rejects. */
export async function answerCall(
  incoming: IncomingCall,
  handler: MethodHandler,
  host: CallHost,
): Promise<void> {
  const { method } = handler;
  const call = new GrpcCall(method, incoming);
  incoming.signal.addEventListener("abort", () => {
    if (host.running.has(call)) call.cancel(FlightError.from(incoming.signal.reason));
  }, { once: true });
  const { isPublic = false } = handler;
  const middleware = isPublic ? host.publicMiddleware : host.middleware;
  const error = await runCall(call, { ...host, middleware }, async () => {
    const answer = handler.answer(readRequests(incoming, call, method), call);
    const responses = answer instanceof Promise
      ? await unlessAborted(answer, call.signal)
      : answer;
    await sendResponses(responses, call, handler);
  });
  call.end(error);
}

/** A call over gRPC. */
class GrpcCall extends RunningCall {
  readonly #incoming: IncomingCall;
  readonly #method: AnyMethod;
  #headersSent = false;
  /** The one response of a method that gives one. */
  #response: OutgoingMessage | undefined;

  constructor(method: AnyMethod, incoming: IncomingCall) {
    super(method.name, incoming.peer, incoming.certificate);
    this.#incoming = incoming;
    this.#method = method;
  }

  get authority(): string | undefined {
    return this.#incoming.authority;
  }

  get headers(): CallHeaders {
    return this.#incoming.headers;
  }

  get deadline(): Date | undefined {
    return this.#incoming.deadline;
  }

  /** Sends the headers, unless they were sent before. */
  sendHeaders(): void {
    if (this.#headersSent) return;
    this.#headersSent = true;
    this.#incoming.sendHeaders(new CallHeaders(this.responseHeaders));
  }

  /**
   * Sends a response. One that is the only one waits for the middleware, which may
   * still set headers, or fail.
   */
  async send(response: unknown): Promise<void> {
    const message = this.#method.response.encode(response);
    this.sent += message.length;
    if (!this.#method.responseStream) {
      this.#response = message;
      return;
    }
    this.sendHeaders();
    await unlessAborted(this.#incoming.send(message), this.signal);
  }

  /** Ends the call, with this error if there is one. */
  end(error: FlightError | undefined): void {
    const isUnanswered = !this.#method.responseStream && this.#response === undefined;
    if (error === undefined && isUnanswered) error = unanswered(this.method);
    if ([...this.responseHeaders].length > 0) this.sendHeaders();
    if (error === undefined && this.#response !== undefined) {
      this.sendHeaders();
      // A client that has gone meanwhile has no use for it.
      this.#incoming.send(this.#response).catch(() => {});
    }
    this.#incoming.end(statusOf(error, this.trailers));
  }
}

/** The client's messages, until it has half-closed or the call has ended. */
async function* readRequests(
  { requests }: IncomingCall,
  call: GrpcCall,
  { request, requestStream }: AnyMethod,
): AsyncGenerator<never> {
  // Some clients send nothing before they have seen the headers.
  if (requestStream) call.sendHeaders();
  const iterator = requests[Symbol.asyncIterator]();
  while (true) {
    const { value, done } = await unlessAborted(iterator.next(), call.signal);
    if (done) return;
    call.received += value.length;
    yield readMessage(request, value, "INVALID_ARGUMENT") as never;
  }
}

/**
 * Sends the responses, each when there is room for it. What gives them is always
 * closed: at once when a response cannot be sent, and as soon as it is done with the
 * next response when the call was cancelled meanwhile.
 */
async function sendResponses(
  responses: Responses,
  call: GrpcCall,
  { headersFirst }: MethodHandler,
): Promise<void> {
  const iterator = iteratorOf(responses);
  let isBusy = true;
  let isDone: boolean | undefined = false;
  try {
    let next = iterator.next();
    if (headersFirst) call.sendHeaders();
    while (true) {
      isBusy = true;
      const result = await unlessAborted(Promise.resolve(next), call.signal);
      isBusy = false;
      isDone = result.done;
      if (isDone) return;
      await call.send(result.value);
      next = iterator.next();
    }
  } finally {
    // Nobody waits for one that is busy.
    if (isBusy) Promise.resolve(iterator.return?.()).catch(() => {});
    else if (!isDone) await iterator.return?.();
  }
}

function iteratorOf(responses: Responses): Iterator<unknown> | AsyncIterator<unknown> {
  return Symbol.asyncIterator in responses
    ? responses[Symbol.asyncIterator]()
    : responses[Symbol.iterator]();
}

function unanswered(method: string): FlightError {
  return new FlightError(
    "INTERNAL",
    `Cannot answer ${method}: a middleware has ended the call without an answer`,
  );
}
