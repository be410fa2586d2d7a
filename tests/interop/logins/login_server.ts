/**
 * A server with every kind of credentials, for clients of other implementations.
 *
 * @module
 */
import {
  allowByRules,
  anyOf,
  type BasicLogin,
  basicLogin,
  bearerTokens,
  hashPassword,
  hashToken,
  type KnownToken,
  newToken,
} from "../../../auth/mod.ts";
import { LoginTokens } from "../../../auth/login_tokens.ts";
import type { Action, CallContext, Init, Result } from "../../../flight/mod.ts";
import { TinyServer, type TinyServerOptions } from "../../../server.ts";
import { utf8 } from "../../helpers/serving.ts";

/** What clients are told: right, wrong and late credentials. */
export interface Credentials {
  /** Who may do everything. */
  readonly name: string;
  readonly password: string;
  /** Who may only read tables whose names begin with `public/`. */
  readonly reader: string;
  readonly readerPassword: string;
  /** A token that was given out before, of the one who may do everything. */
  readonly token: string;
  /** Such a token that has expired. */
  readonly expiredToken: string;
  /** A token that a login gave, and that has expired. */
  readonly expiredLogin: string;
  /** A token that the server has never given. */
  readonly unknownToken: string;
}

const ADA = { name: "ada", password: "love:läce 漢" };
const BOB = { reader: "bob", readerPassword: "builder" };
const DAY = 24 * 60 * 60 * 1000;

/** A server that also tells its callers who they are, and takes tokens back. */
export class LoginServer extends TinyServer {
  readonly credentials: Credentials;
  readonly #login: BasicLogin;

  private constructor(
    login: BasicLogin,
    credentials: Credentials,
    options: TinyServerOptions,
  ) {
    super({ port: 0, ...options });
    this.#login = login;
    this.credentials = credentials;
  }

  /** A server that listens. */
  static async start(options: TinyServerOptions = {}): Promise<LoginServer> {
    const hash = await hashPassword(ADA.password);
    const users = new Map([
      [ADA.name, hash],
      [BOB.reader, await hashPassword(BOB.readerPassword)],
    ]);
    const signingKey = crypto.getRandomValues(new Uint8Array(32));
    // Clients show wrong passwords on purpose, more than a stranger may.
    const login = basicLogin({ users, signingKey, maxFailedLogins: Infinity });
    const credentials: Credentials = {
      ...ADA,
      ...BOB,
      token: newToken(),
      expiredToken: newToken(),
      expiredLogin: expiredLogin(new LoginTokens(signingKey), hash),
      unknownToken: newToken(),
    };
    const tokens = new Map<string, KnownToken>([
      [hashToken(credentials.token), { identity: ADA.name }],
      [hashToken(credentials.expiredToken), {
        identity: ADA.name,
        expires: new Date(Date.now() - DAY),
      }],
    ]);
    const server = new LoginServer(login, credentials, {
      auth: anyOf(login, bearerTokens({ tokens })),
      allow: allowByRules([
        { who: ADA.name, may: ["read", "write", "drop"], tables: "*" },
        { who: BOB.reader, may: "read", tables: "public/*" },
      ]),
      ...options,
    });
    return await server.listen();
  }

  /** What clients of other implementations get, as a word of their command lines. */
  get told(): string {
    return JSON.stringify(this.credentials);
  }

  override async *doAction(
    action: Action,
    call: CallContext,
  ): AsyncGenerator<Init<Result>> {
    if (action.type === "who") return yield { body: utf8(call.identity!) };
    if (action.type !== "revoke") return yield* super.doAction(action, call);
    // The token in the body, or the one that the call shows.
    const shown = call.headers.get("authorization")?.replace(/^Bearer /, "");
    this.#login.revoke(new TextDecoder().decode(action.body) || shown!);
  }
}

/** A token of yesterday, which was valid for an hour. */
function expiredLogin(tokens: LoginTokens, hash: string): string {
  const issued = Date.now() - DAY;
  return tokens.issue({
    identity: ADA.name,
    issued,
    expires: issued + DAY / 24,
    stamp: tokens.stampOf(hash),
  });
}
