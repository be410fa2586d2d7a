/** A server for a few users, for the tests of authentication. */
import {
  type Authenticator,
  type CallContext,
  FlightServer,
  type FlightServerOptions,
  type Init,
  type Result,
} from "../../flight/mod.ts";
import { utf8 } from "./serving.ts";

/** The users' passwords. */
export const PASSWORDS: { readonly [name: string]: string } = {
  ada: "lovelace",
  "größe": "a:b::ü 漢 🐚",
  "": "",
  mark: "\uFEFFx",
};

/** Users with tokens that can be taken back. */
export class Users implements Authenticator {
  readonly tokens = new Map<string, string>();
  logins = 0;

  login(username: string, password: string): string | undefined {
    if (PASSWORDS[username] !== password) return undefined;
    const token = `token-${++this.logins}`;
    this.tokens.set(token, username);
    return token;
  }

  verify(token: string): string | undefined {
    return this.tokens.get(token);
  }
}

/** A server that tells its callers who they are. */
export class WhoAmI extends FlightServer {
  constructor(auth: Authenticator, options: FlightServerOptions = {}) {
    super({ port: 0, auth, ...options });
  }

  override async *doAction(
    _: unknown,
    call: CallContext,
  ): AsyncGenerator<Init<Result>> {
    yield { body: utf8(call.identity ?? "nobody") };
  }
}

/** A text's UTF-8 in base64. */
export function base64(text: string): string {
  return btoa(String.fromCharCode(...utf8(text)));
}
