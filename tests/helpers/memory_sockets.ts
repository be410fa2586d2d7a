/**
 * The wire's sockets without a system: what one end writes the other one reads.
 *
 * @module
 */
import { joinBytes } from "../../base/join_bytes.ts";
import type { Address } from "../../rpc/transport.ts";
import type {
  PendingSocket,
  Socket,
  SocketListener,
  SocketPeer,
  Sockets,
} from "../../wire/socket.ts";

/** An end of a connection takes so much that the other one has written, and then waits. */
const MAX_WAITING_BYTES = 256 * 1024;
const PEER: SocketPeer = {
  address: "memory",
  hostname: "127.0.0.1",
  certificate: undefined,
};

/** One end of a connection. */
export class MemorySocket implements Socket {
  readonly peer: SocketPeer = PEER;
  #other: MemorySocket | undefined;
  /** What the other end has written, and was not read. */
  #arrived: Uint8Array[] = [];
  #arrivedBytes = 0;
  #hasEnded = false;
  #isClosed = false;
  readonly #closed: PromiseWithResolvers<void> = Promise.withResolvers();
  /** Continues reads and writes that wait, on this end and on the other. */
  #changed: PromiseWithResolvers<void> = Promise.withResolvers();

  /** Two ends of a connection. */
  static pair(): [MemorySocket, MemorySocket] {
    const [one, other] = [new MemorySocket(), new MemorySocket()];
    one.#other = other;
    other.#other = one;
    return [one, other];
  }

  /** Resolves when the other end is closed, in both ways. */
  get otherClosed(): Promise<void> {
    return this.#other!.#closed.promise;
  }

  /** Reads what has arrived, as far as there is room. */
  async read(target: Uint8Array): Promise<number | null> {
    while (this.#arrived.length === 0) {
      this.#checkOpen();
      if (this.#hasEnded) return null;
      await this.#changed.promise;
    }
    this.#checkOpen();
    const [first] = this.#arrived;
    const length = Math.min(first.length, target.length);
    target.set(first.subarray(0, length));
    if (length === first.length) this.#arrived.shift();
    else this.#arrived[0] = first.subarray(length);
    this.#arrivedBytes -= length;
    this.#wake();
    return length;
  }

  /** Writes copies of the parts, and waits while the other end has too much to read. */
  async write(parts: readonly Uint8Array[]): Promise<void> {
    const other = this.#other!;
    this.#checkOpen();
    const bytes = joinBytes(parts);
    if (bytes.length > 0) other.#arrived.push(bytes);
    other.#arrivedBytes += bytes.length;
    this.#wake();
    while (other.#arrivedBytes > MAX_WAITING_BYTES) {
      await this.#changed.promise;
      this.#checkOpen();
    }
  }

  /** Lets the other end read to the end. */
  closeWrite(): Promise<void> {
    this.#other!.#hasEnded = true;
    this.#wake();
    return Promise.resolve();
  }

  /** Closes both ways: the other end reads what was written, and writes no more. */
  close(): void {
    this.#isClosed = true;
    this.#closed.resolve();
    this.#other!.#hasEnded = true;
    this.#wake();
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new Error("the socket is closed");
    if (this.#other!.#isClosed && this.#arrived.length === 0) {
      throw new Error("the other end is closed");
    }
  }

  #wake(): void {
    for (const socket of [this, this.#other!]) {
      socket.#changed.resolve();
      socket.#changed = Promise.withResolvers();
    }
  }
}

/** Sockets of which those that connect reach the one that listens. */
export class MemorySockets implements Sockets {
  #accept: ((pending: PendingSocket) => void) | undefined;

  /** Listens; there is one listener at a time. */
  listen(
    _address: Address,
    _options: object,
    accept: (pending: PendingSocket) => void,
  ): Promise<SocketListener> {
    this.#accept = accept;
    return Promise.resolve({
      port: 0,
      loopback: true,
      setTls: () => Promise.reject(new TypeError("there is no TLS in memory")),
      close: () => this.#accept = undefined,
    });
  }

  /** Connects to the listener. */
  connect(): Promise<MemorySocket> {
    if (this.#accept === undefined) return Promise.reject(new Error("nobody listens"));
    const [ours, theirs] = MemorySocket.pair();
    this.#accept({
      hostname: PEER.hostname,
      open: () => Promise.resolve(theirs),
      close: () => theirs.close(),
    });
    return Promise.resolve(ours);
  }
}
