/**
 * A client's connection to a server.
 *
 * @module
 */
import { type ChannelOptions, Client, credentials } from "@grpc/grpc-js";
import { unlessAborted } from "./abort.ts";
import type { ClientMiddleware } from "./client_middleware.ts";
import { FlightError } from "./errors.ts";
import { CLIENT_FLOW_CONTROL_WINDOW } from "./flow_control.ts";
import { tuneClientSessions } from "./http2_sessions.ts";
import { parseLocation } from "./location.ts";

/** A connection to a server, by which calls are made. */
export interface Connection {
  /** grpc-js's side of it. */
  readonly client: Client;
  /** What stands around every call, the outermost first. */
  readonly middleware: readonly ClientMiddleware[];
  /** Whether its owner has closed it. */
  isClosed: boolean;
}

/**
 * A connection to the server at this location, which is dialled with the first
 * call. The options are those of grpc-js's channels; they override these.
 */
export function connectLazily(
  location: string,
  middleware: readonly ClientMiddleware[],
  options: ChannelOptions,
): Connection {
  const client = new Client(
    parseLocation(location).target,
    credentials.createInsecure(),
    {
      "grpc.max_receive_message_length": -1,
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
    },
  );
  tuneClientSessions(client);
  return { client, middleware, isClosed: false };
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

/** Waits until the connection stands, the deadline (in ms since 1970) or the signal. */
export function waitForConnection(
  { client }: Connection,
  deadline: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const ready = new Promise<void>((resolve, reject) =>
    client.waitForReady(
      deadline,
      (error) =>
        error === undefined ? resolve() : reject(
          new FlightError("UNAVAILABLE", "No connection was made in time", {
            cause: error,
          }),
        ),
    )
  );
  return signal === undefined ? ready : unlessAborted(ready, signal);
}
