/**
 * The cases with which a client tries gRPC's own test service ("gRPC Interop Test
 * Descriptions"), over a channel of any transport.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { CallHeaders, type CallHeadersInit } from "../../../rpc/call_headers.ts";
import type {
  Channel,
  OutgoingCall,
  OutgoingMessage,
  RpcMethod,
  Status,
} from "../../../rpc/transport.ts";
import {
  ECHO_INITIAL,
  ECHO_TRAILING,
  MESSAGES,
  METHODS,
  payloadOf,
  UNIMPLEMENTED_METHOD,
  UNIMPLEMENTED_SERVICE,
} from "./messages.ts";

const LARGE_REQUEST = 271_828;
const LARGE_RESPONSE = 314_159;
const REQUEST_SIZES = [27_182, 8, 1828, 45_904];
const RESPONSE_SIZES = [31_415, 9, 2653, 58_979];
/** How long a call may take that is not about time, in milliseconds. */
const LONG_TIMEOUT = 20_000;
const SHORT_TIMEOUT = 1;
/** UNKNOWN, by its number. */
const UNKNOWN = 2;

/** A case; it throws when the server or the transport is wrong. */
export type TestCase = (channel: Channel) => Promise<void>;

/** The cases by their names in gRPC's documents. */
export const TEST_CASES: ReadonlyMap<string, TestCase> = new Map(Object.entries({
  empty_unary: emptyUnary,
  large_unary: largeUnary,
  client_streaming: clientStreaming,
  server_streaming: serverStreaming,
  ping_pong: pingPong,
  empty_stream: emptyStream,
  timeout_on_sleeping_server: timeoutOnSleepingServer,
  cancel_after_begin: cancelAfterBegin,
  cancel_after_first_response: cancelAfterFirstResponse,
  status_code_and_message: statusCodeAndMessage,
  special_status_message: specialStatusMessage,
  custom_metadata: customMetadata,
  unimplemented_method: (channel) => unimplemented(channel, UNIMPLEMENTED_METHOD),
  unimplemented_service: (channel) => unimplemented(channel, UNIMPLEMENTED_SERVICE),
}));

interface StartOptions {
  readonly timeout?: number;
  readonly headers?: CallHeadersInit;
}

function start(
  channel: Channel,
  method: RpcMethod,
  requests: AsyncIterable<OutgoingMessage>,
  { timeout = LONG_TIMEOUT, headers = {} }: StartOptions = {},
): OutgoingCall {
  const deadline = new Date(Date.now() + timeout);
  return channel.call(method, requests, {
    headers: new CallHeaders(headers),
    deadline,
  });
}

async function* send(...messages: OutgoingMessage[]): AsyncGenerator<OutgoingMessage> {
  yield* messages;
}

/** The responses of a call that has to end well. */
async function finish(call: OutgoingCall): Promise<Uint8Array[]> {
  const responses = await Array.fromAsync(call.responses);
  assertOk(await call.status);
  return responses;
}

function assertOk({ code, message }: Status): void {
  assertEquals([code, message], ["OK", ""]);
}

function sizeOf(response: Uint8Array): number {
  return MESSAGES.payload.decode(response).payload?.body.length ?? 0;
}

async function emptyUnary(channel: Channel): Promise<void> {
  const call = start(channel, METHODS.emptyCall, send(MESSAGES.empty.encode({})));
  assertEquals(await finish(call), [new Uint8Array()]);
}

async function largeUnary(channel: Channel): Promise<void> {
  const request = MESSAGES.simpleRequest.encode({
    responseSize: LARGE_RESPONSE,
    payload: payloadOf(LARGE_REQUEST),
  });
  const [response] = await finish(start(channel, METHODS.unaryCall, send(request)));
  assertEquals(sizeOf(response), LARGE_RESPONSE);
}

async function clientStreaming(channel: Channel): Promise<void> {
  const requests = REQUEST_SIZES.map((size) =>
    MESSAGES.payload.encode({ payload: payloadOf(size) })
  );
  const call = start(channel, METHODS.streamingInputCall, send(...requests));
  const [response] = await finish(call);
  const sum = REQUEST_SIZES.reduce((total, size) => total + size, 0);
  assertEquals(MESSAGES.aggregatedSize.decode(response).aggregatedPayloadSize, sum);
}

async function serverStreaming(channel: Channel): Promise<void> {
  const request = MESSAGES.streamRequest.encode({
    responseParameters: RESPONSE_SIZES.map((size) => ({ size })),
  });
  const call = start(channel, METHODS.streamingOutputCall, send(request));
  assertEquals((await finish(call)).map(sizeOf), RESPONSE_SIZES);
}

async function pingPong(channel: Channel): Promise<void> {
  const sizes: number[] = [];
  const answered = new Turns();
  async function* requests(): AsyncGenerator<OutgoingMessage> {
    for (const [index, size] of REQUEST_SIZES.entries()) {
      yield duplexRequest(size, RESPONSE_SIZES[index]);
      await answered.next();
    }
  }
  const call = start(channel, METHODS.fullDuplexCall, requests());
  for await (const response of call.responses) {
    sizes.push(sizeOf(response));
    answered.take();
  }
  assertOk(await call.status);
  assertEquals(sizes, RESPONSE_SIZES);
}

