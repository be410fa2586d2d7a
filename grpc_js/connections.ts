/**
 * The connections of a server: sockets of node:net that are handed to grpc-js, no more
 * than are allowed.
 *
 * @module
 */
import { createServer, type Server, type Socket } from "node:net";
import { bindEach, isLoopback } from "../base/addresses.ts";
import type { Address, TransportLimits } from "../rpc/transport.ts";

/** What listens on each address of a host. */
export interface Listeners {
  /** The port; 0 on a Unix socket. */
  readonly port: number;
  /** Whether only this machine reaches it. */
  readonly isLoopback: boolean;
  /** Accepts no more. */
  close(): void;
}

/**
 * Listens on every address of the host, or on a Unix socket.
 *
 * @throws {Error} when an address cannot be had.
 */
export async function listenOnEach(
  address: Address,
  accept: (socket: Socket) => void,
): Promise<Listeners> {
  const servers: Server[] = [];
  const close = () => {
    for (const server of servers) server.close();
  };
  const open = async (where: { path: string } | { host: string; port: number }) => {
    const server = createServer({ noDelay: true }, accept);
    await listening(server, where);
    servers.push(server);
    const bound = server.address();
    return bound !== null && typeof bound === "object" ? bound : undefined;
  };
  if ("path" in address) {
    await open({ path: address.path });
    return { port: 0, isLoopback: true, close };
  }
  let isLocal = true;
  try {
    const port = await bindEach(address, async (host, port) => {
      const bound = await open({ host, port });
      isLocal &&= isLoopback(bound?.address ?? host);
      return bound?.port ?? port;
    });
    return { port, isLoopback: isLocal, close };
  } catch (error) {
    close();
    throw error;
  }
}

function listening(server: Server, where: object): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(where, () => {
      server.off("error", reject);
      // Without a listener an error of one connection would end the process.
      server.on("error", () => {});
      resolve();
    });
  });
}

/** How long a client that was told everything may take to hang up, in milliseconds. */
const HANG_UP_MS = 1000;

/** The open connections, no more than the limits allow. */
export class Connections {
  readonly #maxConnections: number;
  readonly #maxPeerConnections: number;
  readonly #sockets: Set<Socket> = new Set();
  readonly #perPeer: Map<string, number> = new Map();
  #isEnding = false;

  /** No connections yet. */
  constructor(
    { maxConnections = Infinity, maxPeerConnections = Infinity }: Partial<
      TransportLimits
    >,
  ) {
    this.#maxConnections = maxConnections;
    this.#maxPeerConnections = maxPeerConnections;
  }

  /** How many are open. */
  get count(): number {
    return this.#sockets.size;
  }

  /** Adds a connection and gives true, or closes it when it is one too many. */
  add(socket: Socket): boolean {
    // Without a listener a broken connection would end the process; `close` follows.
    socket.on("error", () => {});
    const peer = socket.remoteAddress ?? "";

    const count = this.#perPeer.get(peer) ?? 0;
    if (
      this.#isEnding || this.#sockets.size >= this.#maxConnections ||
      (peer !== "" && count >= this.#maxPeerConnections)
    ) {
      socket.destroy();
      return false;
    }
    this.#sockets.add(socket);
    this.#perPeer.set(peer, count + 1);
    socket.once("close", () => this.#remove(socket, peer));
    return true;
  }

  /** Adds no more, and waits until each client has got everything and has hung up. */
  async ended(): Promise<void> {
    this.#isEnding = true;
    await Promise.all([...this.#sockets].map(ended));
  }

  /** Closes all. */
  destroy(): void {
    this.#isEnding = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  #remove(socket: Socket, peer: string): void {
    this.#sockets.delete(socket);

    const count = (this.#perPeer.get(peer) ?? 0) - 1;
    if (count > 0) this.#perPeer.set(peer, count);
    else this.#perPeer.delete(peer);
  }
}

function ended(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const onFinish = () => timer = setTimeout(() => socket.destroy(), HANG_UP_MS);
    socket.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
    if (socket.destroyed) resolve();
    else if (socket.writableFinished) onFinish();
    else socket.once("finish", onFinish);
  });
}
