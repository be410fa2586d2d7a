/**
 * The Flight protocol, server side: the server that listens.
 *
 * @module
 */
import * as service from "../../proto/service.ts";
import type { ServerMiddleware } from "./call_context.ts";
import type { CallRecord } from "./call_record.ts";
import { FlightService, type FlightServiceOptions } from "./flight_service.ts";
import { IdleWatch } from "../../base/idle_watch.ts";
import { Listener, type ListenOptions } from "../listen.ts";
import { DEFAULT_PORT, formatLocation } from "../protocol/location.ts";
import { Unpacker } from "../packed_messages.ts";
import { checkRange } from "../../base/ranges.ts";
import { requireIdentity } from "./auth.ts";
import { type CallHost, shuttingDown } from "./running_call.ts";
import { type MethodHandler, serveMethod } from "../server_call.ts";
import { SharedLimit } from "../../base/shared_limit.ts";
import { startTimer } from "../../base/timer.ts";
import { checkTimeout } from "../../base/timeouts.ts";
import { limitExceeded } from "../../rpc/limits.ts";
import { FlightError } from "../errors.ts";

/** How long calls that were cancelled have to send their status, in milliseconds. */
const CANCELLED_CALLS_MS = 500;

/** How a {@linkcode FlightServer} listens, and what it accepts. */
export interface FlightServerOptions extends FlightServiceOptions {
  /** The host name or IP address on which to listen. @default "localhost" */
  hostname?: string;
  /** The port on which to listen; 0 picks a free one. @default 5678 */
  port?: number;
  /** The largest message that is accepted, in bytes. @default 1 GiB */
  maxMessageBytes?: number;
  /**
   * The most bytes of messages that have come in part, or were not read yet, of all
   * calls together. A call that brings more is answered with RESOURCE_EXHAUSTED.
   * @default twice maxMessageBytes
   */
  maxArrivingBytes?: number;
  /**
   * How many calls may run at the same time, of all clients; one more is answered
   * with RESOURCE_EXHAUSTED. @default 1000
   */
  maxConcurrentCalls?: number;
  /**
   * How many calls a client may have under way on one connection (HTTP/2's setting
   * MAX_CONCURRENT_STREAMS). Clients wait with more. @default 100
   */
  maxConnectionCalls?: number;
  /**
   * The largest headers of a call that are accepted, in bytes: names, values, and 32
   * for each (HTTP/2's setting MAX_HEADER_LIST_SIZE). @default 64 KiB
   */
  maxCallHeaderBytes?: number;
  /**
   * How many connections there may be; one more is closed. @default 1000
   */
  maxConnections?: number;
  /**
   * How long a client may send nothing, in milliseconds: in the middle of a put, or
   * instead of a request, until it is answered with RESOURCE_EXHAUSTED; on a
   * connection, until it has to answer a ping to stay, for which it has as long again.
   * @default 5 minutes
   */
  maxIdleTime?: number;
  /**
   * What stands around every call, the outermost first. It comes before `auth`, so
   * that it sees calls that are refused, too. @default none
   */
  middleware?: readonly ServerMiddleware[];
  /**
   * Told of every call when it has ended, for a log. What it throws is reported as
   * an uncaught error.
   */
  onCall?: (record: CallRecord) => void;
}

