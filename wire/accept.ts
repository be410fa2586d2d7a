/**
 * The connections of a server: which are accepted, how they are watched, and how all
 * of them end.
 *
 * @module
 */
import { startInterval, startTimer } from "../base/timer.ts";
import type { TransportLimits } from "../rpc/transport.ts";
import { PeerCounts } from "./peer_counts.ts";
import { refuseConnection } from "./refuse_connection.ts";
import { SAMPLES } from "./http2/progress.ts";
import { ServerConnection, type ServerShared } from "./server_connection.ts";
import type { PendingSocket } from "./sockets/socket.ts";

/** How long a client may take for TLS and for HTTP/2's preface, in milliseconds. */
const MAX_HANDSHAKE_MS = 20_000;
const MIN_HANDSHAKE_MS = 1000;

/** What closes a connection, in whatever state it is. */
interface Closable {
  close(reason: Error): void;
}

/** The connections that a server has. */
export class Connections {
  readonly #shared: ServerShared;
  readonly #limits: TransportLimits;
  readonly #peers: PeerCounts;
  /** All that were accepted, those in their handshake included. */
  readonly #all: Map<Promise<void>, { current: Closable }> = new Map();
  readonly #open: Set<ServerConnection> = new Set();
  readonly #timers: readonly Disposable[];
  #isDraining = false;

  /** None yet. */
  constructor(shared: ServerShared) {
    const { limits } = shared;
    this.#shared = shared;
    this.#limits = limits;
    this.#peers = new PeerCounts(limits.maxPeerConnections);
    this.#timers = [
      startInterval(limits.maxIdleTime / SAMPLES, () => {
        for (const connection of [...this.#open]) connection.sampleReceived();
      }),
      startInterval(limits.maxStallTime / SAMPLES, () => {
        for (const connection of [...this.#open]) connection.sampleSent();
      }),
    ];
  }

  /** How many were accepted, and have not ended. */
  get count(): number {
    return this.#all.size;
  }

  /** Accepts a connection; one too many is closed. */
  accept(pending: PendingSocket): void {
    if (this.#isDraining) return pending.close();
    if (this.#all.size >= this.#limits.maxConnections) {
      return this.#refuse(pending, "maxConnections", this.#limits.maxConnections);
    }
    if (!this.#peers.add(pending.hostname)) {
      return this.#refuse(pending, "maxPeerConnections", this.#peers.most);
    }
    const slot: { current: Closable } = { current: pending };
    const served = this.#serve(pending, slot).finally(() => {
      this.#peers.remove(pending.hostname);
      this.#all.delete(served);
    });
    this.#all.set(served, slot);
  }

  /** Accepts no more, and resolves when all calls have ended and their clients know. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    for (const { current } of this.#all.values()) {
      if (current instanceof ServerConnection) current.drain();
      else current.close(new Error("the server accepts no more calls"));
    }
    await Promise.all(this.#all.keys());
    this.#stopTimers();
  }

  /** Closes all connections. */
  async close(): Promise<void> {
    this.#isDraining = true;
    this.#stopTimers();
    const reason = new Error("the server closes");
    for (const { current } of this.#all.values()) current.close(reason);
    await Promise.all(this.#all.keys());
  }

  #refuse(pending: PendingSocket, limit: keyof TransportLimits, most: number): void {
    this.#tell(pending, `${most} connections are open, the most (${limit})`);
    pending.close();
  }

  #tell({ hostname: peer = "unix:" }: PendingSocket, reason: string): void {
    try {
      this.#shared.onRefused?.({ peer, reason });
    } catch (error) {
      // A server's log that fails must not end its connections.
      reportError(error);
    }
  }

  #stopTimers(): void {
    for (const timer of this.#timers) timer[Symbol.dispose]();
  }

  /** Speaks with a client until the connection is closed. It never rejects. */
  async #serve(pending: PendingSocket, slot: { current: Closable }): Promise<void> {
    const time = Math.max(
      MIN_HANDSHAKE_MS,
      Math.min(this.#limits.maxIdleTime, MAX_HANDSHAKE_MS),
    );
    let connection: ServerConnection | undefined;
    using _ = startTimer(time, () => {
      if (connection?.isReady !== true) {
        slot.current.close(new Error("the handshake takes too long"));
      }
    });
    try {
      const socket = await pending.open();
      const { refusal } = socket.peer;
      if (refusal !== undefined) {
        this.#tell(pending, refusal);
        slot.current = { close: () => socket.close() };
        return await refuseConnection(socket, refusal);
      }
      connection = new ServerConnection(socket, this.#shared);
    } catch (error) {
      if (!this.#isDraining) this.#tell(pending, (error as Error).message);
      return;
    }
    slot.current = connection;
    this.#open.add(connection);
    if (this.#isDraining) connection.drain();
    await connection.run();
    this.#open.delete(connection);
  }
}
