/**
 * Certificates as PEM text, checked before they are used.
 *
 * @module
 */
import { createPrivateKey, X509Certificate } from "node:crypto";
import type { CertificateAndKey } from "../rpc/transport.ts";

/**
 * The first certificate of the chain.
 *
 * @throws {TypeError} when it is not PEM, or the key is not its own.
 */
export function checkCertificate({ cert, key }: CertificateAndKey): X509Certificate {
  let certificate: X509Certificate;
  let isPair: boolean;
  try {
    certificate = new X509Certificate(cert);
    isPair = certificate.checkPrivateKey(createPrivateKey(key));
  } catch (cause) {
    throw new TypeError("Cannot use the certificate or its key: it is not PEM", {
      cause,
    });
  }
  if (isPair) return certificate;
  throw new TypeError("Cannot use the certificate: the private key belongs to another");
}

/**
 * The authorities, as they are.
 *
 * @throws {TypeError} when they are not PEM.
 */
export function checkAuthorities(authorities: string): string {
  try {
    new X509Certificate(authorities);
    return authorities;
  } catch (cause) {
    throw new TypeError("Cannot use the authorities: they are not PEM", { cause });
  }
}

/** Whether this is a host that a certificate names, itself or by a `*` (RFC 6125). */
export function coversName({ subjectAltName }: X509Certificate, name: string): boolean {
  const host = name.toLowerCase();
  const parent = host.slice(host.indexOf("."));
  return (subjectAltName ?? "").toLowerCase().split(", ").some((entry) =>
    entry === `dns:${host}` || (parent !== host && entry === `dns:*${parent}`)
  );
}
