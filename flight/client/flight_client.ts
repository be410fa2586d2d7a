/**
 * The Flight protocol, client side: ten methods to call.
 *
 * @module
 */
import type {
  CancelStatus,
  CloseSessionStatus,
  SetSessionOptionError,
} from "../../proto/action_messages.ts";
import type {
  Action,
  ActionType,
  Criteria,
  FlightDescriptor,
  FlightEndpoint,
  FlightInfo,
  HandshakeRequest,
  HandshakeResponse,
  PollInfo,
  PutResult,
  Result,
  SchemaResult,
  Ticket,
} from "../../proto/messages.ts";
import type { FlightData, FlightDataInit } from "../../proto/flight_data.ts";
import type { Init } from "../../proto/message_type.ts";
import * as service from "../../proto/service.ts";
import {
  checkOptions,
  checkValue,
  type OptionSet,
  type ValueKind,
} from "../../base/check_options.ts";
import { arrayOf, functionLike, MILLISECONDS, SIGNAL } from "../../base/value_kinds.ts";
import { checkOpen, Connection, waitForConnection } from "../connection.ts";
import { callBothStreams, callServerStream, callUnary } from "../client_call.ts";
import type { ClientMiddleware } from "./middleware.ts";
import { abortError, FlightError } from "../errors.ts";
import { mapValues } from "../../base/map_values.ts";
import type { CallOptions } from "./call_options.ts";
import * as predefined from "../protocol/predefined_actions.ts";
import type { PredefinedAction } from "../protocol/predefined_actions.ts";
import { DEFAULT_PORT } from "../protocol/location.ts";
import { readMessage } from "../protocol/read_message.ts";
import {
  fromOptionValue,
  type SessionValue,
  toOptionValue,
} from "../protocol/session_values.ts";

/** How a {@linkcode FlightClient} connects. */
export interface FlightClientOptions {
  /** What stands around every call, the outermost first. @default none */
  middleware?: readonly ClientMiddleware[];
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

/** The options of a {@linkcode FlightClient}. */
export const FLIGHT_CLIENT_OPTIONS: OptionSet<FlightClientOptions> = {
  of: "FlightClient",
  example: '{ middleware: [basicAuth("ada", "lovelace")] }',
  kinds: {
    middleware: arrayOf(
      functionLike(""),
      'an array of functions, such as [basicAuth("ada", "lovelace")]',
    ),
    channelOptions: {
      wanted: 'an object, such as { "grpc.keepalive_time_ms": 10000 }',
      isType: (value) => typeof value === "object" && value !== null,
    },
  },
};

const READY_OPTIONS: OptionSet<ReadyOptions> = {
  of: "waitUntilReady()",
  example: "{ timeout: 5000 }",
  kinds: { timeout: MILLISECONDS, signal: SIGNAL },
};

/** Where a server is. Only its syntax is left to be checked. */
const LOCATION: ValueKind = {
  wanted: (value) => {
    const port = typeof value === "object" && value !== null
      ? Reflect.get(value, "port")
      : value;
    return `a text, such as "grpc://localhost:${
      typeof port === "number" ? port : DEFAULT_PORT
    }"`;
  },
  isType: (value) => typeof value === "string",
};

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
  #options: FlightClientOptions;

  /**
   * A client of the server at this location, such as `grpc://localhost:5678`. It
   * connects with the first call.
   *
   * @throws {TypeError} when the location cannot be read, or an option has a wrong type or
   * is not known.
   */
  constructor(location: string, options: FlightClientOptions = {}) {
    checkValue("location", location, LOCATION);
    checkOptions(FLIGHT_CLIENT_OPTIONS, options);
    this.location = location;
    this.#options = options;
    this.#connection = new Connection(
      location,
      options.middleware ?? [],
      options.channelOptions ?? {},
    );
  }

  /**
   * Waits until a Flight server answers at the location. An answer of any kind will
   * do, also one that refuses.
   *
   * @throws {FlightError} UNAVAILABLE, when none has answered in time; CANCELLED,
   * when the signal was aborted.
   */
  async waitUntilReady(options: ReadyOptions = {}): Promise<void> {
    checkOptions(READY_OPTIONS, options);
    const { timeout = 10_000, signal } = options;
    const deadline = Date.now() + timeout;
    checkOpen(this.#connection, "the server");
    try {
      await waitForConnection(this.#connection, deadline, signal);
      const left = Math.max(1, deadline - Date.now());
      for await (const _ of this.listActions({ signal, timeout: left }));
    } catch (error) {
      if (signal?.aborted) throw abortError(signal);
      // Only what a server says is an answer; what happened here is none.
      if (!(error instanceof FlightError) || error.code === "CANCELLED") throw error;
      if (error.code !== "UNAVAILABLE" && error.code !== "DEADLINE_EXCEEDED") return;
      const reason = error.code === "UNAVAILABLE" ? ` (${error.message})` : "";
      throw new FlightError(
        "UNAVAILABLE",
        `Cannot connect to "${this.location}": no Flight server has answered there within ${timeout} ms${reason}`,
        { cause: error },
      );
    }
  }

  /** A client of the server at another location, with the options of this one. */
  sibling(location: string): FlightClient {
    return new FlightClient(location, this.#options);
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

  /** The action CancelFlightInfo: nobody will read this flight any more. */
  async cancelFlightInfo(
    info: Init<FlightInfo>,
    options: CallOptions = {},
  ): Promise<CancelStatus> {
    const { cancelFlightInfo } = predefined;
    return (await this.#run(cancelFlightInfo, { info }, options)).status;
  }

  /** The action RenewFlightEndpoint: gives the endpoint with its new expiry. */
  renewFlightEndpoint(
    endpoint: Init<FlightEndpoint>,
    options: CallOptions = {},
  ): Promise<FlightEndpoint> {
    return this.#run(predefined.renewFlightEndpoint, { endpoint }, options);
  }

  /**
   * The action SetSessionOptions, where `undefined` removes an option: gives, by
   * name, why an option was not set. Sessions need a `cookieJar()`.
   */
  async setSessionOptions(
    sessionOptions: { readonly [name: string]: SessionValue | undefined },
    options: CallOptions = {},
  ): Promise<{ [name: string]: SetSessionOptionError }> {
    const request = { sessionOptions: mapValues(sessionOptions, toOptionValue) };
    const { errors } = await this.#run(predefined.setSessionOptions, request, options);
    return mapValues(errors, ({ value }) => value);
  }

  /** The action GetSessionOptions: the options of the session, by name. */
  async getSessionOptions(
    options: CallOptions = {},
  ): Promise<{ [name: string]: SessionValue | undefined }> {
    const { sessionOptions } = await this.#run(
      predefined.getSessionOptions,
      {},
      options,
    );
    return mapValues(sessionOptions, fromOptionValue);
  }

  /** The action CloseSession. */
  async closeSession(options: CallOptions = {}): Promise<CloseSessionStatus> {
    return (await this.#run(predefined.closeSession, {}, options)).status;
  }

  async #run<Request, Response>(
    { type, request, response }: PredefinedAction<Request, Response>,
    message: Init<Request>,
    options: CallOptions,
  ): Promise<Response> {
    const action = { type, body: request.serialize(message) };
    const bodies: Uint8Array[] = [];
    for await (const { body } of this.doAction(action, options)) bodies.push(body);
    if (bodies.length !== 1) {
      throw new FlightError(
        "INTERNAL",
        `Cannot read the answer to ${type}: it has ${bodies.length} results, not one`,
      );
    }
    return readMessage(response, bodies[0]);
  }
}
