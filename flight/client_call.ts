/**
 * Calls as a client makes them: the meeting point of grpc-js's client streams
 * and plain messages.
 *
 * @module
 */
import type {
  CallOptions as GrpcCallOptions,
  Client,
  ClientDuplexStream,
  ClientReadableStream,
} from "@grpc/grpc-js";
import { once } from "node:events";
import type { OutgoingMessage } from "../rpc/transport.ts";
import type { Codec, Method } from "../proto/service.ts";
import { compose } from "../base/compose.ts";
import { checkOpen, type Connection } from "./connection.ts";
import { FlightError } from "./errors.ts";
import { deserializeWire, readStream, writeStream } from "./message_streams.ts";
import type { CallOptions } from "./client/call_options.ts";
import { OutgoingCall } from "./outgoing_call.ts";
import { readMessage } from "./protocol/read_message.ts";
import { toMetadata } from "./protocol/status.ts";

/**
 * Calls a method that takes one message and gives one. To grpc-js it is a call whose
 * response streams: its own way to call such a method waits for ever when the server
 * sends a second message.
 */
export async function callUnary<I, O>(
  connection: Connection,
  { name, path, request, response }: Method<I, unknown, unknown, O>,
  message: I,
  options: CallOptions,
): Promise<O> {
  const wire = request.encode(message);
  const call = new OutgoingCall(name, options);
  let answer: { readonly message: O } | undefined;
  await call.make(compose(connection.middleware, call, async () => {
    call.checkWanted();
    checkOpen(connection, name);
    using lease = connection.lease();
    const stream = lease.client.makeServerStreamRequest(
      path,
      connection.serialize,
      deserializeWire,
      wire,
      toMetadata(call.headers),
      grpcOptions(call),
    );
    const messages: Uint8Array[] = [];
    stream.on("data", (bytes: Uint8Array) => {
      messages.push(bytes);
      if (messages.length > 1) stream.cancel();
    });
    try {
      await call.follow(stream);
    } catch (error) {
      if (messages.length < 2) throw error;
    }
    // A message that has come may still be on its way out of the stream.
    if (messages.length === 0 && !stream.readableEnded) await once(stream, "end");
    if (messages.length !== 1) throw notOne(name, messages.length);
    answer = { message: readMessage(response, messages[0]) };
  }));
  if (answer === undefined) throw notCalled(name);
  return answer.message;
}

/** Calls a method that takes one message and gives a stream of them. */
export function callServerStream<I, O>(
  connection: Connection,
  method: Method<I, unknown, unknown, O>,
  message: I,
  options: CallOptions,
): AsyncGenerator<O> {
  const wire = method.request.encode(message);
  const start = (client: Client, call: OutgoingCall) =>
    client.makeServerStreamRequest(
      method.path,
      connection.serialize,
      deserializeWire,
      wire,
      toMetadata(call.headers),
      grpcOptions(call),
    );
  return new StreamingCall(connection, method, options, { start }).responses();
}

/** Calls a method that takes a stream of messages, and gives one. */
export function callBothStreams<I, O>(
  connection: Connection,
  method: Method<I, unknown, unknown, O>,
  messages: AsyncIterable<I>,
  options: CallOptions,
): AsyncGenerator<O> {
  const start = (client: Client, call: OutgoingCall) =>
    client.makeBidiStreamRequest(
      method.path,
      connection.serialize,
      deserializeWire,
      toMetadata(call.headers),
      grpcOptions(call),
    );
  const requests = encodeAll(method.request, messages);
  return new StreamingCall(connection, method, options, { start, requests })
    .responses();
}

/** Why the streams of a call stop when its status is there: no error to be made anew. */
const OVER = "the call is over";

/** How a stream is opened, and what is sent over it. */
type Opening =
  | {
    start(client: Client, call: OutgoingCall): ClientReadableStream<Uint8Array>;
    requests?: undefined;
  }
  | {
    start(
      client: Client,
      call: OutgoingCall,
    ): ClientDuplexStream<OutgoingMessage, Uint8Array>;
    requests: AsyncIterable<OutgoingMessage>;
  };

