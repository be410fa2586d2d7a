/**
 * The server's half of the transport over grpc-js.
 *
 * @module
 */
import {
  Server,
  ServerCredentials,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
} from "@grpc/grpc-js";
import { limitExceeded } from "../rpc/limits.ts";
import { codeToNumber } from "../rpc/status.ts";
import type {
  IncomingCall,
  Listening,
  ListenOptions,
  RpcMethod,
  ServerTls,
  TransportLimits,
} from "../rpc/transport.ts";
import { Connections, type Listeners, listenOnEach } from "./connections.ts";
import { AnsweredCall } from "./incoming_call.ts";
import { deserialize, serialize } from "./metadata.ts";

import type { GrpcJsOptions } from "./options.ts";
import { TlsAcceptor } from "./server_tls.ts";

/** The limits that can be kept by grpc-js's public API. */
export const KEPT_LIMITS: readonly (keyof TransportLimits)[] = [
  "maxMessageBytes",
  "maxRequestBytes",
  "maxConnectionCalls",
  "maxConnections",
  "maxPeerConnections",
  "maxPeerCalls",
];

type Answer = (call: IncomingCall) => void;

/**
 * Listens, and hands each call of these methods to `answer`.
 *
 * @throws {TypeError} when it cannot keep a limit, or TLS cannot be spoken.
 * @throws {Error} when an address cannot be had.
 */
export async function listen(
  methods: readonly RpcMethod[],
  answer: Answer,
  { address, tls, limits }: ListenOptions,
  options: GrpcJsOptions,
): Promise<Listening> {
  checkLimits(limits);
  if (tls !== undefined && "path" in address) {
    throw new TypeError("Cannot listen with TLS on a Unix socket over grpc-js");
  }
  const calls = new RunningCalls(methods, answer, limits);
  const server = new Server({
    "grpc.max_send_message_length": -1,
    "grpc.enable_channelz": 0,
    ...options,
    ...serverLimits(limits),
    interceptors: [
      ({ path }, call) =>
        new ServerInterceptingCall(call, { start: () => calls.start(path, call) }),
    ],
  });
  for (const { path } of methods) {
    server.register(path, notReached, serialize, deserialize, "bidi");
  }
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const connections = new Connections(limits);
  const acceptor = tls === undefined
    ? undefined
    : new TlsAcceptor(tls, (socket) => injector.injectConnection(socket));
  const listeners = await listenOnEach(address, (socket) => {
    if (!connections.add(socket)) return;
    if (acceptor !== undefined) acceptor.open(socket);
    else injector.injectConnection(socket);
  });
  return new GrpcJsListening({ server, connections, listeners, acceptor });
}

/** What a {@linkcode GrpcJsListening} closes. */
interface ListeningParts {
  readonly server: Server;
  readonly connections: Connections;
  readonly listeners: Listeners;
  readonly acceptor: TlsAcceptor | undefined;
}

/** A server that listens. */
class GrpcJsListening implements Listening {
  readonly port: number;
  readonly loopback: boolean;
  readonly #parts: ListeningParts;

  constructor(parts: ListeningParts) {
    this.port = parts.listeners.port;
    this.loopback = parts.listeners.isLoopback;
    this.#parts = parts;
  }

  get connections(): number {
    return this.#parts.connections.count;
  }

  // deno-lint-ignore require-await -- what it throws is a rejection
  async setTls(tls: ServerTls): Promise<void> {
    const { acceptor } = this.#parts;
    if (acceptor === undefined) {
      throw new TypeError("Cannot use other certificates: the server speaks no TLS");
    }
    acceptor.setTls(tls);
  }

  async drain(): Promise<void> {
    const { server, connections, listeners, acceptor } = this.#parts;
    listeners.close();
    acceptor?.close();
    // It sends GOAWAY to each client. Its callback is of no use: it waits for a client
    // that never hangs up, and does not wait for one whose connection is closing.
    server.tryShutdown(() => {});
    await connections.ended();
  }

  close(): void {
    const { server, connections, listeners } = this.#parts;
    listeners.close();
    server.forceShutdown();
    connections.destroy();
  }
}

/** The calls that run. */
class RunningCalls {
  readonly #methods: ReadonlyMap<string, RpcMethod>;
  readonly #answer: Answer;
  readonly #maxRequestBytes: number;
  readonly #maxPeerCalls: number;
  readonly #perPeer: Map<string, number> = new Map();

  constructor(
    methods: readonly RpcMethod[],
    answer: Answer,
    { maxRequestBytes = Infinity, maxPeerCalls = Infinity }: Partial<TransportLimits>,
  ) {
    this.#methods = new Map(methods.map((method) => [method.path, method]));
    this.#answer = answer;
    this.#maxRequestBytes = maxRequestBytes;
    this.#maxPeerCalls = maxPeerCalls;
  }

  /** Starts a call that came, or refuses it. */
  start(path: string, call: ServerInterceptingCallInterface): void {
    const method = this.#methods.get(path)!;
    const peer = call.getConnectionInfo().remoteAddress;
    const running = peer === undefined ? 0 : this.#perPeer.get(peer) ?? 0;
    if (running >= this.#maxPeerCalls) {
      const { code, message } = limitExceeded("maxPeerCalls", this.#maxPeerCalls);
      return call.sendStatus({ code: codeToNumber(code), details: message });
    }
    let answered: AnsweredCall | undefined;
    call.start({
      onReceiveMetadata: (metadata) => {
        if (peer !== undefined) this.#perPeer.set(peer, running + 1);
        answered = new AnsweredCall(call, {
          method,
          metadata,
          maxRequestBytes: this.#maxRequestBytes,
        });
        this.#answer(answered);
      },
      onReceiveMessage: (message) => answered?.receive(message),
      onReceiveHalfClose: () => answered?.halfClose(),
      onCancel: () => {
        if (peer !== undefined) this.#end(peer);
        answered?.close();
      },
    });
  }

  #end(peer: string): void {
    const running = (this.#perPeer.get(peer) ?? 0) - 1;
    if (running > 0) this.#perPeer.set(peer, running);
    else this.#perPeer.delete(peer);
  }
}

/** The handler of every method. The interceptor answers each call before it is reached. */
function notReached(): never {
  throw new Error("A call has passed the interceptor that answers it");
}

function checkLimits(limits: Partial<TransportLimits>): void {
  for (const [name, most] of Object.entries(limits)) {
    if (most === undefined || most === Infinity) continue;
    if (KEPT_LIMITS.some((kept) => kept === name)) continue;
    throw new TypeError(
      `Cannot listen with ${name}: grpc-js's public API has no means to keep it; leave it out, or use the default transport`,
    );
  }
}

/** The options by which grpc-js itself keeps limits. */
function serverLimits(
  { maxMessageBytes = Infinity, maxConnectionCalls = Infinity }: Partial<
    TransportLimits
  >,
): GrpcJsOptions {
  return {
    "grpc.max_receive_message_length": maxMessageBytes === Infinity
      ? -1
      : maxMessageBytes,
    ...maxConnectionCalls === Infinity
      ? {}
      : { "grpc.max_concurrent_streams": maxConnectionCalls },
  };
}
