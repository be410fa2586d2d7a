/**
 * TLS for a server, by node:tls. grpc-js's own credentials choose no certificate by
 * name, and either require a client's certificate or do not ask for one.
 *
 * @module
 */
import type { Socket } from "node:net";
import {
  createSecureContext,
  createServer,
  type SecureContext,
  type Server,
  type TLSSocket,
} from "node:tls";
import { startTimer } from "../base/timer.ts";
import type { ServerTls } from "../rpc/transport.ts";
import { checkAuthorities, checkCertificate, coversName } from "./certificates.ts";

/** The protocol that client and server have to agree on (ALPN): HTTP/2. */
const HTTP2 = "h2";
/** How long a handshake may take, in milliseconds. */
const MAX_HANDSHAKE_TIME = 10_000;

/** A connection whose handshake is under way. */
interface Handshake {
  readonly socket: Socket;
  readonly timer: Disposable;
}

/** Completes handshakes, and hands over the connections that may speak HTTP/2. */
export class TlsAcceptor {
  readonly #accept: (socket: TLSSocket) => void;
  readonly #handshakes: Map<string, Handshake> = new Map();
  #server: Server;

  /**
   * An acceptor with these certificates.
   *
   * @throws {TypeError} when they cannot be used.
   */
  constructor(tls: ServerTls, accept: (socket: TLSSocket) => void) {
    this.#accept = accept;
    this.#server = this.#createServer(tls);
  }

  /**
   * Uses other certificates from now on.
   *
   * @throws {TypeError} when they cannot be used.
   */
  setTls(tls: ServerTls): void {
    this.#server = this.#createServer(tls);
  }

  /** Begins the handshake with a client. */
  open(socket: Socket): void {
    const name = nameOf(socket);
    const timer = startTimer(MAX_HANDSHAKE_TIME, () => socket.destroy());
    this.#handshakes.set(name, { socket, timer });
    socket.once("close", () => this.#forget(name));
    this.#server.emit("connection", socket);
  }

  /** Closes the connections whose handshake is under way. */
  close(): void {
    for (const { socket } of this.#handshakes.values()) socket.destroy();
  }

  #forget(name: string): void {
    this.#handshakes.get(name)?.timer[Symbol.dispose]();
    this.#handshakes.delete(name);
  }

  #createServer(tls: ServerTls): Server {
    const { certificates, clientCa, requireClientCertificate = true } = tls;
    if (certificates.length === 0) {
      throw new TypeError("Cannot use TLS: there is no certificate");
    }
    const authorities = clientCa === undefined
      ? {}
      : { ca: checkAuthorities(clientCa) };
    const identities = certificates.map((pair) => ({
      certificate: checkCertificate(pair),
      context: createSecureContext({ ...pair, ...authorities }),
    }));
    const contextFor = (name: string): SecureContext => {
      const fit = identities.find(({ certificate }) => coversName(certificate, name));
      return (fit ?? identities[0]).context;
    };
    const server = createServer({
      ...certificates[0],
      ...authorities,
      requestCert: clientCa !== undefined,
      rejectUnauthorized: clientCa !== undefined && requireClientCertificate,
      ALPNProtocols: [HTTP2],
      SNICallback: (name, callback) => callback(null, contextFor(name)),
    }, (socket) => {
      this.#forget(nameOf(socket));
      const hasShown = Object.keys(socket.getPeerCertificate() ?? {}).length > 0;
      const isTrusted = !hasShown || clientCa === undefined || socket.authorized;
      if (socket.alpnProtocol === HTTP2 && isTrusted) this.#accept(socket);
      else socket.destroy();
    });
    // The client has to try again after a handshake that failed.
    server.on("tlsClientError", (_error, socket) => socket.destroy());
    return server;
  }
}

/** Identifies a connection, as node:tls does not say which socket it uses. */
function nameOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
