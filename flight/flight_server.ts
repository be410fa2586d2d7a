/**
 * The Flight protocol, server side: ten methods to override.
 *
 * @module
 */
import type {
  Action,
  ActionType,
  Criteria,
  FlightDescriptor,
  FlightInfo,
  HandshakeRequest,
  HandshakeResponse,
  PollInfo,
  PutResult,
  Result,
  SchemaResult,
  Ticket,
} from "../proto/messages.ts";
import type { FlightData, FlightDataInit } from "../proto/flight_data.ts";
import type { Init } from "../proto/message_type.ts";
import * as service from "../proto/service.ts";
import type { CallContext, ServerMiddleware } from "./call_context.ts";
import type { CallRecord } from "./call_record.ts";
import { FlightError } from "./errors.ts";
import { Listener, type ListenOptions } from "./listen.ts";
import { DEFAULT_PORT, formatLocation } from "./location.ts";
import { type MethodHandler, serveMethod, type ServerCall } from "./server_call.ts";

/** How long calls that were cancelled have to send their status, in milliseconds. */
const CANCELLED_CALLS_MS = 500;

/** How a {@linkcode FlightServer} listens, and what it accepts. */
export interface FlightServerOptions {
  /** The host name or IP address on which to listen. @default "localhost" */
  hostname?: string;
  /** The port on which to listen; 0 picks a free one. @default 5678 */
  port?: number;
  /** The largest message that is accepted, in bytes. @default 1 GiB */
  maxMessageBytes?: number;
  /** What stands around every call, the outermost first. @default none */
  middleware?: readonly ServerMiddleware[];
  /** Told of every call when it has ended, for a log. Should not throw. */
  onCall?: (record: CallRecord) => void;
}

/** How a {@linkcode FlightServer} is shut down. */
export interface ShutdownOptions {
  /** How long running calls may go on, in milliseconds. @default 10000 */
  timeout?: number;
}

/**
 * A Flight server. A subclass overrides the methods that it offers; a method that
 * it does not override answers UNIMPLEMENTED. A method throws a FlightError to
 * answer with that error; anything else that it throws reaches the client as
 * INTERNAL, without its text, and the server's `onCall` in full.
 *
 * The methods are those of the service in the Arrow Flight RPC specification.
 *
 * @example A server with one action
 * ```ts
 * import { type Action, FlightClient, FlightServer } from "@tinyflight/flight/flight";
 *
 * class Echo extends FlightServer {
 *   override async *doAction(action: Action) {
 *     yield { body: action.body };
 *   }
 * }
 *
 * await using server = await new Echo({ port: 0 }).listen();
 * await using client = new FlightClient(server.location);
 * for await (const { body } of client.doAction({ type: "echo", body: new Uint8Array([7]) })) {
 *   console.log(body); // Uint8Array [7]
 * }
 * ```
 */
export class FlightServer implements AsyncDisposable {
  #options: ListenOptions;
  #middleware: readonly ServerMiddleware[];
  #onCall: ((record: CallRecord) => void) | undefined;
  #running: Set<ServerCall> = new Set();
  #listener: Listener | undefined;
  #shutdown: Promise<void> | undefined;
  #finished: PromiseWithResolvers<void> = Promise.withResolvers();

  /**
   * A server that does not listen yet.
   *
   * @throws {RangeError} when the port or a limit is out of range.
   */
  constructor(options: FlightServerOptions = {}) {
    const {
      hostname = "localhost",
      port = DEFAULT_PORT,
      maxMessageBytes = 1024 ** 3,
      middleware = [],
      onCall,
    } = options;
    checkRange("port", port, 0, 65535);
    checkRange("maxMessageBytes", maxMessageBytes, 1, 2 ** 32 - 1);
    this.#options = { hostname, port, maxMessageBytes };
    this.#middleware = middleware;
    this.#onCall = onCall;
  }