/** A call that gives a stream of responses. It starts at once. */
class StreamingCall<O> {
  #codec: Codec<unknown, O>;
  #connection: Connection;
  #received = { count: 0, bytes: 0 };
  #stream: ClientReadableStream<Uint8Array> | undefined;
  #started: PromiseWithResolvers<void> = Promise.withResolvers();
  /** Aborted when the status is there. */
  #over: AbortController = new AbortController();
  /** Settled when the call has ended, with what it has thrown. */
  #outcome: Promise<{ readonly error: unknown } | undefined>;

  constructor(
    connection: Connection,
    { name, response }: Method<never, unknown, unknown, O>,
    options: CallOptions,
    opening: Opening,
  ) {
    this.#codec = response;
    this.#connection = connection;
    const call = new OutgoingCall(name, options);
    const make = () => {
      checkOpen(connection, name);
      return this.#make(call, opening);
    };
    this.#outcome = call.make(compose(connection.middleware, call, make))
      .then(() => this.#stream === undefined ? { error: notCalled(name) } : undefined)
      .catch((error) => ({ error }))
      .finally(this.#started.resolve);
  }

  /** The responses, until the status. Left early, it cancels the call. */
  responses(): AsyncGenerator<O> {
    const responses = this.#read();
    // Enters its `try`: a generator that was never begun would not cancel the call.
    responses.next();
    const end = responses.return.bind(responses);
    // A generator returns after what it waits for, which need not come any more.
    responses.return = (value) => {
      this.#stream?.cancel();
      return end(value);
    };
    return responses;
  }

  async *#read(): AsyncGenerator<O> {
    try {
      yield undefined as O;
      await this.#started.promise;
      if (this.#stream !== undefined) {
        for await (const bytes of readStream(this.#stream, this.#over.signal)) {
          this.#received.count++;
          this.#received.bytes += bytes.length;
          yield readMessage(this.#codec, bytes);
        }
      }
    } catch (error) {
      if (error !== OVER) throw error;
    } finally {
      await this.#started.promise;
      if (!this.#over.signal.aborted) this.#stream?.cancel();
      await this.#outcome;
    }
    const outcome = await this.#outcome;
    if (outcome !== undefined) throw outcome.error;
  }

  async #make(call: OutgoingCall, { start, requests }: Opening): Promise<void> {
    call.checkWanted();
    using lease = this.#connection.lease();
    const stream = start(lease.client, call);
    this.#stream = stream;
    const cancel = stream.cancel.bind(stream);
    stream.cancel = () => {
      stream.cancel = cancel;
      // Where messages have come, more of them may be on their way.
      const isFlowing = this.#received.count > 0 && !this.#over.signal.aborted;
      cancel();
      if (isFlowing) this.#connection.leave(this.#received);
    };
    const status = call.follow(stream).finally(() => this.#over.abort(OVER));
    const sent = requests === undefined
      ? undefined
      : this.#send(stream as ClientDuplexStream<OutgoingMessage, Uint8Array>, requests)
        .then(() => undefined, (error) => ({ error }));
    this.#started.resolve();
    const ended = await status.then(() => undefined, (error) => ({ error }));
    // What the messages to send have thrown is why the call was cancelled.
    const failed = await sent ?? ended;
    if (failed !== undefined) throw failed.error;
  }

  async #send(
    stream: ClientDuplexStream<OutgoingMessage, Uint8Array>,
    messages: AsyncIterable<OutgoingMessage>,
  ): Promise<void> {
    try {
      await writeStream(stream, messages, this.#over.signal);
      stream.end();
    } catch (error) {
      if (this.#over.signal.aborted) return;
      stream.cancel();
      throw error;
    }
  }
}

async function* encodeAll<I>(
  codec: Codec<I, unknown>,
  messages: AsyncIterable<I>,
): AsyncGenerator<OutgoingMessage> {
  for await (const message of messages) yield codec.encode(message);
}

function grpcOptions({ deadline }: OutgoingCall): GrpcCallOptions {
  return deadline === Infinity ? {} : { deadline };
}

function notOne(method: string, count: number): FlightError {
  return new FlightError(
    "INTERNAL",
    `Cannot take the answer to ${method}: it is one message, and ${
      count === 0 ? "none" : "more"
    } came`,
  );
}

function notCalled(method: string): FlightError {
  return new FlightError(
    "CANCELLED",
    `Cannot call ${method}: a middleware has ended the call without an answer`,
  );
}
