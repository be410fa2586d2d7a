/**
 * Signed URIs: a client that has one may read one table for some time.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** The permission that a signature proves. */
export interface Grant {
  /** The table that may be read. */
  readonly name: string;
  /** The identity of the client that asked for it. */
  readonly identity: string;
  /** When it expires, in seconds since 1970. */
  readonly expires: number;
}

/** Signs grants, and verifies its own signatures. */
export class Signer {
  readonly #key: Uint8Array;

  /** A signer with this secret, by default a random one. */
  constructor(key: Uint8Array = randomBytes(32)) {
    this.#key = key;
  }

  /** The query of a URI that grants this. */
  sign(grant: Grant): string {
    return new URLSearchParams({
      expires: String(grant.expires),
      identity: grant.identity,
      signature: this.#hash(grant).toString("base64url"),
    }).toString();
  }

  /**
   * The identity to which the query of a URI grants this table; undefined when the
   * signature is not valid or has expired.
   */
  verify(name: string, query: URLSearchParams): string | undefined {
    const expires = Number(query.get("expires"));
    const identity = query.get("identity") ?? "";
    const signature = Buffer.from(query.get("signature") ?? "", "base64url");
    const expected = this.#hash({ name, identity, expires });
    const isOurs = signature.length === expected.length &&
      timingSafeEqual(signature, expected);
    return isOurs && Date.now() < expires * 1000 ? identity : undefined;
  }

  #hash({ name, identity, expires }: Grant): Buffer {
    return createHmac("sha256", this.#key)
      .update(JSON.stringify([name, identity, expires]))
      .digest();
  }
}
