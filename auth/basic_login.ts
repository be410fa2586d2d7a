/**
 * Logins with a name and a password, which are answered with a token.
 *
 * @module
 */
import { createHmac, randomBytes } from "node:crypto";
import { checkOptions, type OptionSet } from "../base/check_options.ts";
import { functionLike, numberFrom, SIGNING_KEY } from "../base/value_kinds.ts";
import type { Authenticator } from "../flight/server/auth.ts";
import { ExpiringMap } from "./expiring_map.ts";
import type { CallContext } from "../flight/server/call_context.ts";
import { FailedLogins } from "./failed_logins.ts";
import { LoginTokens } from "./login_tokens.ts";
import { PasswordChecks } from "./passwords.ts";
import type { Users } from "./users.ts";

/** Who may log in to {@linkcode basicLogin}, and for how long. */
export interface BasicLoginOptions {
  /**
   * The users, or a function that gives those of now. Tokens of a user who is gone, or
   * whose password has changed, are no longer valid.
   */
  users?: Users | (() => Users);
  /** Whether this is the name and password of somebody; in place of `users`. */
  verify?: (
    username: string,
    password: string,
    call: CallContext,
  ) => boolean | Promise<boolean>;
  /** How long a token is valid, in milliseconds. @default 12 hours */
  tokenLifetime?: number;
  /**
   * The secret by which tokens are signed, for several servers that are to accept each
   * other's; at least 32 bytes. @default one of its own
   */
  signingKey?: Uint8Array;
  /**
   * How many logins from one IP address (of IPv6, one network of 64 bits) may fail
   * within a minute; further ones are answered with RESOURCE_EXHAUSTED before their
   * password is looked at, as that takes a core. Behind a proxy all clients have its
   * address. `Infinity` is no limit. @default 10
   */
  maxFailedLogins?: number;
}

/** An authenticator whose tokens can be revoked. */
export interface BasicLogin extends Authenticator {
  /** Refuses this token from now on. */
  revoke(token: string): void;
  /** Refuses the tokens that this identity has now; it may log in again. */
  revokeAll(identity: string): void;
}

const HOUR = 60 * 60 * 1000;
/** For how long a password that was right is not hashed again, in milliseconds. */
const REMEMBERED_MS = 5 * 60 * 1000;
const MAX_REMEMBERED = 1000;
const MAX_FAILED_LOGINS = 10;

const OPTIONS: OptionSet<BasicLoginOptions> = {
  of: "basicLogin",
  example: "{ users: parseUsers(text) }",
  kinds: {
    users: {
      wanted: "a Map of hashes by name, or a function that gives one",
      isType: (value) => value instanceof Map || typeof value === "function",
      isSecret: true,
    },
    verify: functionLike("(username, password) => isRight(username, password)"),
    tokenLifetime: numberFrom(1000, "a number of milliseconds, 1000 or more"),
    signingKey: SIGNING_KEY,
    maxFailedLogins: numberFrom(1, "a number of logins, 1 or more"),
  },
};

/**
 * Lets users log in with a name and a password, by a handshake or by the header
 * `authorization: Basic` of any call. They get a token that is valid for some time.
 *
 * @throws {TypeError} when an option has a wrong type or is not known, or there is not
 * exactly one of `users` and `verify`.
 * @throws {RangeError} when the time, the key or the number is out of range.
 *
 * @example A server with one user
 * ```ts
 * import { basicLogin, hashPassword } from "@tinyflight/flight/auth";
 * import { basicAuth, TinyClient, TinyServer } from "@tinyflight/flight";
 *
 * const users = new Map([["ada", await hashPassword("lovelace")]]);
 * const auth = basicLogin({ users });
 * await using server = await new TinyServer({ port: 0, auth }).listen();
 * const middleware = [basicAuth("ada", "lovelace")];
 * await using client = await TinyClient.connect(server.location, { middleware });
 * console.log(await client.listTables()); // []
 * ```
 */
export function basicLogin(options: BasicLoginOptions): BasicLogin {
  checkOptions(OPTIONS, options);
  const {
    users,
    verify,
    tokenLifetime = 12 * HOUR,
    signingKey,
    maxFailedLogins = MAX_FAILED_LOGINS,
  } = options;
  if ((users === undefined) === (verify === undefined)) {
    throw new TypeError("Cannot check logins: pass either `users` or `verify`");
  }
  const tokens = new LoginTokens(signingKey);
  const known = users === undefined ? undefined : new KnownUsers(users, tokens);
  const failed = new FailedLogins(maxFailedLogins);
  return {
    async login(username, password, call) {
      // What was right of late costs nothing, and is not refused because of others.
      const isRight = known?.remembers(username, password) ||
        await failed.run(
          call.peer,
          async () =>
            known === undefined
              ? await verify!(username, password, call)
              : await known.check(username, password),
        );
      if (!isRight) return undefined;
      const issued = Date.now();
      const stamp = known?.stampOf(username) ?? "";
      return tokens.issue({
        identity: username,
        issued,
        expires: issued + tokenLifetime,
        stamp,
      });
    },
    verify(token) {
      const said = tokens.read(token);
      if (said === undefined) return undefined;
      const isCurrent = known === undefined ||
        known.stampOf(said.identity) === said.stamp;
      return isCurrent ? said.identity : undefined;
    },
    revoke: (token) => tokens.revoke(token),
    revokeAll: (identity) => tokens.revokeAll(identity, tokenLifetime),
  };
}

/** Users whose passwords are compared with hashes. */
class KnownUsers {
  readonly #users: () => Users;
  readonly #tokens: LoginTokens;
  readonly #checks = new PasswordChecks();
  /** What was right of late, as a MAC with a secret. */
  readonly #remembered = new ExpiringMap<true>(MAX_REMEMBERED, REMEMBERED_MS);
  readonly #secret = randomBytes(32);

  constructor(users: Users | (() => Users), tokens: LoginTokens) {
    this.#users = typeof users === "function" ? users : () => users;
    this.#tokens = tokens;
  }

  /** Whether the password was found right not long ago. */
  remembers(username: string, password: string): boolean {
    const key = this.#keyOf(username, password);
    return this.#remembered.get(key) !== undefined;
  }

  /** Whether the password is right, by its hash. */
  async check(username: string, password: string): Promise<boolean> {
    const users = this.#users();
    const hash = users.get(username);
    const key = this.#keyOf(username, password);
    const [like] = users.values();
    const isRight = await this.#checks.check(password, hash, like);
    if (isRight) this.#remembered.set(key, true);
    return isRight;
  }

  /** What tells a user's present password from others; undefined for nobody. */
  stampOf(username: string): string | undefined {
    const hash = this.#users().get(username);
    return hash === undefined ? undefined : this.#tokens.stampOf(hash);
  }

  /** A MAC of a password and of the hash that it is to have now. */
  #keyOf(username: string, password: string): string {
    return createHmac("sha256", this.#secret)
      .update(JSON.stringify([username, password, this.#users().get(username)]))
      .digest("base64url");
  }
}
