/**
 * What HTTP/2 asks of TLS (RFC 9113, 9.2).
 *
 * @module
 */

/** The name of HTTP/2 over TLS (ALPN). */
export const ALPN = "h2";

/** The ciphers of TLS 1.3, and of TLS 1.2 those that RFC 9113 (appendix A) allows. */
const CIPHERS: readonly string[] = [
  "TLS_AES_128_GCM_SHA256",
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
];

/** The options of `node:tls` that both sides have. */
export const PROTOCOL: {
  readonly ALPNProtocols: string[];
  readonly minVersion: "TLSv1.2";
  readonly ciphers: string;
} = { ALPNProtocols: [ALPN], minVersion: "TLSv1.2", ciphers: CIPHERS.join(":") };
