/**
 * Deno's own connections. They read into the caller's memory and write from it, with
 * nothing in between.
 *
 * @module
 */
import type { Address } from "../../rpc/transport.ts";
import { startTimer } from "../../base/timer.ts";
import { PartJoiner } from "./join_parts.ts";
import {
  peerAt,
  type PlainListener,
  type PlainSocket,
  type PlainSockets,
  type PlainStream,
} from "./plain_sockets.ts";
import type { SocketPeer } from "./socket.ts";
import { connectionClosed, connectionLost } from "./socket_errors.ts";
import { SocketStream } from "./socket_stream.ts";

/** How long to wait after a connection could not be accepted, in milliseconds. */
const RETRY_MS = 100;

/** Deno's sockets. */
export class DenoSockets implements PlainSockets {
  readonly #joiner: PartJoiner = new PartJoiner();

  /** Listens on one address. */
  listen(
    address: Address,
    accept: (socket: PlainSocket) => void,
  ): Promise<PlainListener> {
    const listener: Deno.Listener = "path" in address
      ? Deno.listen({ transport: "unix", path: address.path })
      : Deno.listen(address);
    const { addr } = listener;
    const closing = new AbortController();
    const accepting = acceptAll(listener, closing.signal, (conn) => {
      accept(new DenoSocket(conn, this.#joiner));
    });
    return Promise.resolve({
      port: "port" in addr ? addr.port : 0,
      hostname: "hostname" in addr ? addr.hostname : undefined,
      close() {
        if (!closing.signal.aborted) {
          closing.abort();
          listener.close();
        }
        // The address is free when the last accept has ended.
        return accepting;
      },
    });
  }

  /** Connects to one address. */
  async connect(address: Address, signal: AbortSignal): Promise<PlainSocket> {
    signal.throwIfAborted();
    const conn =
      await ("path" in address
        ? Deno.connect({ transport: "unix", path: address.path })
        : Deno.connect({ ...address, signal }));
    if (signal.aborted) {
      conn.close();
      throw signal.reason;
    }
    return new DenoSocket(conn, this.#joiner);
  }
}

/** Hands over each connection that comes, until the signal is aborted. */
async function acceptAll(
  listener: Deno.Listener,
  signal: AbortSignal,
  hand: (conn: Deno.Conn) => void,
): Promise<void> {
  while (true) {
    let conn: Deno.Conn;
    try {
      conn = await listener.accept();
    } catch {
      // No handles are left, or the peer has left already.
      if (!signal.aborted) await pause(signal);
      if (signal.aborted) return;
      continue;
    }
    if (signal.aborted) return conn.close();
    hand(conn);
  }
}

/** Waits a little, or until the signal is aborted. */
function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      timer[Symbol.dispose]();
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = startTimer(RETRY_MS, end);
    signal.addEventListener("abort", end);
  });
}

/** A connection of Deno. */
class DenoSocket implements PlainSocket {
  readonly peer: SocketPeer;
  readonly readsDirectly = true;
  readonly #conn: Deno.Conn;
  readonly #joiner: PartJoiner;
  #isClosed = false;

  constructor(conn: Deno.Conn, joiner: PartJoiner) {
    this.#conn = conn;
    this.#joiner = joiner;
    const { remoteAddr } = conn;
    if (remoteAddr.transport === "tcp") {
      this.peer = peerAt(remoteAddr.hostname, remoteAddr.port);
      (conn as Deno.TcpConn).setNoDelay(true);
    } else this.peer = peerAt(undefined);
  }

  async read(target: Uint8Array): Promise<number | null> {
    try {
      return await this.#conn.read(target);
    } catch (error) {
      throw this.#lost(error);
    }
  }

  async write(parts: readonly Uint8Array[]): Promise<void> {
    try {
      for (let piece of this.#joiner.join(parts)) {
        while (piece.length > 0) {
          piece = piece.subarray(await this.#conn.write(piece));
        }
      }
    } catch (error) {
      throw this.#lost(error);
    }
  }

  async closeWrite(): Promise<void> {
    try {
      await this.#conn.closeWrite();
    } catch (error) {
      throw this.#lost(error);
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#conn.close();
  }

  toStream(head?: Uint8Array): PlainStream {
    const stream = new SocketStream(this, head);
    return { stream, setFlowing: (_, isFlowing) => stream.setFlowing(isFlowing) };
  }

  #lost(error: unknown): Error {
    return this.#isClosed ? connectionClosed() : connectionLost(error);
  }
}
