/**
 * What a runtime has to offer: connections without TLS, to and at one address.
 *
 * @module
 */
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import type { Address } from "../../rpc/transport.ts";
import type { Socket, SocketPeer } from "./socket.ts";

/** A connection without TLS. */
export interface PlainSocket extends Socket {
  /**
   * The stream over which to speak TLS, which begins with these bytes that were read
   * before. After that the socket can only be closed.
   */
  toStream(head?: Uint8Array): PlainStream;
}

/** A connection without TLS as a stream. */
export interface PlainStream {
  /** The stream, for `node:tls`. */
  readonly stream: Duplex;
  /** Says whether the TLS socket over it is to read more. */
  setFlowing(tls: TLSSocket, isFlowing: boolean): void;
}

/** What listens on one address. */
export interface PlainListener {
  /** The port; 0 on a Unix socket. */
  readonly port: number;
  /** The IP address; undefined on a Unix socket. */
  readonly hostname: string | undefined;
  /** Accepts no more. Resolves when the address is free, and a Unix socket's file gone. */
  close(): Promise<void>;
}

/** The sockets of a runtime, as wire/sockets.ts builds on them. */
export interface PlainSockets {
  /**
   * Listens on one address, of a host by its IP address, and goes on when a connection
   * cannot be accepted.
   *
   * @throws {Error} the runtime's own, with the system's `code`.
   */
  listen(
    address: Address,
    accept: (socket: PlainSocket) => void,
  ): Promise<PlainListener>;
  /**
   * Connects to one address.
   *
   * @throws {Error} the runtime's own, with the system's `code`; the signal's reason
   * when that is aborted.
   */
  connect(address: Address, signal: AbortSignal): Promise<PlainSocket>;
}

/** The peer with this address; without one it is at a Unix socket. */
export function peerAt(hostname: string | undefined, port = 0): SocketPeer {
  if (hostname === undefined) {
    return { address: "unix:", hostname: undefined, certificate: undefined };
  }
  // One that came by IPv4 to a socket for both families.
  const address = hostname.replace(/^::ffff:(?=\d+\.)/i, "");
  return {
    address: showHost(address, port),
    hostname: address,
    certificate: undefined,
  };
}

/** A host and a port as they are written, such as `[::1]:5678`. */
export function showHost(hostname: string, port: number): string {
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

/** An address as it is written. */
export function showAddress(address: Address): string {
  return "path" in address ? address.path : showHost(address.hostname, address.port);
}
