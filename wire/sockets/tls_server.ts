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
import type { PeerCertificate, ServerTls } from "../../rpc/transport.ts";
import { coversHost, readCertificateNames } from "./certificate.ts";
import { checkServerTls } from "./check_pem.ts";
import { PartJoiner } from "./join_parts.ts";
import type { PlainSocket, PlainStream } from "./plain_sockets.ts";
import type { Socket } from "./socket.ts";
import { connectionClosed } from "./socket_errors.ts";
import { StreamSocket } from "./stream_socket.ts";
import {
  certificateRefusal,
  clientHandshakeFailed,
  NO_CLIENT_CERTIFICATE,
  NO_CLIENT_HTTP2,
  tlsConnectionLost,
} from "./tls_errors.ts";
import { ALPN, PROTOCOL } from "./tls_protocol.ts";

/** Speaks TLS as a server, with certificates that never change. */
export class TlsServer {
  readonly #joiner: PartJoiner = new PartJoiner();
  readonly #options: TlsOptions;
  readonly #needsCertificate: boolean;

  /**
   * Prepares the certificates.
   *
   * @throws {TypeError} when they cannot be used.
   */
  constructor(tls: ServerTls) {
    const names = checkServerTls(tls);
    const { certificates, clientCa, requireClientCertificate = true } = tls;
    const options = { ...PROTOCOL, ca: clientCa };
    const contexts = certificates.map(({ cert, key }) =>
      createSecureContext({ ...options, cert, key })
    );
    this.#needsCertificate = clientCa !== undefined && requireClientCertificate;
    this.#options = {
      ...options,
      ...certificates[0],
      requestCert: clientCa !== undefined,
      rejectUnauthorized: this.#needsCertificate,
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
      const onLost = () => fail(clientHandshakeFailed(connectionClosed()));
      stream.once("end", onLost).once("close", onLost);
      // The TLS socket tells of it as well.
      stream.on("error", () => {});
      // A server for each handshake: its events do not say of which socket they speak.
      const server = createServer(this.#options);
      server.once("tlsClientError", (error) => fail(clientHandshakeFailed(error)));
      server.once("secureConnection", (tlsSocket) => {
        stream.off("end", onLost).off("close", onLost);
        const certificate = certificateOf(tlsSocket);
        const refusal = this.#refusalOf(tlsSocket, certificate);
        if (refusal === undefined) {
          return resolve(this.#wrap(tlsSocket, plain, socket, certificate));
        }
        // By HTTP/2 nothing is said: clients of gRPC in C++ that are told so by GOAWAY
        // connect again at once, for ever.
        tlsSocket.destroy();
        fail(new Error(refusal));
      });
      server.emit("connection", stream);
    });
  }

  /** Why a client may not connect; undefined if it may. */
  #refusalOf(
    { alpnProtocol, authorized, authorizationError }: TLSSocket,
    certificate: PeerCertificate | undefined,
  ): string | undefined {
    if (alpnProtocol !== ALPN) return NO_CLIENT_HTTP2;
    if (certificate !== undefined && !authorized) {
      return certificateRefusal(String(authorizationError));
    }
    if (certificate === undefined && this.#needsCertificate) {
      return NO_CLIENT_CERTIFICATE;
    }
  }

  #wrap(
    tlsSocket: TLSSocket,
    plain: PlainStream,
    socket: PlainSocket,
    certificate: PeerCertificate | undefined,
  ): Socket {
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