  /**
   * Listens, and gives the server itself once it takes calls.
   *
   * @throws {Error} when it listened before, or the port cannot be had.
   */
  async listen(): Promise<this> {
    if (this.#listener !== undefined) {
      throw new Error("Cannot listen: the server listens already, or did before");
    }
    const host = {
      running: this.#running,
      middleware: this.#middleware,
      onEnd: (record: CallRecord) => this.#onCall?.(record),
    };
    this.#listener = await Listener.open(
      this.#handlers().map((
        handler,
      ) => [handler.method, serveMethod(handler, host)]),
      this.#options,
    );
    return this;
  }

  /** Listens, and waits until somebody shuts the server down. */
  async serve(): Promise<void> {
    await this.listen();
    await this.finished;
  }

  /** Where clients find the server, such as `grpc+tcp://localhost:5678`. */
  get location(): string {
    return formatLocation(this.#options.hostname, this.#listening().port);
  }

  /** Whether only this machine reaches the server. */
  get loopback(): boolean {
    return this.#listening().loopback;
  }

  /** Settled once the server has been shut down. */
  get finished(): Promise<void> {
    return this.#finished.promise;
  }

  /**
   * Takes no new calls, lets those that run end for as long as the timeout allows,
   * and then cancels them with UNAVAILABLE. Called again, it waits for the same.
   */
  shutdown(options: ShutdownOptions = {}): Promise<void> {
    return this.#shutdown ??= this.#stop(options.timeout ?? 10_000);
  }

  /** Shuts the server down. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }

  /** Answers Handshake: gives a token for what the client shows. */
  handshake(
    _requests: AsyncIterable<HandshakeRequest>,
    _call: CallContext,
  ): AsyncIterable<Init<HandshakeResponse>> {
    throw unimplemented("Handshake");
  }

  /** Answers ListFlights: what flights there are, as the criteria select them. */
  listFlights(
    _criteria: Criteria,
    _call: CallContext,
  ): AsyncIterable<Init<FlightInfo>> {
    throw unimplemented("ListFlights");
  }

  /** Answers GetFlightInfo: how to read one flight. */
  getFlightInfo(
    _descriptor: FlightDescriptor,
    _call: CallContext,
  ): Promise<Init<FlightInfo>> {
    throw unimplemented("GetFlightInfo");
  }

  /** Answers PollFlightInfo: how far a flight's preparation has come. */
  pollFlightInfo(
    _descriptor: FlightDescriptor,
    _call: CallContext,
  ): Promise<Init<PollInfo>> {
    throw unimplemented("PollFlightInfo");
  }

  /** Answers GetSchema: the schema of one flight. */
  getSchema(
    _descriptor: FlightDescriptor,
    _call: CallContext,
  ): Promise<Init<SchemaResult>> {
    throw unimplemented("GetSchema");
  }

  /** Answers DoGet: the schema and the batches behind a ticket. */
  doGet(_ticket: Ticket, _call: CallContext): AsyncIterable<FlightDataInit> {
    throw unimplemented("DoGet");
  }

  /**
   * Answers DoPut: takes a schema and batches. The first message has the
   * descriptor. The iterable throws when the client goes away before its stream
   * has ended, so that what comes to a regular end is whole.
   */
  doPut(
    _messages: AsyncIterable<FlightData>,
    _call: CallContext,
  ): AsyncIterable<Init<PutResult>> {
    throw unimplemented("DoPut");
  }

  /** Answers DoExchange: batches in both directions. The first message has the descriptor. */
  doExchange(
    _messages: AsyncIterable<FlightData>,
    _call: CallContext,
  ): AsyncIterable<FlightDataInit> {
    throw unimplemented("DoExchange");
  }

  /** Answers DoAction: whatever else the server offers. */
  doAction(_action: Action, _call: CallContext): AsyncIterable<Init<Result>> {
    throw unimplemented("DoAction");
  }

  /** Answers ListActions: what actions there are. */
  listActions(_call: CallContext): AsyncIterable<Init<ActionType>> {
    throw unimplemented("ListActions");
  }

  #handlers(): MethodHandler[] {
    return [
      {
        method: service.handshake,
        answer: (input, call) => this.handshake(input, call),
      },
      {
        method: service.listFlights,
        answer: (input, call) => this.listFlights(input, call),
      },
      {
        method: service.getFlightInfo,
        answer: (input, call) => this.getFlightInfo(input, call),
      },
      {
        method: service.pollFlightInfo,
        answer: (input, call) => this.pollFlightInfo(input, call),
      },
      {
        method: service.getSchema,
        answer: (input, call) => this.getSchema(input, call),
      },
      { method: service.doGet, answer: (input, call) => this.doGet(input, call) },
      { method: service.doPut, answer: (input, call) => this.doPut(input, call) },
      {
        method: service.doExchange,
        answer: (input, call) => this.doExchange(input, call),
      },
      {
        method: service.doAction,
        answer: (input, call) => this.doAction(input, call),
        headersFirst: true,
      },
      { method: service.listActions, answer: (_, call) => this.listActions(call) },
    ];
  }

  #listening(): Listener {
    if (this.#listener === undefined) {
      throw new Error("Cannot tell the location: the server does not listen yet");
    }
    return this.#listener;
  }

  async #stop(timeout: number): Promise<void> {
    const listener = this.#listener;
    if (listener !== undefined) {
      let timer = setTimeout(() => {
        const reason = new FlightError("UNAVAILABLE", "The server is shutting down");
        for (const call of this.#running) call.cancel(reason);
        // What a peer does not read in time is not waited for.
        timer = setTimeout(() => listener.close(), CANCELLED_CALLS_MS);
      }, timeout);
      await listener.drain();
      clearTimeout(timer);
      listener.close();
    }
    this.#finished.resolve();
  }
}

function unimplemented(method: string): FlightError {
  return new FlightError(
    "UNIMPLEMENTED",
    `Cannot answer ${method}: this server does not offer it`,
  );
}

function checkRange(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(
      `Cannot use the ${name} ${value}: it has to be a whole number from ${least} to ${most}`,
    );
  }
}
