/**
 * Several ways to authenticate, any of which will do.
 *
 * @module
 */
import type { Authenticator } from "../flight/server/auth.ts";
import { isUnauthenticated } from "./refused.ts";

/**
 * Accepts what any of these accepts, which are asked in turn. When none does, the call
 * is refused with the reason of the first that gave one.
 *
 * @throws {TypeError} when there is none.
 *
 * @example A server with passwords for people and tokens for programs
 * ```ts
 * import { anyOf, basicLogin, bearerTokens } from "@tinyflight/flight/auth";
 *
 * const auth = anyOf(
 *   basicLogin({ users: new Map() }),
 *   bearerTokens({ tokens: new Map() }),
 * );
 * console.log(typeof auth.login); // "function"
 * ```
 */
export function anyOf(...authenticators: readonly Authenticator[]): Authenticator {
  if (authenticators.length === 0) {
    throw new TypeError("Cannot authenticate: pass at least one authenticator");
  }
  const both: Authenticator = {
    verify: (token, call) => firstOf(authenticators, (one) => one.verify(token, call)),
    identify: (call) => firstOf(authenticators, (one) => one.identify?.(call)),
  };
  if (authenticators.every(({ login }) => login === undefined)) return both;
  return {
    ...both,
    login: (username, password, call) =>
      firstOf(authenticators, (one) => one.login?.(username, password, call)),
  };
}

/** The first answer that is not undefined. A failure counts when there is none. */
async function firstOf(
  authenticators: readonly Authenticator[],
  ask: (one: Authenticator) => string | undefined | Promise<string | undefined>,
): Promise<string | undefined> {
  let refusal: unknown;
  let failure: unknown;
  for (const one of authenticators) {
    try {
      const answer = await ask(one);
      if (answer !== undefined) return answer;
    } catch (error) {
      if (isUnauthenticated(error)) refusal ??= error;
      else failure ??= error;
    }
  }
  // Who could not be asked might have said yes.
  if (failure !== undefined) throw failure;
  if (refusal !== undefined) throw refusal;
  return undefined;
}
