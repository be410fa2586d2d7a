/**
 * What the errors of TLS mean, in words that are the same in every runtime.
 *
 * @module
 */
import { codeOf, connectionLost } from "./socket_errors.ts";

type Explain = (where: string) => string;

const NO_TLS: Explain = (where) => `${where} does not speak TLS`;
const NO_HTTP2: Explain = (where) =>
  `${where} does not speak HTTP/2: it does not agree on "h2" (ALPN)`;
const ENDED: Explain = (where) =>
  `${where} closed the connection during the TLS handshake: it may not speak TLS`;
const asks: Explain = (where) =>
  `${where} asks for a client certificate (tls.certificate)`;
const refused = (why: string): Explain => (where) =>
  `${where} does not accept the client certificate: ${why}`;

/** What is wrong with a certificate, by the codes of the runtimes. */
const CERTIFICATE_PROBLEMS: readonly (readonly [RegExp, string])[] = [
  [/^CERT_HAS_EXPIRED$/, "has expired"],
  [/^CERT_NOT_YET_VALID$/, "is not valid yet"],
  [
    /^(SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_(GET_ISSUER|VERIFY))/,
    "comes from an authority that is not trusted",
  ],
  [/^(CERT_|INVALID_|PATH_LENGTH)/, "cannot be used"],
];

/** What else ends a client's handshake, by parts of the codes of the runtimes. */
const REASONS: readonly (readonly [RegExp, Explain])[] = [
  [/CERTIFICATE_REQUIRED|DID_NOT_RETURN_A_CERTIFICATE/, asks],
  [/ALERT_UNKNOWN_CA/, refused("its authority is not trusted there")],
  [/ALERT_CERTIFICATE_EXPIRED/, refused("it has expired")],
  [
    /ALERT_(BAD_CERTIFICATE|CERTIFICATE_|ACCESS_DENIED|DECRYPT_ERROR)/,
    refused("it is not one that the server can use"),
  ],
  [
    // What netty says of a certificate whose authority it does not know.
    /ALERT_INTERNAL_ERROR/,
    (where) =>
      `${where} reports an internal error of its TLS: it may not accept the client certificate`,
  ],
  [/NO_APPLICATION_PROTOCOL/, NO_HTTP2],
  [
    /PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL/,
    (where) => `${where} speaks neither TLS 1.2 nor TLS 1.3`,
  ],
  [/WRONG_VERSION_NUMBER|HTTP_REQUEST|PACKET_LENGTH|RECORD/, NO_TLS],
  [
    /ALERT_(HANDSHAKE_FAILURE|INSUFFICIENT)/,
    (where) =>
      `${where} refuses the TLS handshake: it may ask for a client certificate, or have no cipher in common`,
  ],
];

/** A client that offers no HTTP/2. */
export const NO_CLIENT_HTTP2 = 'the client does not offer HTTP/2 ("h2" by ALPN)';

/** A client that shows no certificate. */
export const NO_CLIENT_CERTIFICATE =
  "the client shows no certificate, which the server requires";

/** A client that resumes a session in which its certificate was not verified here. */
export const UNKNOWN_SESSION =
  "the client resumes a TLS session in which this server has not verified its certificate";

/** What ends a client's handshake at the server. */
const CLIENT_REASONS: readonly (readonly [RegExp, string])[] = [
  [/DID_NOT_RETURN_A_CERTIFICATE/, NO_CLIENT_CERTIFICATE],
  [/ALERT_(UNKNOWN_CA|BAD_CERT|CERT)/, "the client does not accept the certificate"],
  [/NO_APPLICATION_PROTOCOL/, NO_CLIENT_HTTP2],
];

/** The error of a server that closes the connection and has said nothing. */
export function closedAfterHandshake(where: string, hasCertificate: boolean): Error {
  return new Error(
    `${where} closed the connection right after the TLS handshake: it may ${
      hasCertificate
        ? "not accept the client certificate"
        : "ask for a client certificate (tls.certificate)"
    }`,
  );
}

/** Why a client's certificate is not accepted, by the code of the runtime. */
export function certificateRefusal(code: string): string {
  return `the client's certificate ${problemOf(code) ?? "cannot be used"}`;
}

/** The error of a client's handshake with a server that failed. */
export function handshakeFailed(error: unknown, where: string): Error {
  const explain = explanationOf(error) ?? ENDED;
  return new Error(explain(where), { cause: error });
}

/** The error of a handshake that failed, as the server tells it. */
export function clientHandshakeFailed(error: unknown): Error {
  const code = codeOf(error);
  const reason = CLIENT_REASONS.find(([pattern]) => pattern.test(code))?.[1];
  return new Error(reason ?? "the client did not complete the TLS handshake", {
    cause: error,
  });
}

/** The error of a connection over TLS that was lost. */
export function tlsConnectionLost(error: unknown, where: string): Error {
  const explain = explanationOf(error);
  return explain === undefined
    ? connectionLost(error)
    : new Error(explain(where), { cause: error });
}

/** The error of a server that chose no HTTP/2. */
export function http2NotChosen(where: string): Error {
  return new Error(NO_HTTP2(where));
}

function explanationOf(error: unknown): Explain | undefined {
  const code = codeOf(error);
  const problem = problemOf(code);
  return problem === undefined
    ? REASONS.find(([pattern]) => pattern.test(code))?.[1]
    : (where) => `the certificate of ${where} ${problem}`;
}

function problemOf(code: string): string | undefined {
  return CERTIFICATE_PROBLEMS.find(([pattern]) => pattern.test(code))?.[1];
}
