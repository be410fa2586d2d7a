/**
 * A client's connection to a server.
 *
 * @module
 */
import { type ChannelOptions, Client, credentials, status } from "@grpc/grpc-js";
import type { OutgoingMessage } from "../rpc/transport.ts";
import { unlessAborted } from "../base/abort.ts";
import type { ClientMiddleware } from "./client/middleware.ts";
import { FlightError } from "./errors.ts";
import { CLIENT_FLOW_CONTROL_WINDOW } from "./flow_control.ts";
import { serializeWhole, serializeWire } from "./message_streams.ts";
import { tuneClientSessions } from "./http2_sessions.ts";
import { parseLocation } from "./protocol/location.ts";

/** What has come of a stream that is left before its end: one message or more. */
export interface Received {
  readonly count: number;
  readonly bytes: number;
}

/**
 * A connection to a server, by which calls are made. It is dialled with the first
 * call, and anew when streams were left early on which much was on its way: HTTP/2 in
 * Deno ends a connection on which about a thousand frames came too late, and with it
 * the calls of others (nghttp2's glitch limit, for which Deno has no option).
 */
export class Connection {
  /** What stands around every call, the outermost first. */
  readonly middleware: readonly ClientMiddleware[];
  /** How grpc-js is given the messages to send. */
  readonly serialize: (message: OutgoingMessage) => Buffer;
  readonly #connect: () => Client;
  #client: Client;
  #isClosed = false;
  /** How many frames may have come too late. */
  #lateFrames = 0;
  /** The calls under way of each client: the one for new calls, and those before it. */
  readonly #calls = new Map<Client, number>();

  /**
   * A connection to the server at this location. The options are those of grpc-js's
   * channels; they override these.
   */
  constructor(
    location: string,
    middleware: readonly ClientMiddleware[],
    options: ChannelOptions,
  ) {
    const { target } = parseLocation(location);
    this.middleware = middleware;
    const isCompressing = Boolean(options["grpc.default_compression_algorithm"]);
    this.serialize = isCompressing ? serializeWhole : serializeWire;
    this.#connect = () => connect(target, options);
    this.#client = this.#connect();
    this.#calls.set(this.#client, 0);
  }

  /** grpc-js's side of it. */
  get client(): Client {
    return this.#client;
  }

  /** Whether its owner has closed it. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The client for one call, which is to be disposed of when the call has ended. */
  lease(): { readonly client: Client } & Disposable {
    const client = this.#client;
    const count = (more: number) =>
      this.#calls.set(client, (this.#calls.get(client) ?? 0) + more);
    count(1);
    return { client, [Symbol.dispose]: () => count(-1) };
  }

  /** Takes notice of a stream that was left. */
  leave({ count, bytes }: Received): void {
    const frame = Math.min(bytes / count, LARGEST_FRAME);
    this.#lateFrames += CLIENT_FLOW_CONTROL_WINDOW / Math.max(frame, 1);
    if (this.#lateFrames < MAX_LATE_FRAMES || this.#isClosed) return;
    this.#lateFrames = 0;
    // The one that was left just now has still to tell its server.
    for (const [client, calls] of this.#calls) {
      if (client === this.#client || calls > 0) continue;
      this.#calls.delete(client);
      client.close();
    }
    this.#client = this.#connect();
    this.#calls.set(this.#client, 0);
  }

  /** Closes it, once the running calls have ended. */
  close(): void {
    this.#isClosed = true;
    for (const client of this.#calls.keys()) client.close();
  }
}

/** What most servers send in a frame at most; others send fewer frames. */
const LARGEST_FRAME = 16 * 1024;
/** Some less than what ends a connection. */
const MAX_LATE_FRAMES = 800;

/** What peers in C++ and Java can send at most; a compressed message could unpack to more. */
const MAX_RECEIVED_BYTES = 2 ** 31 - 1;

function connect(target: string, options: ChannelOptions): Client {
  const client = new Client(target, credentials.createInsecure(), {
    "grpc.max_receive_message_length": MAX_RECEIVED_BYTES,
    "grpc.max_send_message_length": -1,
    "grpc-node.flow_control_window": CLIENT_FLOW_CONTROL_WINDOW,
    // Retries would buffer what is sent, and undo the backpressure.
    "grpc.enable_retries": 0,
    "grpc.per_rpc_retry_buffer_size": 0,
    "grpc.enable_channelz": 0,
    // A server that is just starting is found soon.
    "grpc.initial_reconnect_backoff_ms": 100,
    "grpc.max_reconnect_backoff_ms": 5000,
    ...options,
    // A client's sockets are its own, and close with it.
    "grpc.use_local_subchannel_pool": 1,
  });
  tuneClientSessions(client);
  return client;
}

/**
 * Checks that a call can be made, as grpc-js would open a closed client again.
 *
 * @throws {FlightError} CANCELLED, when the connection was closed.
 */
export function checkOpen(connection: Connection, method: string): void {
  if (!connection.isClosed) return;
  throw new FlightError("CANCELLED", `Cannot call ${method}: the client was closed`);
}

/**
 * Waits until the connection stands, the deadline (in ms since 1970) or the signal.
 *
 * @throws {FlightError} UNAVAILABLE, with what came of the last attempt;
 * DEADLINE_EXCEEDED, when nothing has come of it yet.
 */
export function waitForConnection(
  { client }: Connection,
  deadline: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const ready = new Promise<void>((resolve, reject) =>
    client.waitForReady(deadline, (error) => {
      if (error === undefined) resolve();
      else lastFailure(client).then(reject, reject);
    })
  );
  return signal === undefined ? ready : unlessAborted(ready, signal);
}

/** How long grpc-js may take to say why it has no connection. */
const REASON_MS = 100;

/** Why there is no connection: a call that does not wait for one fails for that. */
function lastFailure(client: Client): Promise<FlightError> {
  const nothing = () => Buffer.alloc(0);
  const options = { deadline: Date.now() + REASON_MS };
  return new Promise((resolve) =>
    client.makeUnaryRequest("/", nothing, nothing, undefined, options, (error) => {
      if (error?.code !== status.UNAVAILABLE) {
        const message = "No connection was made in time";
        return resolve(new FlightError("DEADLINE_EXCEEDED", message));
      }
      const last = /Last error: (.*?)( \(\d.*Z\))?\. Resolution note/.exec(
        error.details,
      );
      resolve(new FlightError("UNAVAILABLE", last?.[1] ?? error.details));
    })
  );
}
