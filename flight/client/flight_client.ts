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
import {
  arrayOf,
  functionLike,
  MILLISECONDS,
  objectWith,
  SIGNAL,
} from "../../base/value_kinds.ts";
import { wireClient } from "../../wire/client.ts";
import type { Channel, ClientTls, ClientTransport } from "../../rpc/transport.ts";
import type { ClientMiddleware } from "./middleware.ts";
import { abortError, FlightError } from "../errors.ts";
import { mapValues } from "../../base/map_values.ts";
import type { CallOptions } from "./call_options.ts";
import { callWithOne, callWithStream } from "./make_call.ts";
import * as predefined from "../protocol/predefined_actions.ts";
import type { PredefinedAction } from "../protocol/predefined_actions.ts";
import { DEFAULT_PORT, parseLocation } from "../protocol/location.ts";
import { CLIENT_TLS_OPTIONS } from "../protocol/tls_options.ts";
import { readMessage } from "../protocol/read_message.ts";
import {
  fromOptionValue,
  type SessionValue,
  toOptionValue,
} from "../protocol/session_values.ts";

/** How a {@linkcode FlightClient} connects. */
export interface FlightClientOptions {
  /** The functions that wrap every call, the outermost first. @default none */
  middleware?: readonly ClientMiddleware[];
  /** How TLS is spoken at a location `grpc+tls://`. @default as the system has it */
  tls?: ClientTls;
  /** What makes the calls. @default this library's own HTTP/2 */
  transport?: ClientTransport;
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
    tls: objectWith([], "an object, such as { ca: pem }"),
    transport: objectWith(["connect"], "a transport, such as grpcJs()"),
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

/** How long a server may take to answer one try, in milliseconds. */
const ONE_TRY_MS = 1000;

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
  readonly #options: FlightClientOptions;
  readonly #calls: {
    channel: Channel;
    middleware: readonly ClientMiddleware[];
    isClosed: boolean;
  };

  /**
   * A client of the server at this location, such as `grpc://localhost:5678`. It
   * connects with the first call.
   *
   * @throws {TypeError} when the location cannot be read, an option has a wrong type or
   * is not known, or the transport cannot do what `tls` says.
   */
  constructor(location: string, options: FlightClientOptions = {}) {
    checkValue("location", location, LOCATION);
    checkOptions(FLIGHT_CLIENT_OPTIONS, options);
    if (options.tls !== undefined) checkOptions(CLIENT_TLS_OPTIONS, options.tls);
    const { transport = wireClient(), middleware = [], tls = {} } = options;
    const { address, tls: isTls } = parseLocation(location);
    this.location = location;
    this.#options = options;
    this.#calls = {
      channel: transport.connect(address, isTls ? { tls } : {}),
      middleware,
      isClosed: false,
    };
  }

  /**
   * Waits until a Flight server answers at the location. An answer of any kind will
   * do, also one that refuses. With the timeout 0 it tries once.
   *
   * @throws {FlightError} UNAVAILABLE, when none has answered in time; CANCELLED,
   * when the signal was aborted.
   */
  async waitUntilReady(options: ReadyOptions = {}): Promise<void> {
    checkOptions(READY_OPTIONS, options);
    const { timeout = 10_000, signal } = options;
    const started = performance.now();
    if (this.#calls.isClosed) {
      throw new FlightError("CANCELLED", "Cannot connect: the client was closed");
    }
    try {
      await this.#calls.channel.ready({ timeout, signal });
    } catch (error) {
      throw signal?.aborted ? abortError(signal) : this.#notReady(timeout, error);
    }
    const left = timeout === 0
      ? ONE_TRY_MS
      : Math.max(1, timeout - (performance.now() - started));
    const call = callWithOne(this.#calls, service.listActions, {}, {
      signal,
      timeout: left,
    });
    try {
      for await (const _ of call.responses());
    } catch (error) {
      if (!(error instanceof FlightError) || error.code === "CANCELLED") throw error;
      const isElsewhere = error.code === "UNAVAILABLE" ||
        error.code === "DEADLINE_EXCEEDED";
      if (!call.isAnswered || isElsewhere) throw this.#notReady(timeout, error);
    }
  }

  /** A client of the server at another location, with the options of this one. */
  sibling(location: string): FlightClient {
    return new FlightClient(location, this.#options);
  }

  /** Closes the connection, once the running calls have ended. */
  close(): void {
    this.#calls.isClosed = true;
    this.#calls.channel.close();
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
    return callWithStream(this.#calls, service.handshake, requests, options)
      .responses();
  }

  /** ListFlights: the flights that the criteria select; all without criteria. */
  listFlights(
    criteria: Init<Criteria> = {},
    options: CallOptions = {},
  ): AsyncGenerator<FlightInfo> {
    return callWithOne(this.#calls, service.listFlights, criteria, options).responses();
  }

  /** GetFlightInfo: how to read the flight of this descriptor. */
  getFlightInfo(
    descriptor: Init<FlightDescriptor>,
    options: CallOptions = {},
  ): Promise<FlightInfo> {
    return callWithOne(this.#calls, service.getFlightInfo, descriptor, options)
      .response();
  }

  /** PollFlightInfo: how far the preparation of this flight has come. */
  pollFlightInfo(
    descriptor: Init<FlightDescriptor>,
    options: CallOptions = {},
  ): Promise<PollInfo> {
    return callWithOne(this.#calls, service.pollFlightInfo, descriptor, options)
      .response();
  }

  /** GetSchema: the schema of the flight of this descriptor. */
  getSchema(
    descriptor: Init<FlightDescriptor>,
    options: CallOptions = {},
  ): Promise<SchemaResult> {
    return callWithOne(this.#calls, service.getSchema, descriptor, options).response();
  }

  /** DoGet: the schema and the batches behind a ticket, to be given to `decode`. */
  doGet(ticket: Init<Ticket>, options: CallOptions = {}): AsyncGenerator<FlightData> {
    return callWithOne(this.#calls, service.doGet, ticket, options).responses();
  }

  /**
   * DoPut: sends a schema and batches, as `encode` gives them with a descriptor.
   * They are read and sent while the results are awaited.
   */
  doPut(
    messages: AsyncIterable<FlightDataInit>,
    options: CallOptions = {},
  ): AsyncGenerator<PutResult> {
    return callWithStream(this.#calls, service.doPut, messages, options).responses();
  }

  /** DoExchange: sends batches, and gets batches at the same time. */
  doExchange(
    messages: AsyncIterable<FlightDataInit>,
    options: CallOptions = {},
  ): AsyncGenerator<FlightData> {
    return callWithStream(this.#calls, service.doExchange, messages, options)
      .responses();
  }

  /** DoAction: runs an action, and gives its results. */
  doAction(action: Init<Action>, options: CallOptions = {}): AsyncGenerator<Result> {
    return callWithOne(this.#calls, service.doAction, action, options).responses();
  }

  /** ListActions: the actions that the server offers. */
  listActions(options: CallOptions = {}): AsyncGenerator<ActionType> {
    return callWithOne(this.#calls, service.listActions, {}, options).responses();
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

  #notReady(timeout: number, cause: unknown): FlightError {
    const { code, message } = FlightError.from(cause);
    const reason = code === "DEADLINE_EXCEEDED" ? "" : ` (${message})`;
    return new FlightError(
      "UNAVAILABLE",
      `Cannot connect to "${this.location}": no Flight server has answered there within ${timeout} ms${reason}`,
      { cause },
    );
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
