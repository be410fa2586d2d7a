/**
 * The server's half of TLS.
 *
 * @module
 */
import {
  createSecureContext,
  createServer,
  type SecureContext,
  type TlsOptions,
  type TLSSocket,
} from "node:tls";
import type { PeerCertificate, ServerTls } from "../rpc/transport.ts";
import { coversHost, readCertificateNames } from "./certificate.ts";
import { checkServerTls } from "./check_pem.ts";
import { PartJoiner } from "./join_parts.ts";
import type { PlainSocket, PlainStream } from "./plain_sockets.ts";
import type { Socket } from "./socket.ts";
import { connectionClosed } from "./socket_errors.ts";
import { StreamSocket } from "./stream_socket.ts";
import { clientHandshakeFailed, tlsConnectionLost } from "./tls_errors.ts";

/** The protocol of HTTP/2 over TLS (ALPN). */
const ALPN = "h2";

/** Speaks TLS as a server, with certificates that never change. */
export class TlsServer {
  readonly #joiner: PartJoiner = new PartJoiner();
  readonly #options: TlsOptions;

  /**
   * Prepares the certificates.
   *
   * @throws {TypeError} when they cannot be used.
   */
  constructor(tls: ServerTls) {
    const names = checkServerTls(tls);
    const { certificates, clientCa, requireClientCertificate = true } = tls;
    const options = {
      ca: clientCa,
      ALPNProtocols: [ALPN],
      minVersion: "TLSv1.2" as const,
    };
    const contexts = certificates.map(({ cert, key }) =>
      createSecureContext({ ...options, cert, key })
    );
    this.#options = {
      ...options,
      ...certificates[0],
      requestCert: clientCa !== undefined,
      rejectUnauthorized: clientCa !== undefined && requireClientCertificate,
      allowHalfOpen: true,
      SNICallback: (host, done: (error: null, context?: SecureContext) => void) => {
        const index = names.findIndex((one) => coversHost(one, host));
        done(null, contexts[Math.max(index, 0)]);
      },
    };
  }

  /**
   * Completes a handshake over this socket, which is closed if it fails.
   *
   * @throws {Error} which says why it failed.
   */
  accept(socket: PlainSocket): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const plain = socket.toStream();
      const { stream } = plain;
      const fail = (error: Error) => {
        stream.destroy();
        reject(error);
      };
      // A server for each handshake: its events do not say of which socket they speak.
      const server = createServer(this.#options);
      server.once("tlsClientError", (error) => fail(clientHandshakeFailed(error)));
      const onLost = () => fail(clientHandshakeFailed(connectionClosed()));
      stream.once("end", onLost).once("close", onLost);
      server.once("secureConnection", (tlsSocket) => {
        stream.off("end", onLost).off("close", onLost);
        try {
          resolve(this.#wrap(tlsSocket, plain, socket));
        } catch (error) {
          tlsSocket.destroy();
          fail(error as Error);
        }
      });
      server.emit("connection", stream);
    });
  }

  /** The socket of a handshake that is complete, if it has agreed on what it must. */
  #wrap(
    tlsSocket: TLSSocket,
    plain: PlainStream,
    socket: PlainSocket,
  ): Socket {
    if (tlsSocket.alpnProtocol !== ALPN) {
      throw new Error('the client does not offer HTTP/2 ("h2" by ALPN)');
    }
    const certificate = certificateOf(tlsSocket);
    if (certificate !== undefined && !tlsSocket.authorized) {
      throw new Error(
        `the client's certificate cannot be accepted: ${tlsSocket.authorizationError}`,
      );
    }
    return new StreamSocket(tlsSocket, {
      peer: { ...socket.peer, certificate },
      joiner: this.#joiner,
      readsAhead: true,
      setFlowing: (isFlowing) => plain.setFlowing(tlsSocket, isFlowing),
      close: () => {
        tlsSocket.destroy();
        socket.close();
      },
      explain: (error) => tlsConnectionLost(error, "the client"),
    });
  }
}

/** The certificate that a client has shown. */
function certificateOf(tlsSocket: TLSSocket): PeerCertificate | undefined {
  // Without one it is nothing in Deno, and an empty object in Node.
  const certificate = tlsSocket.getPeerCertificate();
  if (!certificate?.raw) return undefined;
  const { commonName, alternativeNames } = readCertificateNames(certificate.raw);
  return { commonName, alternativeNames, fingerprint: certificate.fingerprint256 };
}
