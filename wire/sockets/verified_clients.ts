/**
 * The certificates of clients that a server has verified.
 *
 * A client that resumes a TLS session shows no certificate: it has that of the session. In
 * Deno 2.9.6 `node:tls` calls every such certificate authorized, also one that was refused
 * when the session began, or that another server of the process has asked for. So only
 * those count that were verified here.
 *
 * @module
 */
import type { PeerCertificate } from "node:tls";

/** How many are kept. Sessions are resumed soon, or not at all. */
const MAX_KNOWN = 10_000;

/** What was verified by the authorities of a server. */
export class VerifiedClients {
  readonly #authorities: ReadonlySet<string>;
  /** When each expires, in milliseconds since 1970, by fingerprint. */
  readonly #known: Map<string, number>;

  /**
   * What was verified by these authorities, as PEM text. What was before counts if they
   * would verify it, too.
   */
  constructor(clientCa: string, before?: VerifiedClients) {
    this.#authorities = new Set(
      clientCa.match(/-----BEGIN CERTIFICATE-----[^-]+/g)?.map((pem) =>
        pem.replace(/\s/g, "")
      ),
    );
    const countsBefore = before !== undefined && before.#areIn(this.#authorities);
    this.#known = countsBefore ? before.#known : new Map();
  }

  /** A full handshake has verified this certificate. */
  add({ fingerprint256, valid_to }: PeerCertificate): void {
    const [oldest] = this.#known.keys();
    if (this.#known.size >= MAX_KNOWN) this.#known.delete(oldest);
    this.#known.set(fingerprint256, Date.parse(valid_to));
  }

  /** Whether this certificate was verified, and has not expired. */
  has({ fingerprint256 }: PeerCertificate): boolean {
    const expires = this.#known.get(fingerprint256);
    return expires !== undefined && Date.now() < expires;
  }

  #areIn(authorities: ReadonlySet<string>): boolean {
    return [...this.#authorities].every((authority) => authorities.has(authority));
  }
}
