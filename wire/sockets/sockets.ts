/**
 * The sockets of a runtime: every address of a host, TLS, proxies.
 *
 * @module
 */
import { addressesOf, bindEach, isLoopback } from "../../base/addresses.ts";
import { unlessAborted } from "../../base/abort.ts";
import type { Address, ServerTls } from "../../rpc/transport.ts";
import { DenoSockets } from "./deno_socket.ts";
import { dial } from "./dial.ts";
import { listenOnPath } from "./listen_on_path.ts";
import { NodeSockets } from "./node_socket.ts";
import {
  type PlainListener,
  type PlainSocket,
  type PlainSockets,
  showAddress,
  showHost,
} from "./plain_sockets.ts";
import { openTunnel, parseProxy } from "./proxy.ts";
import type {
  DialOptions,
  PendingSocket,
  Socket,
  SocketListener,
  Sockets,
} from "./socket.ts";
import { connectionNotMade } from "./socket_errors.ts";
import { TlsClient } from "./tls_client.ts";
import { TlsServer } from "./tls_server.ts";

/** The sockets of the runtime in which this runs. */
export function defaultSockets(): Sockets {
  return "Deno" in globalThis ? denoSockets() : nodeSockets();
}

/** Deno's own sockets. */
export function denoSockets(): Sockets {
  return new RuntimeSockets(new DenoSockets());
}

/** The sockets of `node:net`, for Node and Bun. */
export function nodeSockets(): Sockets {
  return new RuntimeSockets(new NodeSockets());
}

/** What a runtime's own sockets lack. */
class RuntimeSockets implements Sockets {
  readonly #plain: PlainSockets;
  readonly #tlsClient: TlsClient = new TlsClient();

  constructor(plain: PlainSockets) {
    this.#plain = plain;
  }

  async listen(
    address: Address,
    { tls }: { readonly tls?: ServerTls },
    accept: (pending: PendingSocket) => void,
  ): Promise<SocketListener> {
    const speaker = new TlsSpeaker(tls);
    const hand = (socket: PlainSocket) => accept(speaker.pend(socket));
    if ("path" in address) {
      const listener = await listenOnPath(this.#plain, address.path, hand);
      return new EveryListener(0, [listener], speaker);
    }
    const listeners: PlainListener[] = [];
    try {
      const port = await bindEach(address, async (hostname, port) => {
        const listener = await this.#plain.listen({ hostname, port }, hand);
        listeners.push(listener);
        return listener.port;
      });
      return new EveryListener(port, listeners, speaker);
    } catch (error) {
      await closeAll(listeners);
      throw error;
    }
  }

  async connect(address: Address, options: DialOptions): Promise<Socket> {
    const { tls, signal } = options;
    const socket = await this.#connectPlain(address, options);
    if (tls === undefined) return socket;
    const hostname = "path" in address ? "localhost" : address.hostname;
    const target = { hostname, where: showAddress(address), signal };
    return await this.#tlsClient.connect(socket, tls, target);
  }

  async #connectPlain(
    address: Address,
    { proxy, signal }: DialOptions,
  ): Promise<PlainSocket> {
    if ("path" in address) {
      try {
        return await this.#plain.connect(address, signal);
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        throw connectionNotMade(error, address.path);
      }
    }
    if (proxy === undefined) return await this.#dial(address, signal);
    const parsed = parseProxy(proxy);
    const socket = await this.#dial(parsed, signal);
    try {
      await unlessAborted(openTunnel(socket, showAddress(address), parsed), signal);
      return socket;
    } catch (error) {
      socket.close();
      throw error;
    }
  }

  /** Connects to the first address of a host that answers. */
  async #dial(
    { hostname, port }: { readonly hostname: string; readonly port: number },
    signal: AbortSignal,
  ): Promise<PlainSocket> {
    signal.throwIfAborted();
    const cannot = `no connection to ${showHost(hostname, port)}`;
    const addresses = await unlessAborted(addressesOf(hostname, cannot), signal);
    return await dial(addresses, {
      signal,
      connect: async (address, signal) => {
        try {
          return await this.#plain.connect({ hostname: address, port }, signal);
        } catch (error) {
          throw connectionNotMade(error, showHost(address, port));
        }
      },
    });
  }
}

/** Speaks TLS, if at all, with the certificates of the moment. */
class TlsSpeaker {
  #tls: TlsServer | undefined;

  constructor(tls: ServerTls | undefined) {
    if (tls !== undefined) this.#tls = new TlsServer(tls);
  }

  replace(tls: ServerTls): void {
    if (this.#tls === undefined) {
      throw new TypeError(
        "Cannot use other certificates: the server listens without TLS",
      );
    }
    this.#tls = new TlsServer(tls, this.#tls);
  }

  pend(socket: PlainSocket): PendingSocket {
    const tls = this.#tls;
    return {
      hostname: socket.peer.hostname,
      open: () => tls === undefined ? Promise.resolve(socket) : tls.accept(socket),
      close: () => socket.close(),
    };
  }
}

/** What listens on every address of a host. */
class EveryListener implements SocketListener {
  readonly port: number;
  readonly loopback: boolean;
  readonly #listeners: readonly PlainListener[];
  readonly #speaker: TlsSpeaker;

  constructor(
    port: number,
    listeners: readonly PlainListener[],
    speaker: TlsSpeaker,
  ) {
    this.port = port;
    this.loopback = listeners.every(({ hostname }) =>
      hostname === undefined || isLoopback(hostname)
    );
    this.#listeners = listeners;
    this.#speaker = speaker;
  }

  setTls(tls: ServerTls): Promise<void> {
    return Promise.try(() => this.#speaker.replace(tls));
  }

  close(): Promise<void> {
    return closeAll(this.#listeners);
  }
}

async function closeAll(listeners: readonly PlainListener[]): Promise<void> {
  await Promise.all(listeners.map((listener) => listener.close()));
}
