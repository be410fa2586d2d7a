/**
 * The Flight protocol, client side: ten methods to call.
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
import { abortError } from "./abort.ts";
import { type Connection, connectLazily, waitForConnection } from "./connection.ts";
import {
  callBothStreams,
  type CallOptions,
  callServerStream,
  callUnary,
} from "./client_call.ts";

import { FlightError } from "./errors.ts";

/** How a {@linkcode FlightClient} connects. */
export interface FlightClientOptions {
  /**
   * Options of grpc-js's channels, by their names there, such as
   * `"grpc.keepalive_time_ms"`. They override this library's own.
   */
  channelOptions?: { readonly [name: string]: string | number };
}

/** How long {@linkcode FlightClient.waitUntilReady} waits. */
export interface ReadyOptions {
  /** The most milliseconds to wait. @default 10000 */
  timeout?: number;
  /** Stops waiting when it is aborted. */
  signal?: AbortSignal;
}

/**
 * A Flight client: the ten methods of the service in the Arrow Flight RPC
 * specification. Every call starts at once. What streams is an async iterable:
 * iterate over it once, to its end, or leave it early to cancel the call. Errors
 * are FlightErrors.
 *
 * @example What a server has
 * ```ts
 * import { FlightClient } from "@tinyflight/flight/flight";
 * import { TinyServer } from "@tinyflight/flight/server";
 *
 * await using server = await new TinyServer({ port: 0 }).listen();
 * await using client = new FlightClient(server.location);
 * for await (const { type, description } of client.listActions()) {
 *   console.log(type, description);
 * }
 * ```
 */
export class FlightClient implements AsyncDisposable {
  /** Where the server is. */
  readonly location: string;
  #connection: Connection;

  /**
   * A client of the server at this location, such as `grpc://localhost:5678`. It
   * connects with the first call.
   *
   * @throws {TypeError} when the location cannot be read.
   */
  constructor(location: string, options: FlightClientOptions = {}) {
    this.location = location;
    this.#connection = connectLazily(location, options.channelOptions ?? {});
  }

  /**
   * Waits until a Flight server answers at the location. An answer of any kind will
   * do, also one that refuses.
   *
   * @throws {FlightError} UNAVAILABLE, when none has answered in time; CANCELLED,
   * when the signal was aborted.
   */
  async waitUntilReady(options: ReadyOptions = {}): Promise<void> {
    const { timeout = 10_000, signal } = options;
    const deadline = Date.now() + timeout;
    try {
      await waitForConnection(this.#connection, deadline, signal);
      const left = Math.max(1, deadline - Date.now());
      for await (const _ of this.listActions({ signal, timeout: left }));
    } catch (error) {
      if (signal?.aborted) throw abortError(signal);
      const { code } = FlightError.from(error);
      if (code !== "UNAVAILABLE" && code !== "DEADLINE_EXCEEDED") return;
      throw new FlightError(
        "UNAVAILABLE",
        `Cannot connect to "${this.location}": no Flight server has answered there within ${timeout} ms`,
        { cause: error },
      );
    }
  }

  /** Closes the connection, once the running calls have ended. */
  close(): void {
    this.#connection.close();
  }

  /** Closes the connection. */
  // deno-lint-ignore require-await -- the interface asks for a promise
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  /** Handshake: exchanges messages that prove who the client is. */
  handshake(
    requests: AsyncIterable<Init<HandshakeRequest>>,
    options: CallOptions = {},
  ): AsyncGenerator<HandshakeResponse> {
    return callBothStreams(this.#connection, service.handshake, requests, options);
  }

  /** ListFlights: the flights that the criteria select; all without criteria. */
  listFlights(
    criteria: Init<Criteria> = {},
    options: CallOptions = {},
  ): AsyncGenerator<FlightInfo> {
    return callServerStream(this.#connection, service.listFlights, criteria, options);
  }

  /** GetFlightInfo: how to read the flight of this descriptor. */
  getFlightInfo(
    descriptor: Init<FlightDescriptor>,
    options: CallOptions = {},
  ): Promise<FlightInfo> {
    return callUnary(this.#connection, service.getFlightInfo, descriptor, options);
  }

  /** PollFlightInfo: how far the preparation of this flight has come. */
  pollFlightInfo(
    descriptor: Init<FlightDescriptor>,
    options: CallOptions = {},
  ): Promise<PollInfo> {
    return callUnary(this.#connection, service.pollFlightInfo, descriptor, options);
  }

  /** GetSchema: the schema of the flight of this descriptor. */
  getSchema(
    descriptor: Init<FlightDescriptor>,
    options: CallOptions = {},
  ): Promise<SchemaResult> {
    return callUnary(this.#connection, service.getSchema, descriptor, options);
  }

  /** DoGet: the schema and the batches behind a ticket, to be given to `decode`. */
  doGet(ticket: Init<Ticket>, options: CallOptions = {}): AsyncGenerator<FlightData> {
    return callServerStream(this.#connection, service.doGet, ticket, options);
  }

  /**
   * DoPut: sends a schema and batches, as `encode` gives them with a descriptor.
   * They are read and sent while the results are awaited.
   */
  doPut(
    messages: AsyncIterable<FlightDataInit>,
    options: CallOptions = {},
  ): AsyncGenerator<PutResult> {
    return callBothStreams(this.#connection, service.doPut, messages, options);
  }

  /** DoExchange: sends batches, and gets batches at the same time. */
  doExchange(
    messages: AsyncIterable<FlightDataInit>,
    options: CallOptions = {},
  ): AsyncGenerator<FlightData> {
    return callBothStreams(this.#connection, service.doExchange, messages, options);
  }

  /** DoAction: runs an action, and gives its results. */
  doAction(action: Init<Action>, options: CallOptions = {}): AsyncGenerator<Result> {
    return callServerStream(this.#connection, service.doAction, action, options);
  }

  /** ListActions: the actions that the server offers. */
  listActions(options: CallOptions = {}): AsyncGenerator<ActionType> {
    return callServerStream(this.#connection, service.listActions, {}, options);
  }
}
