/**
 * The server's half of TLS.
 *
 * @module
 */
import {
  createServer,
  type PeerCertificate as ShownCertificate,
  type TlsOptions,
  type TLSSocket,
} from "node:tls";
import type { PeerCertificate, ServerTls } from "../../rpc/transport.ts";
import {
  type CertificateNames,
  coversHost,
  readCertificateNames,
} from "./certificate.ts";
import { checkServerTls } from "./check_pem.ts";
import { type ClientHello, MAX_CLIENT_HELLO, readClientHello } from "./client_hello.ts";
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
  UNKNOWN_SESSION,
} from "./tls_errors.ts";
import { ALPN, PROTOCOL } from "./tls_protocol.ts";
import { VerifiedClients } from "./verified_clients.ts";

/** No timer, which in Deno would hold a connection that has failed: others keep the time. */
const NO_TIMEOUT = -1;

/** A certificate, and how to speak TLS with it. */
interface PreparedCertificate {
  readonly names: CertificateNames;
  readonly options: TlsOptions;
}

/** Speaks TLS as a server, with certificates that never change. */
export class TlsServer {
  readonly #joiner: PartJoiner = new PartJoiner();
  readonly #certificates: readonly PreparedCertificate[];
  readonly #needsCertificate: boolean;
  /** Undefined when clients are not asked for certificates. */
  readonly #verified: VerifiedClients | undefined;

  /**
   * Prepares the certificates, in the place of those before.
   *
   * @throws {TypeError} when they cannot be used.
   */
  constructor(tls: ServerTls, before?: TlsServer) {
    const names = checkServerTls(tls);
    const { certificates, clientCa, requireClientCertificate = true } = tls;
    if (clientCa !== undefined) {
      const known = before === undefined ? undefined : before.#verified;
      this.#verified = new VerifiedClients(clientCa, known);
    }
    this.#needsCertificate = clientCa !== undefined && requireClientCertificate;
    this.#certificates = certificates.map(({ cert, key }, index) => ({
      names: names[index],
      options: {
        ...PROTOCOL,
        cert,
        key,
        ca: clientCa,
        requestCert: clientCa !== undefined,
        // Else node:tls would hang up, and the client would not know why.
        rejectUnauthorized: false,
        allowHalfOpen: true,
        handshakeTimeout: NO_TIMEOUT,
      },
    }));
  }

  /**
   * Completes a handshake over this socket, which is closed if it fails.
   *
   * @throws {Error} which says why it failed.
   */
  async accept(socket: PlainSocket): Promise<Socket> {
    const [first, ...others] = this.#certificates;
    if (others.length === 0) return await this.#shakeHands(socket, first.options);
    try {
      const { serverName, bytes } = await readHello(socket);
      const { options } = this.#certificates.find(({ names }) =>
        serverName !== undefined && coversHost(names, serverName)
      ) ?? first;
      return await this.#shakeHands(socket, options, bytes);
    } catch (error) {
      socket.close();
      throw error;
    }
  }

  #shakeHands(
    socket: PlainSocket,
    options: TlsOptions,
    head?: Uint8Array,
  ): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const plain = socket.toStream(head);
      const { stream } = plain;
      const fail = (error: Error) => {
        // Without an error the TLS socket would not end, and never be freed in Deno.
        stream.destroy(error);
        reject(error);
      };
      const onLost = () => fail(clientHandshakeFailed(connectionClosed()));
      stream.once("end", onLost).once("close", onLost);
      // The TLS socket tells of it as well.
      stream.on("error", () => {});
      // A server for each handshake: its events do not say of which socket they speak.
      const server = createServer(options);
      server.once("tlsClientError", (error) => fail(clientHandshakeFailed(error)));
      server.once("secureConnection", (tlsSocket) => {
        stream.off("end", onLost).off("close", onLost);
        if (tlsSocket.alpnProtocol === ALPN) {
          return resolve(this.#wrap(tlsSocket, plain, socket));
        }
        tlsSocket.destroy();
        fail(new Error(NO_CLIENT_HTTP2));
      });
      server.emit("connection", stream);
    });
  }

  #wrap(tlsSocket: TLSSocket, plain: PlainStream, socket: PlainSocket): Socket {
    const shown = this.#verified === undefined ? undefined : shownBy(tlsSocket);
    const refusal = this.#refusalOf(tlsSocket, shown);
    const certificate = refusal === undefined && shown !== undefined
      ? read(shown)
      : undefined;
    return new StreamSocket(tlsSocket, {
      peer: { ...socket.peer, certificate, refusal },
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

  /** Why a client may not call; undefined if it may. */
  #refusalOf(
    tlsSocket: TLSSocket,
    shown: ShownCertificate | undefined,
  ): string | undefined {
    if (shown === undefined) {
      return this.#needsCertificate ? NO_CLIENT_CERTIFICATE : undefined;
    }
    if (tlsSocket.isSessionReused()) {
      return this.#verified!.has(shown) ? undefined : UNKNOWN_SESSION;
    }
    if (!tlsSocket.authorized) {
      return certificateRefusal(String(tlsSocket.authorizationError));
    }
    this.#verified!.add(shown);
  }
}

/** Reads the first message of a client, and what else has come with it. */
async function readHello(
  socket: PlainSocket,
): Promise<ClientHello & { readonly bytes: Uint8Array }> {
  const buffer = new Uint8Array(2 * MAX_CLIENT_HELLO);
  for (let length = 0; length < buffer.length;) {
    const count = await socket.read(buffer.subarray(length));
    if (count === null) throw clientHandshakeFailed(connectionClosed());
    length += count;
    const bytes = buffer.subarray(0, length);
    const hello = readClientHello(bytes);
    if (hello !== undefined) return { ...hello, bytes };
  }
  throw clientHandshakeFailed(new Error("its first message is too long"));
}

/** The certificate that a client has shown, verified or not. */
function shownBy(tlsSocket: TLSSocket): ShownCertificate | undefined {
  // Without one it is nothing in Deno, and an empty object in Node.
  const shown = tlsSocket.getPeerCertificate();
  return shown?.raw === undefined ? undefined : shown;
}

/** What is told of a certificate that was verified. */
function read({ raw, fingerprint256: fingerprint }: ShownCertificate): PeerCertificate {
  const { commonName, alternativeNames } = readCertificateNames(raw);
  return { commonName, alternativeNames, fingerprint };
}
