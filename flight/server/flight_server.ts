/**
 * The Flight protocol, server side: the server that listens.
 *
 * @module
 */
import { checkOptions, type OptionSet } from "../../base/check_options.ts";
import { startTimer } from "../../base/timer.ts";
import {
  arrayOf,
  functionLike,
  HOSTNAME,
  MILLISECONDS,
  objectWith,
  PORT,
} from "../../base/value_kinds.ts";
import type {
  IncomingCall,
  Listening,
  RefusedConnection,
  ServerTls,
  ServerTransport,
} from "../../rpc/transport.ts";
import { SERVICE } from "../../proto/service.ts";
import { wireServer } from "../../wire/server.ts";
import { DEFAULT_PORT, formatLocation } from "../protocol/location.ts";
import { SERVER_TLS_OPTIONS } from "../protocol/tls_options.ts";
import { answerCall } from "./answer_call.ts";
import { requireIdentity } from "./auth.ts";
import type { ServerMiddleware } from "./call_context.ts";
import type { CallRecord } from "./call_record.ts";
import { CallTotals } from "./call_totals.ts";
import {
  FLIGHT_SERVICE_OPTIONS,
  FlightService,
  type FlightServiceOptions,
} from "./flight_service.ts";
import { handlersOf } from "./handlers.ts";
import { limitCallerCalls } from "./caller_calls.ts";
import {
  kindsOf,
  limitOf,
  SERVER_LIMITS,
  type ServerLimits,
  transportLimits,
} from "./limits.ts";
import { reportUnexpected } from "./report_unexpected.ts";
import type { MethodHandler, RpcService } from "./rpc_service.ts";
import { type CallHost, shuttingDown } from "./running_call.ts";

/** How long calls that were cancelled have to send their status, in milliseconds. */
const CANCELLED_CALLS_MS = 500;

/** How a {@linkcode FlightServer} listens, and what it accepts. */
export interface FlightServerOptions extends FlightServiceOptions, ServerLimits {
  /** The host name or IP address on which to listen. @default "localhost" */
  hostname?: string;
  /** The port on which to listen; 0 picks a free one. @default 5678 */
  port?: number;
  /** How to speak TLS. @default without TLS */
  tls?: ServerTls;
  /** gRPC services beside Flight's, such as `healthService()`. @default none */
  services?: readonly RpcService[];
  /** What takes the calls. @default this library's own HTTP/2 */
  transport?: ServerTransport;
  /**
   * The functions that wrap every call, the outermost first. They come before `auth`,
   * so that they see calls that are refused, too. @default none
   */
  middleware?: readonly ServerMiddleware[];
  /**
   * Told of every call when it has ended, for a log. What it throws is reported as an
   * uncaught error. @default writes unexpected errors to the console
   */
  onCall?: (record: CallRecord) => void;
  /**
   * Told of every connection that is refused: for its certificate, a TLS handshake that
   * fails, or a limit. @default not told
   */
  onRefused?: (refused: RefusedConnection) => void;
}

/** Something else that listens for a server, and closes with it. */
export interface Endpoint {
  /**
   * Accepts no new calls, and waits until the running ones have ended and their
   * clients were told.
   */
  drain(): Promise<void>;
  /** Closes every connection. */
  close(): void | Promise<void>;
  /** Uses other certificates for new connections; left out by what speaks no TLS. */
  setTls?(tls: ServerTls): Promise<void>;
}

/** How a {@linkcode FlightServer} is shut down. */
export interface ShutdownOptions {
  /** How long running calls may go on, in milliseconds. @default 10000 */
  timeout?: number;
  /**
   * How long the server takes new calls while its health service says NOT_SERVING
   * already, so that a load balancer sends no more, in milliseconds. @default 0
   */
  notice?: number;
}

