/**
 * The client's half of TLS.
 *
 * @module
 */
import { connect, type ConnectionOptions } from "node:tls";
import type { ClientTls } from "../../rpc/transport.ts";
import { coversHost, isAddress, readCertificateNames } from "./certificate.ts";
import { PartJoiner } from "./join_parts.ts";
import type { PlainSocket } from "./plain_sockets.ts";
import type { Socket } from "./socket.ts";
import { connectionClosed } from "./socket_errors.ts";
import { StreamSocket } from "./stream_socket.ts";
import { ALPN, PROTOCOL } from "./tls_protocol.ts";
import {
  closedAfterHandshake,
  handshakeFailed,
  http2NotChosen,
  tlsConnectionLost,
} from "./tls_errors.ts";

/** Where a client connects to. */
export interface TlsTarget {
  /** The host as the caller has named it, which the certificate has to have. */
  readonly hostname: string;
  /** The server in messages, such as `ada.example:5678`. */
  readonly where: string;
  /** Gives up, and rejects with its reason, when it is aborted. */
  readonly signal: AbortSignal;
}

/** Speaks TLS as a client. */
export class TlsClient {
  readonly #joiner: PartJoiner = new PartJoiner();

  /**
   * Completes a handshake over this socket, which is closed if it fails.
   *
   * @throws {Error} which says why it failed.
   */
  connect(socket: PlainSocket, tls: ClientTls, target: TlsTarget): Promise<Socket> {
    const { where, signal } = target;
    return new Promise<Socket>((resolve, reject) => {
      if (signal.aborted) {
        socket.close();
        throw signal.reason;
      }
      const plain = socket.toStream();
      const { stream } = plain;
      // The TLS socket tells of it as well.
      stream.on("error", () => {});
      let mismatch: Error | undefined;
      const tlsSocket = connect({
        ...optionsOf(tls, target),
        socket: stream,
        checkServerIdentity: (_, { raw }) => mismatch = checkHost(raw, tls, target),
      });
      const fail = (error: unknown) => {
        signal.removeEventListener("abort", onAbort);
        tlsSocket.destroy();
        stream.destroy();
        reject(error);
      };
      const onAbort = () => {
        fail(signal.reason);
        socket.close();
      };
      signal.addEventListener("abort", onAbort);
      const onError = (error: unknown) =>
        fail(mismatch ?? handshakeFailed(error, where));
      const onClose = () => fail(handshakeFailed(connectionClosed(), where));
      tlsSocket.once("error", onError);
      tlsSocket.once("close", onClose);
      tlsSocket.once("secureConnect", () => {
        signal.removeEventListener("abort", onAbort);
        tlsSocket.off("error", onError).off("close", onClose);
        if (tlsSocket.alpnProtocol !== ALPN) return fail(http2NotChosen(where));
        resolve(
          new StreamSocket(tlsSocket, {
            peer: socket.peer,
            joiner: this.#joiner,
            readsAhead: true,
            setFlowing: (isFlowing) => plain.setFlowing(tlsSocket, isFlowing),
            close: () => {
              tlsSocket.destroy();
              socket.close();
            },
            endedAtOnce: () =>
              closedAfterHandshake(where, tls.certificate !== undefined),
            explain: (error) => tlsConnectionLost(error, where),
          }),
        );
      });
    });
  }
}

function optionsOf(
  { ca, certificate, serverName, insecureSkipVerify = false }: ClientTls,
  { hostname }: TlsTarget,
): ConnectionOptions {
  const name = serverName ?? hostname;
  return {
    ca,
    cert: certificate?.cert,
    key: certificate?.key,
    // An address is not asked for by SNI (RFC 6066, 3).
    servername: isAddress(name) ? undefined : name,
    host: name,
    ...PROTOCOL,
    rejectUnauthorized: !insecureSkipVerify,
  };
}

/** The error of a certificate that is not one of the host; undefined if it is. */
function checkHost(
  certificate: Uint8Array,
  { serverName, insecureSkipVerify }: ClientTls,
  { hostname, where }: TlsTarget,
): Error | undefined {
  if (insecureSkipVerify) return undefined;
  const host = serverName ?? hostname;
  const names = readCertificateNames(certificate);
  if (coversHost(names, host)) return undefined;
  const covered = [...names.hosts, ...names.addresses].join(", ");
  return new Error(
    `the certificate of ${where} is not for "${host}" but for ${
      covered === "" ? "no host at all" : covered
    }`,
  );
}