/** What takes calls until it is closed. */
export interface Listening {
  /**
   * Takes no new calls, and waits until those that run have ended and their clients
   * have been told.
   */
  drain(): Promise<void>;
  /** Closes every connection. */
  close(): void | Promise<void>;
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
export class FlightServer extends FlightService implements AsyncDisposable {
  #options: ListenOptions;
  #calls: CallHost;
  #opening: Promise<void> | undefined;
  #listener: Listener | undefined;
  #doors: readonly Listening[] = [];
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
      maxArrivingBytes = 2 * maxMessageBytes,
      maxConcurrentCalls = 1000,
      maxConnectionCalls = 100,
      maxCallHeaderBytes = 64 * 1024,
      maxConnections = 1000,
      maxIdleTime = 5 * 60_000,
      middleware = [],
      onCall,
    } = options;
    super(options);
    checkRange("port", port, 0, 65535);
    checkRange("maxMessageBytes", maxMessageBytes, 1, 2 ** 32 - 1);
    checkRange("maxArrivingBytes", maxArrivingBytes, 1, Number.MAX_SAFE_INTEGER);
    checkRange("maxConcurrentCalls", maxConcurrentCalls, 1, Number.MAX_SAFE_INTEGER);
    checkRange("maxConnectionCalls", maxConnectionCalls, 1, 2 ** 32 - 1);
    checkRange("maxCallHeaderBytes", maxCallHeaderBytes, 1024, 2 ** 32 - 1);
    checkRange("maxConnections", maxConnections, 1, Number.MAX_SAFE_INTEGER);
    if (!(maxIdleTime >= 1)) {
      throw new RangeError(
        `Cannot use the maxIdleTime ${maxIdleTime}: it has to be 1 ms or more`,
      );
    }
    const idleWatch = new IdleWatch(maxIdleTime);
    const arrivingBytes = new SharedLimit(
      maxArrivingBytes,
      (_, most) => FlightError.from(limitExceeded("maxArrivingBytes", most)),
    );
    this.#options = {
      hostname,
      port,
      maxMessageBytes,
      arrivingBytes,
      maxConnectionCalls,
      maxCallHeaderBytes,
      maxConnections,
      idleWatch,
    };
    const { auth, sessions } = options;
    this.#calls = {
      running: new Set(),
      maxCalls: maxConcurrentCalls,
      watchIdle: (progress, end) =>
        idleWatch.watch(
          progress,
          () => end(FlightError.from(limitExceeded("maxIdleTime", maxIdleTime))),
        ),
      countArriving: () => arrivingBytes.open(),
      middleware: [
        ...middleware,
        ...auth === undefined ? [] : [requireIdentity(auth)],
        ...sessions === undefined ? [] : [sessions.middleware],
      ],
      onEnd: (record) => onCall?.(record),
    };
  }

  /**
   * Listens, and gives the server itself once it takes calls.
   *
   * @throws {Error} when it listened or was shut down before, or the port cannot be
   * had.
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
   *
   * @throws {RangeError} when the timeout is negative, or no number.
   */
  async shutdown(options: ShutdownOptions = {}): Promise<void> {
    const { timeout = 10_000 } = options;
    checkTimeout(timeout);
    await (this.#shutdown ??= this.#stop(timeout));
  }

  /** Shuts the server down. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }

  /** What the server has for all its calls, and shares with its other doors. */
  protected get callHost(): CallHost {
    return this.#calls;
  }

  /**
   * Opens the other ways, beside gRPC, by which this server is reached, once it has
   * its location. They close with the server. A plain FlightServer has none.
   */
  protected openDoors(): Promise<readonly Listening[]> {
    return Promise.resolve([]);
  }

  async #open(): Promise<void> {
    const unpacker = new Unpacker(this.#options.maxMessageBytes);
    const listener = await Listener.open(
      this.#handlers().map((handler) => [
        handler.method,
        serveMethod(handler, this.#calls, unpacker),
      ]),
      this.#options,
    );
    this.#listener = listener;
    try {
      this.#doors = await this.openDoors();
    } catch (error) {
      this.#listener = undefined;
      listener.close();
      throw error;
    }
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
    // One that could not be opened has told the caller of listen().
    await this.#opening?.catch(() => undefined);
    if (this.#listener !== undefined) {
      const listening = [...this.#doors, this.#listener];
      const drained = Promise.all(listening.map((door) => door.drain()));
      if (!await settlesWithin(drained, timeout)) {
        const reason = shuttingDown();
        for (const call of this.#calls.running) call.cancel(reason);
        // What a peer does not read in this time is not waited for.
        await settlesWithin(drained, CANCELLED_CALLS_MS);
      }
      await Promise.all(listening.map((door) => door.close()));
    }
    this.#options.idleWatch.close();
    this.#finished.resolve();
  }
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
