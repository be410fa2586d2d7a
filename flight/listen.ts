/**
 * A listening gRPC server: addresses, flow control and shutdown.
 *
 * @module
 */
import {
  type ConnectionInjector,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  type UntypedHandleCall,
} from "@grpc/grpc-js";
import type { Http2Server, IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { type AnyMethod, deserializeWire, serializeWire } from "../proto/service.ts";
import { bindEach } from "./addresses.ts";
import { DenoSocket } from "./deno_socket.ts";
import { type SessionLimits, tuneServerSessions } from "./http2_sessions.ts";
import { isLoopback } from "./location.ts";

/** Where to listen, and what to accept. */
export interface ListenOptions extends SessionLimits {
  /** A host name, or an IP address. */
  readonly hostname: string;
  /** A port, or 0 for any free one. */
  readonly port: number;
  /** The largest message that is accepted, in bytes. */
  readonly maxMessageBytes: number;
}

/** A gRPC server that listens. */
export class Listener {
  /** The port on which it listens. */
  readonly port: number;
  /** Whether only this machine reaches it. */
  readonly loopback: boolean;
  readonly #server: Server;
  readonly #listeners: readonly Deno.TcpListener[];
  #isListening = true;

  private constructor(
    server: Server,
    port: number,
    listeners: readonly Deno.TcpListener[],
  ) {
    this.#server = server;
    this.port = port;
    this.loopback = listeners.every(({ addr }) => isLoopback(addr.hostname));
    this.#listeners = listeners;
  }

  /**
   * Listens on every address of the host, and answers these methods.
   *
   * @throws {Error} when an address or the port cannot be had.
   */
  static async open(
    handlers: readonly (readonly [AnyMethod, UntypedHandleCall])[],
    options: ListenOptions,
  ): Promise<Listener> {
    const listeners: Deno.TcpListener[] = [];
    let port: number;
    try {
      port = await bindEach(options, (hostname, port) => {
        const listener = Deno.listen({ hostname, port });
        listeners.push(listener);
        return listener.addr.port;
      });
    } catch (error) {
      for (const listener of listeners) listener.close();
      throw error;
    }
    const server = new Server({
      "grpc.max_receive_message_length": options.maxMessageBytes,
      "grpc.max_send_message_length": -1,
      "grpc.enable_channelz": 0,
    });
    server.addService(
      serviceDefinition(handlers.map(([method]) => method)),
      Object.fromEntries(handlers.map(([method, handler]) => [method.name, handler])),
    );
    const injector = server.createConnectionInjector(
      ServerCredentials.createInsecure(),
    );
    adjust(server, options);
    for (const listener of listeners) accept(listener, injector);
    return new Listener(server, port, listeners);
  }

  /** Takes no new calls, and waits until those that run have ended. */
  drain(): Promise<void> {
    this.#stopListening();
    return new Promise((resolve, reject) =>
      this.#server.tryShutdown((error) => error ? reject(error) : resolve())
    );
  }

  /** Closes every connection. */
  close(): void {
    this.#stopListening();
    this.#server.forceShutdown();
  }

  #stopListening(): void {
    if (!this.#isListening) return;
    this.#isListening = false;
    for (const listener of this.#listeners) listener.close();
  }
}

/** How long to wait when the system has no more handles for connections, in ms. */
const RETRY_MS = 100;

/** Hands the connections that come to gRPC, until the listener is closed. */
async function accept(
  listener: Deno.TcpListener,
  injector: ConnectionInjector,
): Promise<void> {
  while (true) {
    try {
      injector.injectConnection(new DenoSocket(await listener.accept()));
    } catch (error) {
      if (error instanceof Deno.errors.BadResource) return;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

function serviceDefinition(methods: readonly AnyMethod[]): ServiceDefinition {
  return Object.fromEntries(methods.map((method) => [method.name, {
    path: method.path,
    requestStream: method.requestStream,
    responseStream: method.responseStream,
    requestSerialize: serializeWire,
    requestDeserialize: deserializeWire,
    responseSerialize: serializeWire,
    responseDeserialize: deserializeWire,
  }]));
}

/** Sets up the HTTP/2 servers, and what they tell grpc-js of a call's headers. */
function adjust(server: Server, limits: SessionLimits): void {
  const { http2Servers } = server as unknown as {
    http2Servers: Map<Http2Server, unknown>;
  };
  for (const http2Server of http2Servers.keys()) {
    tuneServerSessions(http2Server, limits);
    http2Server.prependListener(
      "stream",
      (stream: ServerHttp2Stream, headers, _flags, rawHeaders: string[]) => {
        answerOnlyWhoListens(stream);
        separateValues(headers, rawHeaders);
      },
    );
  }
}

/**
 * Makes it no error to answer a stream that was reset already. grpc-js does so when it
 * refuses a request, and the error would end the process.
 */
function answerOnlyWhoListens(stream: ServerHttp2Stream): void {
  const respond = stream.respond.bind(stream);
  stream.respond = (...args) => {
    if (!stream.destroyed && !stream.closed) respond(...args);
  };
}

/**
 * Makes a header that came several times several values again, which HTTP/2's own
 * interface joins with commas.
 */
function separateValues(headers: IncomingHttpHeaders, rawHeaders: string[]): void {
  const values = new Map<string, string[]>();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const [name, value] = [rawHeaders[index].toLowerCase(), rawHeaders[index + 1]];
    const before = values.get(name);
    if (before === undefined) values.set(name, [value]);
    else before.push(value);
  }
  for (const [name, several] of values) {
    if (several.length > 1 && !name.startsWith(":")) headers[name] = several;
  }
}