/** The options of a {@linkcode FlightServer}. */
export const FLIGHT_SERVER_OPTIONS: OptionSet<FlightServerOptions> = {
  of: "FlightServer",
  example: "{ port: 5678 }",
  kinds: {
    ...FLIGHT_SERVICE_OPTIONS.kinds,
    hostname: HOSTNAME,
    port: PORT,
    tls: objectWith([], "an object, such as { certificates: [{ cert, key }] }"),
    services: arrayOf(
      objectWith(["handlers"], ""),
      "an array of services, such as [healthService()]",
    ),
    transport: objectWith(["listen"], "a transport, such as grpcJs()"),
    middleware: arrayOf(
      functionLike(""),
      "an array of functions, such as [async (call, next) => await next()]",
    ),
    onCall: functionLike("(record) => log(describeCall(record))"),
    onRefused: functionLike("({ peer, reason }) => log(peer, reason)"),
    ...kindsOf<ServerLimits>(SERVER_LIMITS),
  },
};

const SHUTDOWN_OPTIONS: OptionSet<ShutdownOptions> = {
  of: "shutdown()",
  example: "{ timeout: 5000 }",
  kinds: { timeout: MILLISECONDS, notice: MILLISECONDS },
};

/**
 * A Flight server. A subclass overrides the methods that it offers; a method that
 * it does not override answers UNIMPLEMENTED. A method throws a FlightError to
 * answer with that error; anything else that it throws reaches the client as
 * INTERNAL, without its text, and the server's `onCall` in full.
 *
 * The constructor refuses options that it does not know, so a subclass with options of
 * its own passes on only those of this class.
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
export class FlightServer extends FlightService implements AsyncDisposable {
  readonly #options: FlightServerOptions;
  readonly #hostname: string;
  readonly #calls: CallHost;
  #opening: Promise<void> | undefined;
  #listening: Listening | undefined;
  #endpoints: readonly Endpoint[] = [];
  #shutdown: Promise<void> | undefined;
  readonly #stopping: AbortController = new AbortController();
  readonly #finished: PromiseWithResolvers<void> = Promise.withResolvers();

  /**
   * A server that does not listen yet.
   *
   * @throws {TypeError} when an option has a wrong type or is not known.
   * @throws {RangeError} when the port or a limit is out of range.
   */
  constructor(options: FlightServerOptions = {}) {
    checkOptions(FLIGHT_SERVER_OPTIONS, options);
    if (options.tls !== undefined) checkOptions(SERVER_TLS_OPTIONS, options.tls);
    const { hostname = "localhost", middleware = [], auth, sessions } = options;
    super({ auth, sessions });
    this.#options = options;
    this.#hostname = hostname;
    const { onCall = reportUnexpected } = options;
    const maxCallerCalls = limitOf("maxCallerCalls", options);
    this.#calls = {
      running: new Set(),
      totals: new CallTotals(),
      maxConcurrentCalls: limitOf("maxConcurrentCalls", options),
      middleware: [
        ...middleware,
        ...auth === undefined ? [] : [requireIdentity(auth)],
        ...maxCallerCalls === Infinity ? [] : [limitCallerCalls(maxCallerCalls)],
        ...sessions === undefined ? [] : [sessions.middleware],
      ],
      publicMiddleware: middleware,
      onEnd: (record) => onCall(record),
    };
  }

  /**
   * Listens, and gives the server itself once it takes calls.
   *
   * @throws {Error} when it listened or was shut down before, or the port cannot be
   * had.
   * @throws {TypeError} when the transport cannot keep one of the limits.
   */
  async listen(): Promise<this> {
    if (this.#opening !== undefined || this.#shutdown !== undefined) {
      throw new Error(
        "Cannot listen: the server listens already, or was shut down before",
      );
    }
    this.#opening = this.#open();
    try {
      await this.#opening;
    } catch (error) {
      this.#opening = undefined;
      throw error;
    }
    return this;
  }

  /** Listens, and waits until somebody shuts the server down. */
  async serve(): Promise<void> {
    await this.listen();
    await this.finished;
  }

  /** Where clients find the server, such as `grpc+tcp://localhost:5678`. */
  get location(): string {
    const { port } = this.#opened();
    const address = { hostname: this.#hostname, port };
    return formatLocation({ address, tls: this.#options.tls !== undefined });
  }

  /** Whether only this machine reaches the server. */
  get loopback(): boolean {
    return this.#opened().loopback;
  }

  /** How many connections of gRPC are open; 0 before it listens. */
  get connections(): number {
    return this.#listening?.connections ?? 0;
  }

  /**
   * Uses other certificates for new connections. Those that are there go on, and no call
   * fails. An HttpDoor refuses connections for some milliseconds meanwhile.
   *
   * @throws {TypeError} when it listens without TLS, or they cannot be used.
   */
  async setTls(tls: ServerTls): Promise<void> {
    checkOptions(SERVER_TLS_OPTIONS, tls);
    await this.#opened().setTls(tls);
    await Promise.all(this.#endpoints.map((endpoint) => endpoint.setTls?.(tls)));
  }

  /** Settled once the server has been shut down. */
  get finished(): Promise<void> {
    return this.#finished.promise;
  }

  /**
   * Takes no new calls, lets those that run end for as long as the timeout allows,
   * and then cancels them with UNAVAILABLE. Called again, it waits for the same.
   *
   * @throws {TypeError} when the timeout is no number, or an option is not known.
   * @throws {RangeError} when the timeout is negative.
   */
  async shutdown(options: ShutdownOptions = {}): Promise<void> {
    checkOptions(SHUTDOWN_OPTIONS, options);
    const { timeout = 10_000, notice = 0 } = options;
    await (this.#shutdown ??= this.#stop(timeout, notice));
  }

  /** Shuts the server down. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }

  /**
   * What the server has for all its calls, also for those by another endpoint.
   *
   * @internal
   */
  protected get callHost(): CallHost {
    return this.#calls;
  }

  /**
   * Aborted when the server begins to shut down.
   *
   * @internal
   */
  protected get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  /**
   * Opens what else listens for this server, beside gRPC, once it has its location. A
   * plain FlightServer has nothing else.
   *
   * @internal
   */
  protected openEndpoints(): Promise<readonly Endpoint[]> {
    return Promise.resolve([]);
  }

  async #open(): Promise<void> {
    const { transport = wireServer(), port = DEFAULT_PORT, tls } = this.#options;
    const handlers = new Map<string, MethodHandler>();
    for (const handler of this.#handlers()) handlers.set(handler.method.path, handler);
    const answer = (call: IncomingCall) => {
      answerCall(call, handlers.get(call.method.path)!, this.#calls);
    };
    const methods = Array.from(handlers.values(), ({ method }) => method);
    const listening = await transport.listen(methods, answer, {
      address: { hostname: this.#hostname, port },
      tls,
      limits: transportLimits(this.#options, transport),
      onRefused: this.#options.onRefused,
    });
    this.#listening = listening;
    try {
      this.#endpoints = await this.openEndpoints();
    } catch (error) {
      this.#listening = undefined;
      await listening.close();
      throw error;
    }
  }

  #handlers(): readonly MethodHandler[] {
    const { services = [] } = this.#options;
    const host = {
      services: [SERVICE, ...services.map(({ name }) => name)],
      stopping: this.stopping,
    };
    return [
      ...handlersOf(this),
      ...services.flatMap((service) => service.handlers(host)),
    ];
  }

  #opened(): Listening {
    if (this.#listening === undefined) {
      throw new Error("Cannot tell the location: the server does not listen yet");
    }
    return this.#listening;
  }

  async #stop(timeout: number, notice: number): Promise<void> {
    this.#stopping.abort();
    // One that could not be opened has told the caller of listen().
    await this.#opening?.catch(() => undefined);
    if (this.#listening !== undefined) {
      if (notice > 0) await passed(notice);
      const endpoints = [...this.#endpoints, this.#listening];
      const drained = Promise.all(endpoints.map((endpoint) => endpoint.drain()));
      if (!await settlesWithin(drained, timeout)) {
        const reason = shuttingDown();
        for (const call of this.#calls.running) call.cancel(reason);
        // What a peer does not read in this time is not waited for.
        await settlesWithin(drained, CANCELLED_CALLS_MS);
      }
      await Promise.all(endpoints.map((endpoint) => endpoint.close()));
    }
    this.#finished.resolve();
  }
}

/** Resolves when so many milliseconds have passed. */
async function passed(time: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  using _ = startTimer(time, resolve);
  await promise;
}

/** Whether the promise is settled before so many milliseconds have passed. */
async function settlesWithin(
  promise: Promise<unknown>,
  timeout: number,
): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  using _ = startTimer(timeout, () => late.resolve(false));
  return await Promise.race([promise.then(() => true), late.promise]);
}
