/**
 * Tokens that were given out before, of which the server knows hashes.
 *
 * @module
 */
import { createHash, randomBytes } from "node:crypto";
import { checkOptions, type OptionSet } from "../base/check_options.ts";
import { functionLike } from "../base/value_kinds.ts";
import type { Authenticator } from "../flight/server/auth.ts";
import type { CallContext } from "../flight/server/call_context.ts";
import { credentialLines, wrongLine } from "./credential_lines.ts";
import { unauthenticated } from "./refused.ts";

/** A token as the server knows it. */
export interface KnownToken {
  /** Who shows it. */
  readonly identity: string;
  /** When it expires; undefined when it does not. */
  readonly expires?: Date;
}

/** What is known of tokens, by {@linkcode hashToken} of each. */
export type KnownTokens = ReadonlyMap<string, KnownToken>;

/** Which tokens {@linkcode bearerTokens} accepts. */
export interface BearerTokensOptions {
  /** The tokens by their hashes, or a function that gives those of now. */
  tokens?: KnownTokens | (() => KnownTokens);
  /** Who shows a token, undefined when it is not valid; in place of `tokens`. */
  verify?: (
    token: string,
    call: CallContext,
  ) => string | undefined | Promise<string | undefined>;
}

const OPTIONS: OptionSet<BearerTokensOptions> = {
  of: "bearerTokens",
  example: "{ tokens: parseTokens(text) }",
  kinds: {
    tokens: {
      wanted: "a Map of identities by the tokens' hashes, or a function that gives one",
      isType: (value) => value instanceof Map || typeof value === "function",
      isSecret: true,
    },
    verify: functionLike('(token) => isValid(token) ? "ada" : undefined'),
  },
};

/**
 * Accepts tokens that were given out before, as `authorization: Bearer` or
 * `auth-token-bin`.
 *
 * @throws {TypeError} when an option has a wrong type or is not known, or there is not
 * exactly one of `tokens` and `verify`.
 *
 * @example A server that accepts one token
 * ```ts
 * import { bearerTokens, hashToken, newToken } from "@tinyflight/flight/auth";
 * import { TinyServer } from "@tinyflight/flight/server";
 *
 * const token = newToken(); // hand it to the client
 * const tokens = new Map([[hashToken(token), { identity: "ada" }]]);
 * await using server = await new TinyServer({
 *   port: 0,
 *   auth: bearerTokens({ tokens }),
 * }).listen();
 * ```
 */
export function bearerTokens(options: BearerTokensOptions): Authenticator {
  checkOptions(OPTIONS, options);
  const { tokens, verify } = options;
  if (verify !== undefined && tokens === undefined) return { verify };
  if (verify !== undefined || tokens === undefined) {
    throw new TypeError("Cannot check tokens: pass either `tokens` or `verify`");
  }
  const known = typeof tokens === "function" ? tokens : () => tokens;
  return {
    // To find a hash takes a time that tells nothing of a token.
    verify(token) {
      const found = known().get(hashToken(token));
      if (found?.expires !== undefined && found.expires.getTime() <= Date.now()) {
        throw unauthenticated("its token has expired");
      }
      return found?.identity;
    },
  };
}

/** A token of 256 random bits, which nobody can guess. */
export function newToken(): string {
  return randomBytes(32).toString("base64url");
}

/**
 * The hash under which a token is known: SHA-256, in hexadecimal digits. It is neither
 * salted nor slow, so a token has to be one that cannot be guessed: a random one.
 */
export function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/**
 * The tokens of a file, which has one line for each: `NAME:$sha256$HASH`, where HASH is
 * what {@linkcode hashToken} gives, and after a space, if the token expires, the time,
 * such as `2027-01-31T00:00:00Z`. A name may have several tokens. Empty lines and those
 * that begin with `#` are passed over.
 *
 * @throws {SyntaxError} when a line is none of these. The message has the number of the
 * line, and nothing of its content.
 */
export function parseTokens(text: string): KnownTokens {
  const tokens = new Map<string, KnownToken>();
  for (const { name, rest, line } of credentialLines(text, "tokens")) {
    const [, hash, time] = /^\$sha256\$([0-9a-f]{64})(?:\s+(\S+))?$/.exec(rest) ?? [];
    if (hash === undefined) {
      throw wrongLine(
        "tokens",
        line,
        "after the colon there has to be what `tinyflight new-token` prints",
      );
    }
    if (tokens.has(hash)) throw wrongLine("tokens", line, "its token was there before");
    const expires = time === undefined ? undefined : new Date(time);
    if (expires !== undefined && Number.isNaN(expires.getTime())) {
      throw wrongLine("tokens", line, "its time has to look like 2027-01-31T00:00:00Z");
    }
    tokens.set(hash, { identity: name, expires });
  }
  return tokens;
}