async function emptyStream(channel: Channel): Promise<void> {
  assertEquals(await finish(start(channel, METHODS.fullDuplexCall, send())), []);
}

async function timeoutOnSleepingServer(channel: Channel): Promise<void> {
  const wait = new Turns();
  async function* requests(): AsyncGenerator<OutgoingMessage> {
    yield duplexRequest(REQUEST_SIZES[0]);
    await wait.next();
  }
  const options = { timeout: SHORT_TIMEOUT };
  const call = start(channel, METHODS.fullDuplexCall, requests(), options);
  assertEquals(await Array.fromAsync(call.responses), []);
  assertEquals((await call.status).code, "DEADLINE_EXCEEDED");
  wait.take();
}

async function cancelAfterBegin(channel: Channel): Promise<void> {
  const wait = new Turns();
  async function* requests(): AsyncGenerator<OutgoingMessage> {
    await wait.next();
    yield MESSAGES.payload.encode({ payload: payloadOf(1) });
  }
  const call = start(channel, METHODS.streamingInputCall, requests());
  call.cancel();
  assertEquals((await call.status).code, "CANCELLED");
  assertEquals(await Array.fromAsync(call.responses), []);
  wait.take();
}

async function cancelAfterFirstResponse(channel: Channel): Promise<void> {
  const wait = new Turns();
  async function* requests(): AsyncGenerator<OutgoingMessage> {
    yield duplexRequest(REQUEST_SIZES[0], RESPONSE_SIZES[0]);
    await wait.next();
  }
  const call = start(channel, METHODS.fullDuplexCall, requests());
  let count = 0;
  for await (const response of call.responses) {
    assertEquals(sizeOf(response), RESPONSE_SIZES[0]);
    count++;
    call.cancel();
  }
  assertEquals([count, (await call.status).code], [1, "CANCELLED"]);
  wait.take();
}

async function statusCodeAndMessage(channel: Channel): Promise<void> {
  await askForStatus(channel, "test status message");
}

async function specialStatusMessage(channel: Channel): Promise<void> {
  const message = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n";
  await askForStatus(channel, message);
}

async function askForStatus(channel: Channel, message: string): Promise<void> {
  const responseStatus = { code: UNKNOWN, message };
  const calls = [
    start(
      channel,
      METHODS.unaryCall,
      send(MESSAGES.simpleRequest.encode({ responseStatus })),
    ),
    start(
      channel,
      METHODS.fullDuplexCall,
      send(MESSAGES.streamRequest.encode({ responseStatus })),
    ),
  ];
  for (const call of calls) {
    assertEquals(await Array.fromAsync(call.responses), []);
    const status = await call.status;
    assertEquals([status.code, status.message], ["UNKNOWN", message]);
  }
}

async function customMetadata(channel: Channel): Promise<void> {
  const text = "test_initial_metadata_value";
  const bytes = new Uint8Array([0x0a, 0x0b, 0x0a, 0x0b, 0x0a, 0x0b]);
  const options = { headers: { [ECHO_INITIAL]: text, [ECHO_TRAILING]: bytes } };
  const request = MESSAGES.simpleRequest.encode({
    responseSize: 1,
    payload: payloadOf(1),
  });
  const calls = [
    start(channel, METHODS.unaryCall, send(request), options),
    start(channel, METHODS.fullDuplexCall, send(duplexRequest(1, 1)), options),
  ];
  for (const call of calls) {
    assertEquals((await finish(call)).map(sizeOf), [1]);
    assertEquals((await call.headers).getAll(ECHO_INITIAL), [text]);
    assertEquals((await call.status).trailers.getAllBytes(ECHO_TRAILING), [bytes]);
  }
}

async function unimplemented(channel: Channel, method: RpcMethod): Promise<void> {
  const call = start(channel, method, send(MESSAGES.empty.encode({})));
  assertEquals(await Array.fromAsync(call.responses), []);
  const { code, message } = await call.status;
  assertEquals(code, "UNIMPLEMENTED");
  assert(message !== "", "the status says nothing");
}

function duplexRequest(size: number, ...answers: number[]): OutgoingMessage {
  return MESSAGES.streamRequest.encode({
    payload: payloadOf(size),
    responseParameters: answers.map((answer) => ({ size: answer })),
  });
}

/** Lets one side wait until the other has had its turn. */
class Turns {
  #given = 0;
  #waiting: (() => void) | undefined;

  /** Resolves when there is a turn more than were waited for. */
  async next(): Promise<void> {
    if (this.#given === 0) {
      await new Promise<void>((resolve) => this.#waiting = resolve);
    }
    this.#given--;
  }

  /** Gives the other side a turn. */
  take(): void {
    this.#given++;
    this.#waiting?.();
  }
}
