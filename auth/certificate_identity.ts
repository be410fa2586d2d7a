/**
 * Clients that are known by their certificates (mTLS).
 *
 * @module
 */
import { checkOptions, type OptionSet } from "../base/check_options.ts";
import type { Authenticator } from "../flight/server/auth.ts";
import type { PeerCertificate } from "../rpc/transport.ts";

/** How {@linkcode certificateIdentity} names a client. */
export interface CertificateIdentityOptions {
  /**
   * What of the certificate is the identity: its common name, its first alternative
   * name without the kind (`spiffe://a/b` of `URI:spiffe://a/b`), its fingerprint, or
   * what a function gives. @default "commonName"
   */
  from?:
    | "commonName"
    | "alternativeName"
    | "fingerprint"
    | ((certificate: PeerCertificate) => string | undefined);
}

const SOURCES = {
  commonName: ({ commonName }: PeerCertificate) => commonName,
  alternativeName: ({ alternativeNames }: PeerCertificate) =>
    alternativeNames[0]?.replace(/^[^:]*:/, ""),
  fingerprint: ({ fingerprint }: PeerCertificate) => fingerprint,
};

const OPTIONS: OptionSet<CertificateIdentityOptions> = {
  of: "certificateIdentity",
  example: '{ from: "commonName" }',
  kinds: {
    from: {
      wanted: `${
        Object.keys(SOURCES).map((name) => `"${name}"`).join(", ")
      } or a function`,
      isType: (value) => typeof value === "string" || typeof value === "function",
      isInRange: (value) =>
        typeof value === "function" || Object.hasOwn(SOURCES, String(value)),
    },
  },
};

/**
 * Accepts calls over connections on which the client has shown a certificate. TLS
 * verifies it: the server's option `tls` has to have a `clientCa`. A call with a token
 * or a password needs an authenticator that knows these: see {@linkcode anyOf}.
 *
 * @throws {TypeError} when an option has a wrong type or is not known.
 * @throws {RangeError} when `from` is another text.
 *
 * @example A server for clients with certificates
 * ```ts
 * import { certificateIdentity } from "@tinyflight/flight/auth";
 *
 * const auth = certificateIdentity({ from: "commonName" });
 * // new TinyServer({ auth, tls: { certificates: [{ cert, key }], clientCa } })
 * console.log(typeof auth.identify); // "function"
 * ```
 */
export function certificateIdentity(
  options: CertificateIdentityOptions = {},
): Authenticator {
  checkOptions(OPTIONS, options);
  const { from = "commonName" } = options;
  const nameOf = typeof from === "function" ? from : SOURCES[from];
  return {
    verify: () => undefined,
    identify({ certificate }) {
      const name = certificate === undefined ? undefined : nameOf(certificate);
      return name === "" ? undefined : name;
    },
  };
}
