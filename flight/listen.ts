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
import type { Http2Server } from "node:http2";
import type { AnyMethod } from "../proto/service.ts";
import { bindEach, isLoopback } from "../base/addresses.ts";
import { DenoSocket } from "./deno_socket.ts";
import { type SessionLimits, tuneServerSessions } from "./http2_sessions.ts";
import type { IdleWatch } from "../base/idle_watch.ts";
import { type RequestLimits, watchRequests } from "./incoming_requests.ts";
import { leavePacked } from "./packed_messages.ts";
import { deserializeWire, serializeWire } from "./message_streams.ts";
import { screenStreams } from "./screen_streams.ts";
import { LONGEST_TIMER } from "../base/timeouts.ts";

/** Where to listen, and what to accept. */
export interface ListenOptions extends SessionLimits, RequestLimits {
  /** A host name, or an IP address. */
  readonly hostname: string;
  /** A port, or 0 for any free one. */
  readonly port: number;
  /** The most connections at the same time. */
  readonly maxConnections: number;
}

/**
 * A client has to answer a ping within the time that it may be idle, and at least this,
 * in milliseconds. The ping waits behind all that was sent before, on a slow link too.
 */
const LEAST_PING_MS = 1000;

/** A gRPC server that listens. */
export class Listener {
  /** The port on which it listens. */
  readonly port: number;
  /** Whether only this machine reaches it. */
  readonly loopback: boolean;
  readonly #server: Server;
  readonly #connections: Connections;
  readonly #listeners: readonly Deno.TcpListener[];
  #isListening = true;

  private constructor(
    server: Server,
    connections: Connections,
    port: number,
    listeners: readonly Deno.TcpListener[],
  ) {
    this.#server = server;
    this.#connections = connections;
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
    const { maxIdleTime } = options.idleWatch;
    const server = new Server({
      "grpc.max_receive_message_length": options.maxMessageBytes,
      "grpc.max_send_message_length": -1,
      "grpc.enable_channelz": 0,
      // Whose machine is gone says nothing, and would keep its connection for ever.
      "grpc.keepalive_time_ms": Math.min(maxIdleTime, LONGEST_TIMER),
      "grpc.keepalive_timeout_ms": Math.min(
        Math.max(maxIdleTime, LEAST_PING_MS),
        LONGEST_TIMER,
      ),
      interceptors: [watchRequests(options), leavePacked],
    });
    server.addService(
      serviceDefinition(handlers.map(([method]) => method)),
      Object.fromEntries(handlers.map(([method, handler]) => [method.name, handler])),
    );
    const injector = server.createConnectionInjector(
      ServerCredentials.createInsecure(),
    );
    for (const http2Server of http2ServersOf(server)) {
      tuneServerSessions(http2Server, options);
      screenStreams(http2Server, options);
    }
    const connections = new Connections(
      injector,
      options.maxConnections,
      options.idleWatch,
    );
    for (const listener of listeners) accept(listener, connections);
    return new Listener(server, connections, port, listeners);
  }

  /**
   * Takes no new calls, and waits until those that run have ended and their clients
   * have been told.
   */
  async drain(): Promise<void> {
    this.#stopListening();
    await new Promise<void>((resolve, reject) =>
      this.#server.tryShutdown((error) => error ? reject(error) : resolve())
    );
    // grpc-js takes a connection that begins to close for one that is closed: its last
    // calls would be cut off.
    await this.#connections.allEnded();
  }

  /** Closes every connection. */
  close(): void {
    this.#stopListening();
    this.#server.forceShutdown();
    this.#connections.destroyAll();
  }

  #stopListening(): void {
    if (!this.#isListening) return;
    this.#isListening = false;
    for (const listener of this.#listeners) listener.close();
  }
}

/** How long to wait when the system has no more handles for connections, in ms. */
const RETRY_MS = 100;

/** How long a client that has been told everything may take to hang up, in ms. */
const HANG_UP_MS = 1000;

/** The connections that gRPC has, no more than are allowed. */
class Connections {
  readonly #injector: ConnectionInjector;
  readonly #most: number;
  readonly #idleWatch: IdleWatch;
  readonly #sockets: Set<DenoSocket> = new Set();
  #isEnding = false;

  constructor(injector: ConnectionInjector, most: number, idleWatch: IdleWatch) {
    this.#injector = injector;
    this.#most = most;
    this.#idleWatch = idleWatch;
  }

  /** Hands a connection to gRPC; one too many is closed. */
  add(conn: Deno.Conn): void {
    if (this.#isEnding || this.#sockets.size >= this.#most) return conn.close();
    const socket = new DenoSocket(conn);
    this.#sockets.add(socket);
    // Where HTTP/2 has ended there are no pings any more.
    const watched = this.#idleWatch.watch(
      () => socket.writableEnded ? socket.writableLength : undefined,
      () => socket.destroy(),
    );
    socket.once("close", () => {
      watched[Symbol.dispose]();
      this.#sockets.delete(socket);
    });
    this.#injector.injectConnection(socket);
  }

  /** Takes no more; waits until each client knows all, and has had time to hang up. */
  async allEnded(): Promise<void> {
    this.#isEnding = true;
    await Promise.all([...this.#sockets].map(ended));
  }

  /** Closes those that are left. */
  destroyAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

function ended(socket: DenoSocket): Promise<void> {
  return new Promise((resolve) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const onFinish = () => timer = setTimeout(resolve, HANG_UP_MS);
    socket.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
    if (socket.destroyed) resolve();
    else if (socket.writableFinished) onFinish();
    else socket.once("finish", onFinish);
  });
}

/** Takes the connections that come, until the listener is closed. */
async function accept(
  listener: Deno.TcpListener,
  connections: Connections,
): Promise<void> {
  while (true) {
    try {
      connections.add(await listener.accept());
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

/** grpc-js's HTTP/2 servers, which it keeps to itself; its version is pinned. */
function http2ServersOf(server: Server): Iterable<Http2Server> {
  const { http2Servers } = server as unknown as {
    http2Servers: Map<Http2Server, unknown>;
  };
  return http2Servers.keys();
}
