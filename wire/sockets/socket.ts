/**
 * What the wire asks of a socket. Deno's sockets offer it in deno_socket.ts, those of
 * node:net and node:tls in node_socket.ts.
 *
 * @module
 */
import type {
  Address,
  ClientTls,
  PeerCertificate,
  ServerTls,
} from "../../rpc/transport.ts";

/** Who is at the other end of a socket. */
export interface SocketPeer {
  /** The address, such as `127.0.0.1:41234`, `[::1]:41234` or `unix:`. */
  readonly address: string;
  /** The IP address alone; undefined on a Unix socket. */
  readonly hostname: string | undefined;
  /** The client's certificate; undefined when it has shown none. */
  readonly certificate: PeerCertificate | undefined;
  /** Why the client may not call, by its certificate; undefined if it may. */
  readonly refusal?: string;
}

/** A connection over which bytes go both ways. TLS, if any, is spoken already. */
export interface Socket {
  /** Who is at the other end. */
  readonly peer: SocketPeer;
  /**
   * Whether the system writes what comes into the target of `read`, so that nobody
   * copies it there. @default false
   */
  readonly readsDirectly?: boolean;
  /**
   * Reads into the target, and gives how many bytes came: one or more, or null when
   * the peer has closed its side. There is one read at a time.
   *
   * @throws {Error} when the connection was lost or closed.
   */
  read(target: Uint8Array): Promise<number | null>;
  /**
   * Writes all bytes of these parts in order, and resolves when the system has taken
   * them. Small parts are joined; large ones are written as they are. There is one
   * write at a time.
   *
   * @throws {Error} when the connection was lost or closed.
   */
  write(parts: readonly Uint8Array[]): Promise<void>;
  /** Tells the peer that no more comes; what was written before still arrives. */
  closeWrite(): Promise<void>;
  /** Closes at once. A read or a write that waits rejects, or gives null. */
  close(): void;
}

/** A connection that was accepted, and on which TLS is still to be spoken, if at all. */
export interface PendingSocket {
  /** The client's IP address; undefined on a Unix socket. */
  readonly hostname: string | undefined;
  /**
   * Completes the TLS handshake, which has to agree on `h2` (ALPN).
   *
   * @throws {Error} when it fails; the connection is closed then.
   */
  open(): Promise<Socket>;
  /** Closes it; an `open` that waits rejects. */
  close(): void;
}

/** What listens on every address of a host. */
export interface SocketListener {
  /** The port; 0 on a Unix socket. */
  readonly port: number;
  /** Whether only this machine reaches it. */
  readonly loopback: boolean;
  /**
   * Uses other certificates for new connections, and refuses none meanwhile.
   *
   * @throws {TypeError} when they cannot be used, or it listens without TLS.
   */
  setTls(tls: ServerTls): Promise<void>;
  /**
   * Accepts no more; connections that were accepted stay. Resolves when the address is
   * free again.
   */
  close(): Promise<void>;
}

/** How {@linkcode Sockets.connect} connects. */
export interface DialOptions {
  /** How to speak TLS; without it the connection is not encrypted. */
  readonly tls?: ClientTls;
  /**
   * The URL of an HTTP proxy that passes the connection on, such as
   * `http://user:password@proxy.example:3128`; a Unix socket is reached without it.
   */
  readonly proxy?: string;
  /** Gives up, and rejects with its reason, when it is aborted. */
  readonly signal: AbortSignal;
}

/** The sockets of a runtime. */
export interface Sockets {
  /**
   * Listens, and hands over each connection that comes until the listener is closed.
   * When the system has no handles left it waits a little and goes on.
   *
   * @throws {TypeError} when the certificates cannot be used.
   * @throws {Error} when an address cannot be had.
   */
  listen(
    address: Address,
    options: { readonly tls?: ServerTls },
    accept: (pending: PendingSocket) => void,
  ): Promise<SocketListener>;
  /**
   * Connects; of a name with several addresses the first that answers (RFC 8305).
   *
   * @throws {Error} whose message says why no connection could be made, for example
   * `connection refused by 127.0.0.1:5678`.
   */
  connect(address: Address, options: DialOptions): Promise<Socket>;
}
