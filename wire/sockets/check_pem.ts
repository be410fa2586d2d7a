/**
 * Checks certificates and keys that a developer passes, before anything is done with
 * them: what TLS itself says of them later is a riddle.
 *
 * @module
 */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import type { CertificateAndKey, ClientTls, ServerTls } from "../../rpc/transport.ts";
import { type CertificateNames, readCertificateNames } from "./certificate.ts";

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * Checks how a server is to speak TLS, and gives the names of each certificate.
 *
 * @throws {TypeError} which says what of it cannot be used, and why.
 */
export function checkServerTls(tls: ServerTls): CertificateNames[] {
  const { certificates, clientCa, requireClientCertificate } = tls;
  if (!Array.isArray(certificates) || certificates.length === 0) {
    throw new TypeError(
      "Cannot use tls.certificates: one certificate is needed at least",
    );
  }
  const names = certificates.map((one: CertificateAndKey, index) =>
    checkCertificateAndKey(`tls.certificates[${index}]`, one)
  );
  if (clientCa !== undefined) readCertificates("tls.clientCa", clientCa);
  else if (requireClientCertificate) {
    throw new TypeError(
      "Cannot use tls.requireClientCertificate: tls.clientCa has to say who issues them",
    );
  }
  return names;
}

/**
 * Checks how a client is to speak TLS.
 *
 * @throws {TypeError} which says what of it cannot be used, and why.
 */
export function checkClientTls({ ca, certificate, serverName }: ClientTls): void {
  if (ca !== undefined) readCertificates("tls.ca", ca);
  if (certificate !== undefined) checkCertificateAndKey("tls.certificate", certificate);
  if (serverName === "") throw new TypeError("Cannot use tls.serverName: it is empty");
}

/** Checks that a key belongs to a certificate, and gives the certificate's names. */
function checkCertificateAndKey(
  name: string,
  { cert, key }: CertificateAndKey,
): CertificateNames {
  const [first] = readCertificates(`${name}.cert`, cert);
  if (!first.checkPrivateKey(readKey(`${name}.key`, key))) {
    throw new TypeError(
      `Cannot use ${name}: the key does not belong to the certificate`,
    );
  }
  return readCertificateNames(first.raw);
}

/** The certificates in PEM, one at least. */
function readCertificates(name: string, pem: string): X509Certificate[] {
  const blocks = typeof pem === "string" ? pem.match(CERTIFICATE) : null;
  if (blocks === null) {
    throw new TypeError(
      `Cannot use ${name}: it has to be PEM text with "-----BEGIN CERTIFICATE-----"`,
    );
  }
  return blocks.map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch (cause) {
      const which = blocks.length > 1 ? `certificate ${index + 1} in it` : "it";
      throw new TypeError(`Cannot use ${name}: ${which} is damaged`, { cause });
    }
  });
}

function readKey(name: string, pem: string): KeyObject {
  if (typeof pem !== "string" || !/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem)) {
    throw new TypeError(
      `Cannot use ${name}: it has to be PEM text with "-----BEGIN PRIVATE KEY-----"`,
    );
  }
  if (/BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED/.test(pem)) {
    throw new TypeError(`Cannot use ${name}: it is encrypted with a password`);
  }
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    throw new TypeError(`Cannot use ${name}: it is damaged`, { cause });
  }
}
