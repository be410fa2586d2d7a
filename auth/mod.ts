/**
 * Who may call a server, and what each may do: functions that make its options `auth`
 * and `allow`.
 *
 * @example A server with logins and rules
 * ```ts
 * import { allowByRules, basicLogin, hashPassword } from "@tinyflight/flight/auth";
 * import { TinyServer } from "@tinyflight/flight/server";
 *
 * const users = new Map([["ada", await hashPassword("lovelace")]]);
 * await using server = await new TinyServer({
 *   port: 0,
 *   auth: basicLogin({ users }),
 *   allow: allowByRules([{ who: "ada", may: ["read", "write"], tables: "*" }]),
 * }).listen();
 * ```
 *
 * @module
 */
export { anyOf } from "./any_of.ts";
export { type BasicLogin, basicLogin, type BasicLoginOptions } from "./basic_login.ts";
export {
  bearerTokens,
  type BearerTokensOptions,
  hashToken,
  type KnownToken,
  type KnownTokens,
  newToken,
  parseTokens,
} from "./bearer_tokens.ts";
export {
  certificateIdentity,
  type CertificateIdentityOptions,
} from "./certificate_identity.ts";
export { jwtTokens, type JwtTokensOptions } from "./jwt_tokens.ts";
export { hashPassword } from "./passwords.ts";
export { allowByRules, parseRules, type Rule } from "./rules.ts";
export { parseUsers, type Users } from "./users.ts";
export type { Allow, Operation } from "../tables/access.ts";
export type { Authenticator } from "../flight/server/auth.ts";
