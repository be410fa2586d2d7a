/**
 * The tokens that a login gives: signed, so that a server need not remember them.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { unauthenticated } from "./refused.ts";

/** What a token says. */
export interface LoginToken {
  /** Whose it is. */
  readonly identity: string;
  /** When it was given, in milliseconds since 1970. */
  readonly issued: number;
  /** When it expires, in milliseconds since 1970. */
  readonly expires: number;
  /** What the login went by, such as the hash of a hash; the token dies with it. */
  readonly stamp: string;
}

const PREFIX = "tf1";

/** Makes tokens, and knows its own. */
export class LoginTokens {
  readonly #key: Uint8Array;
  /** The hashes of tokens that were revoked, with when they expire anyway. */
  readonly #revoked: Map<string, number> = new Map();
  /** Since when tokens of an identity count, with when older ones have expired. */
  readonly #validFrom: Map<string, { readonly from: number; readonly until: number }> =
    new Map();

  /** Tokens that are signed with this secret. */
  constructor(key: Uint8Array = randomBytes(32)) {
    this.#key = key;
  }

  /** A short text that tells a secret from others, and does not reveal it. */
  stampOf(secret: string): string {
    return this.#mac(`stamp ${secret}`).toString("base64url").slice(0, 16);
  }

  /** A token that says this. */
  issue({ identity, issued, expires, stamp }: LoginToken): string {
    this.#forgetExpired();
    const nonce = randomBytes(8).toString("base64url");
    const said = JSON.stringify([identity, issued, expires, stamp, nonce]);
    const payload = Buffer.from(said).toString("base64url");
    return `${PREFIX}.${payload}.${this.#mac(payload).toString("base64url")}`;
  }

  /**
   * What a token says; undefined when it is none of these tokens.
   *
   * @throws {FlightError} UNAUTHENTICATED, when it has expired or was revoked.
   */
  read(token: string): LoginToken | undefined {
    const [prefix, payload, shown, ...rest] = token.split(".");
    if (prefix !== PREFIX || shown === undefined || rest.length > 0) return undefined;
    const mac = Buffer.from(shown, "base64url");
    const expected = this.#mac(payload);
    if (mac.length !== expected.length || !timingSafeEqual(mac, expected)) {
      return undefined;
    }
    const [identity, issued, expires, stamp] = JSON.parse(
      Buffer.from(payload, "base64url").toString(),
    ) as [string, number, number, string];
    if (Date.now() >= expires) {
      throw unauthenticated("its token has expired; log in again");
    }
    const validFrom = this.#validFrom.get(identity)?.from ?? -Infinity;
    if (issued <= validFrom || this.#revoked.has(hashOf(token))) {
      throw unauthenticated("its token was revoked; log in again");
    }
    return { identity, issued, expires, stamp };
  }

  /** Refuses this token from now on. */
  revoke(token: string): void {
    this.#forgetExpired();
    // What cannot be read has expired, was revoked before, or is no token.
    try {
      const said = this.read(token);
      if (said !== undefined) this.#revoked.set(hashOf(token), said.expires);
    } catch (error) {
      if (!(error instanceof Error && error.name === "FlightError")) throw error;
    }
  }

  /** Refuses the tokens that this identity has now, which last so long at most. */
  revokeAll(identity: string, lifetime: number): void {
    this.#forgetExpired();
    const from = Date.now();
    this.#validFrom.set(identity, { from, until: from + lifetime });
  }

  #forgetExpired(): void {
    const now = Date.now();
    for (const [hash, expires] of this.#revoked) {
      if (expires <= now) this.#revoked.delete(hash);
    }
    for (const [identity, { until }] of this.#validFrom) {
      if (until <= now) this.#validFrom.delete(identity);
    }
  }

  #mac(text: string): Buffer {
    return createHmac("sha256", this.#key).update(text).digest();
  }
}

function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}
