/**
 * The server's half of the wire: our own HTTP/2 and gRPC.
 *
 * @module
 */
import type {
  IncomingCall,
  Listening,
  ListenOptions,
  RpcMethod,
  ServerTls,
  ServerTransport,
  TransportLimits,
} from "../rpc/transport.ts";
import { Connections } from "./accept.ts";
import { ByteBudget } from "./grpc/byte_budget.ts";
import { PeerCounts } from "./peer_counts.ts";
import type { SocketListener, Sockets } from "./sockets/socket.ts";
import { defaultSockets } from "./sockets/sockets.ts";
import { MessageMemory } from "./grpc/message_memory.ts";
import { Rests } from "./http2/rests.ts";
import { Turns } from "./grpc/turns.ts";

/** How {@linkcode wireServer} is made. */
export interface WireServerOptions {
  /** The sockets to use. @default those of the runtime */
  readonly sockets?: Sockets;
}

const NO_LIMITS: TransportLimits = {
  maxMessageBytes: Infinity,
  maxRequestBytes: Infinity,
  maxArrivingBytes: Infinity,
  maxConnectionCalls: Infinity,
  maxCallHeaderBytes: Infinity,
  maxConnections: Infinity,
  maxPeerConnections: Infinity,
  maxPeerCalls: Infinity,
  maxIdleTime: Infinity,
  maxStallTime: Infinity,
};

/**
 * The server's half of the wire. It keeps every limit.
 *
 * @example Answer every call with NOT_FOUND
 * ```ts ignore
 * const listening = await wireServer().listen(methods, (call) =>
 *   call.end({ code: "NOT_FOUND", message: "", trailers: new CallHeaders() }), {
 *   address: { hostname: "localhost", port: 0 },
 *   limits: {},
 * });
 * ```
 */
export function wireServer(options: WireServerOptions = {}): ServerTransport {
  return new WireServer(options.sockets ?? defaultSockets());
}

class WireServer implements ServerTransport {
  readonly limits = Object.keys(NO_LIMITS) as (keyof TransportLimits)[];
  readonly #sockets: Sockets;

  constructor(sockets: Sockets) {
    this.#sockets = sockets;
  }

  async listen(
    methods: readonly RpcMethod[],
    answer: (call: IncomingCall) => void,
    { address, tls, limits: given, onRefused }: ListenOptions,
  ): Promise<Listening> {
    const limits = { ...NO_LIMITS, ...given };
    const connections = new Connections({
      methods: new Map(methods.map((method) => [method.path, method])),
      answer,
      limits,
      arriving: new ByteBudget(limits.maxArrivingBytes),
      memory: new MessageMemory(),
      turns: new Turns(),
      rests: new Rests(),
      peerCalls: new PeerCounts(limits.maxPeerCalls),
      onRefused,
    });
    try {
      const listener = await this.#sockets.listen(
        address,
        { tls },
        (pending) => connections.accept(pending),
      );
      return new WireListening(listener, connections);
    } catch (error) {
      await connections.close();
      throw error;
    }
  }
}

class WireListening implements Listening {
  readonly port: number;
  readonly loopback: boolean;
  readonly #listener: SocketListener;
  readonly #connections: Connections;
  #stopped: Promise<void> | undefined;

  constructor(listener: SocketListener, connections: Connections) {
    this.port = listener.port;
    this.loopback = listener.loopback;
    this.#listener = listener;
    this.#connections = connections;
  }

  get connections(): number {
    return this.#connections.count;
  }

  setTls(tls: ServerTls): Promise<void> {
    return this.#listener.setTls(tls);
  }

  async drain(): Promise<void> {
    await Promise.all([this.#stopListening(), this.#connections.drain()]);
  }

  async close(): Promise<void> {
    await Promise.all([this.#stopListening(), this.#connections.close()]);
  }

  #stopListening(): Promise<void> {
    return this.#stopped ??= this.#listener.close();
  }
}
