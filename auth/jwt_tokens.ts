/**
 * JSON Web Tokens (RFC 7519), as identity providers give them.
 *
 * @module
 */
import { checkOptions, type OptionSet, type ValueKind } from "../base/check_options.ts";
import { arrayOf, SIGNING_KEY, text } from "../base/value_kinds.ts";
import type { Authenticator } from "../flight/server/auth.ts";
import { FlightError } from "../flight/errors.ts";
import { unauthenticated } from "./refused.ts";

/** How {@linkcode jwtTokens} verifies a token. One of secret, key and jwks is needed. */
export interface JwtTokensOptions {
  /** Who has to have issued the token: its claim `iss`. */
  issuer: string;
  /** For whom the token has to be: its claim `aud` has one of these. */
  audience: string | readonly string[];
  /** The secret of HS256, HS384 or HS512; at least 32 bytes. */
  secret?: Uint8Array;
  /** The issuer's public key, as PEM text (`BEGIN PUBLIC KEY`). */
  key?: string;
  /** The URL of the issuer's JSON Web Key Set. */
  jwks?: string;
  /**
   * The signatures that are accepted. @default with a secret HS256, else RS256, PS256,
   * ES256 and EdDSA; with `key`, name the one for which the key is
   */
  algorithms?: readonly string[];
  /** The claim that is the identity. @default "sub" */
  identityClaim?: string;
  /** How far clocks may differ, in milliseconds. @default 30000 */
  clockTolerance?: number;
}

const TEXTS: ValueKind = arrayOf(text(), 'an array of texts, such as ["ES256"]');

const OPTIONS: OptionSet<JwtTokensOptions> = {
  of: "jwtTokens",
  example: '{ jwks: "https://id.example/jwks", issuer: "https://id.example", ... }',
  kinds: {
    issuer: text("https://id.example"),
    audience: {
      wanted: 'a text, such as "tinyflight", or an array of them',
      isType: (value) => typeof value === "string" || TEXTS.isType(value),
    },
    secret: SIGNING_KEY,
    key: text("-----BEGIN PUBLIC KEY-----"),
    jwks: {
      ...text("https://id.example/jwks"),
      isInRange: (value) => /^https?:$/.test(URL.parse(String(value))?.protocol ?? ""),
    },
    algorithms: TEXTS,
    identityClaim: text("email"),
    clockTolerance: {
      wanted: "a number of milliseconds, 0 or more",
      isType: (value) => typeof value === "number",
      isInRange: (value) => Number(value) >= 0,
    },
  },
};

const PUBLIC_KEY_ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA", "Ed25519"];

/** The identity in the claims of a token, once it was verified. */
type Verify = (token: string) => Promise<{ readonly [claim: string]: unknown }>;

/**
 * Accepts JSON Web Tokens: their signature, issuer, audience and expiry are verified,
 * and a token without an expiry is refused. Keys of a JWKS are fetched when they are
 * needed, and kept; a key that the set has got meanwhile is found.
 *
 * @throws {TypeError} when an option is missing, has a wrong type or is not known, or
 * there is not exactly one of `secret`, `key` and `jwks`.
 * @throws {RangeError} when the secret is too short, or the URL is none.
 *
 * @example A server that accepts the tokens of an identity provider
 * ```ts
 * import { jwtTokens } from "@tinyflight/flight/auth";
 * import { TinyServer } from "@tinyflight/flight/server";
 *
 * const auth = jwtTokens({
 *   jwks: "https://id.example/.well-known/jwks.json",
 *   issuer: "https://id.example",
 *   audience: "tinyflight",
 * });
 * new TinyServer({ auth });
 * ```
 */
export function jwtTokens(options: JwtTokensOptions): Authenticator {
  checkOptions(OPTIONS, options);
  const { issuer, audience, identityClaim = "sub", secret, key, jwks } = options;
  if (issuer === undefined || audience === undefined) {
    throw new TypeError("Cannot verify tokens: pass both `issuer` and `audience`");
  }
  if ([secret, key, jwks].filter((source) => source !== undefined).length !== 1) {
    throw new TypeError("Cannot verify tokens: pass one of `secret`, `key` and `jwks`");
  }
  let verify: Promise<Verify> | undefined;
  return {
    async verify(token) {
      if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return undefined;
      verify ??= verifierOf(options);
      const identity = (await (await verify)(token))[identityClaim];
      if (typeof identity === "string" && identity !== "") return identity;
      throw unauthenticated(`its token has no claim "${identityClaim}"`);
    },
  };
}

/** Loads jose, which is needed by those only who use such tokens. */
async function verifierOf(options: JwtTokensOptions): Promise<Verify> {
  const jose = await import("jose");
  const { issuer, audience, secret, key, jwks, clockTolerance = 30_000 } = options;
  const algorithms = options.algorithms ??
    (secret === undefined ? PUBLIC_KEY_ALGORITHMS : ["HS256"]);
  const checks = {
    issuer,
    audience: typeof audience === "string" ? audience : [...audience],
    algorithms: [...algorithms],
    clockTolerance: clockTolerance / 1000,
    requiredClaims: ["exp"],
  };
  const keys = jwks === undefined ? undefined : jose.createRemoteJWKSet(new URL(jwks));
  const known = key === undefined ? secret : await importKey(key, algorithms);
  return async (token) => {
    try {
      const verified = keys === undefined
        ? await jose.jwtVerify(token, known!, checks)
        : await jose.jwtVerify(token, keys, checks);
      return verified.payload;
    } catch (error) {
      if (error instanceof jose.errors.JWTExpired) {
        throw unauthenticated("its token has expired", error);
      }
      const isUnknownKey = error instanceof jose.errors.JWKSNoMatchingKey ||
        error instanceof jose.errors.JWKSMultipleMatchingKeys;
      const isOfKeys = error instanceof jose.errors.JWKSTimeout ||
        error instanceof jose.errors.JWKSInvalid || error instanceof TypeError ||
        error instanceof jose.errors.JOSEError && error.code === "ERR_JOSE_GENERIC";
      if (isUnknownKey || !isOfKeys) {
        throw unauthenticated("its token is not valid", error);
      }
      throw new FlightError(
        "UNAVAILABLE",
        "Cannot verify the token: the issuer's keys cannot be had now; try again later",
        { cause: error },
      );
    }
  };

  async function importKey(pem: string, algorithms: readonly string[]) {
    let reason: unknown;
    for (const algorithm of algorithms) {
      try {
        return await jose.importSPKI(pem, algorithm);
      } catch (error) {
        reason = error;
      }
    }
    throw new TypeError(
      `Cannot verify tokens: the key is not a public key in PEM for ${
        algorithms.join(", ")
      }`,
      { cause: reason },
    );
  }
}
