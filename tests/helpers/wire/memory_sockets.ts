/**
 * Sockets without a network: what one side writes, the other one reads.
 *
 * @module
 */
import type {
  DialOptions,
  PendingSocket,
  Socket,
  SocketListener,
  Sockets,
} from "../../../wire/sockets/socket.ts";
import type { Address, ServerTls } from "../../../rpc/transport.ts";

/** How the sockets behave. */
export interface MemorySocketOptions {
  /** How many bytes may wait for the other side before a write waits. @default 65_536 */
  readonly capacity?: number;
  /** The most bytes that one read gives. @default any number */
  readonly maxRead?: number;
  /** The IP address of the client. @default "127.0.0.1" */
  readonly hostname?: string;
}

/** One end of a connection. */
export class MemorySocket implements Socket {
  readonly peer: Socket["peer"];
  /** How many writes there were. */
  writes = 0;
  #other!: MemorySocket;
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #hasEnded = false;
  #isClosed = false;
  readonly #closed: PromiseWithResolvers<void> = Promise.withResolvers();
  #reader: (() => void) | undefined;
  #writer: (() => void) | undefined;
  readonly #capacity: number;
  readonly #maxRead: number;

  constructor(options: MemorySocketOptions) {
    const { capacity = 65_536, maxRead = Infinity, hostname = "127.0.0.1" } = options;
    this.#capacity = capacity;
    this.#maxRead = maxRead;
    this.peer = { address: `${hostname}:1`, hostname, certificate: undefined };
  }

  /** Resolves when the other end is closed, in both ways. */
  get otherClosed(): Promise<void> {
    return this.#other.#closed.promise;
  }

  /** Both ends of a connection. */
  static pair(options: MemorySocketOptions = {}): [MemorySocket, MemorySocket] {
    const ends = [new MemorySocket(options), new MemorySocket(options)] as const;
    ends[0].#other = ends[1];
    ends[1].#other = ends[0];
    return [...ends];
  }

  /** The other end. */
  get other(): MemorySocket {
    return this.#other;
  }

  /** Whether this end was closed. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  async read(target: Uint8Array): Promise<number | null> {
    while (this.#bytes === 0) {
      if (this.#isClosed) throw new Error("the socket was closed");
      if (this.#hasEnded) return null;
      await new Promise<void>((resolve) => this.#reader = resolve);
    }
    const count = Math.min(this.#chunks[0].length, target.length, this.#maxRead);
    target.set(this.#chunks[0].subarray(0, count));
    this.#chunks[0] = this.#chunks[0].subarray(count);
    if (this.#chunks[0].length === 0) this.#chunks.shift();
    this.#bytes -= count;
    this.#other.#wake();
    return count;
  }

  async write(parts: readonly Uint8Array[]): Promise<void> {
    this.writes++;
    const other = this.#other;
    for (const part of parts) {
      if (part.length > 0) other.#chunks.push(part.slice());
      other.#bytes += part.length;
    }
    other.#wake();
    while (other.#bytes > this.#capacity && !this.#isClosed && !other.#isClosed) {
      await new Promise<void>((resolve) => this.#writer = resolve);
    }
    if (this.#isClosed || other.#isClosed) throw new Error("the connection was lost");
  }

  closeWrite(): Promise<void> {
    this.#other.#hasEnded = true;
    this.#other.#wake();
    return Promise.resolve();
  }

  close(): void {
    this.#isClosed = true;
    this.#closed.resolve();
    this.#other.#hasEnded = true;
    this.#wake();
    this.#other.#wake();
  }

  #wake(): void {
    this.#reader?.();
    this.#writer?.();
  }
}

/** A network of its own: one listener, and those who connect. */
export class MemorySockets implements Sockets {
  readonly #options: MemorySocketOptions;
  #accept: ((pending: PendingSocket) => void) | undefined;

  constructor(options: MemorySocketOptions = {}) {
    this.#options = options;
  }

  listen(
    _address: Address,
    _options: { readonly tls?: ServerTls },
    accept: (pending: PendingSocket) => void,
  ): Promise<SocketListener> {
    this.#accept = accept;
    return Promise.resolve({
      port: 1,
      loopback: true,
      setTls: () => Promise.reject(new TypeError("there is no TLS")),
      close: () => {
        this.#accept = undefined;
        return Promise.resolve();
      },
    });
  }

  /** Connects to the listener. */
  dial(options: MemorySocketOptions = {}): MemorySocket {
    if (this.#accept === undefined) throw new Error("connection refused");
    const [mine, theirs] = MemorySocket.pair({ ...this.#options, ...options });
    this.#accept({
      hostname: theirs.peer.hostname,
      open: () => Promise.resolve(theirs),
      close: () => theirs.close(),
    });
    return mine;
  }

  connect(_address?: Address, options?: DialOptions): Promise<MemorySocket> {
    return new Promise((resolve) => {
      options?.signal.throwIfAborted();
      resolve(this.dial());
    });
  }
}
