/**
 * gRPC's own test service, as an answer to the calls of any transport.
 *
 * @module
 */
import { setTimeout } from "node:timers/promises";
import { CallHeaders } from "../../../rpc/call_headers.ts";
import { codeFromNumber } from "../../../rpc/status.ts";
import type {
  IncomingCall,
  OutgoingMessage,
  RpcMethod,
  Status,
} from "../../../rpc/transport.ts";
import {
  ECHO_INITIAL,
  ECHO_TRAILING,
  type EchoStatus,
  MESSAGES,
  METHODS,
  payloadOf,
  type ResponseParameters,
} from "./messages.ts";

/** Gives the responses, and then the status that was asked for, if any. */
type Handler = (
  call: IncomingCall,
) => AsyncGenerator<OutgoingMessage, EchoStatus | undefined>;

const HANDLERS: ReadonlyMap<RpcMethod, Handler> = new Map<RpcMethod, Handler>([
  [METHODS.emptyCall, emptyCall],
  [METHODS.unaryCall, unaryCall],
  [METHODS.streamingOutputCall, streamingOutputCall],
  [METHODS.streamingInputCall, streamingInputCall],
  [METHODS.fullDuplexCall, fullDuplexCall],
]);

/** The methods that {@linkcode answerTestCall} answers. */
export const TEST_METHODS: readonly RpcMethod[] = [...HANDLERS.keys()];

/** Answers a call of the service; errors of our own reject in {@linkcode ended}. */
export class TestService {
  readonly #ended: Promise<void>[] = [];

  /** Answers a call. */
  readonly answer = (call: IncomingCall): void => {
    this.#ended.push(answerCall(call));
  };

  /** Waits for all calls, and rejects when one has failed in a way that nobody meant. */
  async ended(): Promise<void> {
    await Promise.all(this.#ended);
  }
}

async function answerCall(call: IncomingCall): Promise<void> {
  const { headers, trailers } = echo(call.headers);
  try {
    call.sendHeaders(headers);
    const responses = HANDLERS.get(call.method)!(call);
    let next = await responses.next();
    for (; !next.done; next = await responses.next()) await call.send(next.value);
    call.end(statusOf(next.value, trailers));
  } catch (error) {
    call.end({ code: "INTERNAL", message: "the test service has failed", trailers });
    // What a call that has ended throws is known by its signal.
    if (!call.signal.aborted || error !== call.signal.reason) throw error;
  }
}

function echo(received: CallHeaders): { headers: CallHeaders; trailers: CallHeaders } {
  const headers = new CallHeaders();
  const trailers = new CallHeaders();
  for (const value of received.getAll(ECHO_INITIAL)) {
    headers.append(ECHO_INITIAL, value);
  }
  for (const value of received.getAllBytes(ECHO_TRAILING)) {
    trailers.append(ECHO_TRAILING, value);
  }
  return { headers, trailers };
}

function statusOf(asked: EchoStatus | undefined, trailers: CallHeaders): Status {
  const { code, message } = asked ?? { code: 0, message: "" };
  return { code: codeFromNumber(code), message, trailers };
}

async function* emptyCall({ requests }: IncomingCall) {
  for await (const bytes of requests) {
    if (bytes.length > 0) throw new Error("Cannot answer EmptyCall: it is not empty");
  }
  yield MESSAGES.empty.encode({});
  return undefined;
}

async function* unaryCall({ requests }: IncomingCall) {
  for await (const bytes of requests) {
    const request = MESSAGES.simpleRequest.decode(bytes);
    if (isError(request.responseStatus)) return request.responseStatus;
    yield MESSAGES.payload.encode({ payload: payloadOf(request.responseSize ?? 0) });
  }
  return undefined;
}

async function* streamingInputCall({ requests }: IncomingCall) {
  let size = 0;
  for await (const bytes of requests) {
    size += MESSAGES.payload.decode(bytes).payload?.body.length ?? 0;
  }
  yield MESSAGES.aggregatedSize.encode({ aggregatedPayloadSize: size });
  return undefined;
}

/** Each request is answered as it comes, so that this is the answer for one as well. */
async function* fullDuplexCall({ requests, signal }: IncomingCall) {
  for await (const bytes of requests) {
    const request = MESSAGES.streamRequest.decode(bytes);
    if (isError(request.responseStatus)) return request.responseStatus;
    yield* responses(request.responseParameters ?? [], signal);
  }
  return undefined;
}

function streamingOutputCall(call: IncomingCall) {
  return fullDuplexCall(call);
}

async function* responses(
  parameters: readonly ResponseParameters[],
  signal: AbortSignal,
): AsyncGenerator<OutgoingMessage> {
  for (const { size, intervalUs = 0 } of parameters) {
    if (intervalUs > 0) await pause(intervalUs / 1000, signal);
    yield MESSAGES.payload.encode({ payload: payloadOf(size) });
  }
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await setTimeout(milliseconds, undefined, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}

function isError(status: EchoStatus | null | undefined): status is EchoStatus {
  return status !== null && status !== undefined && status.code !== 0;
}
