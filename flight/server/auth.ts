/**
 * How a server finds out who its clients are.
 *
 * @module
 */
import {
  BasicAuth,
  type HandshakeRequest,
  type HandshakeResponse,
} from "../../proto/messages.ts";
import type { Init } from "../../proto/message_type.ts";
import type { CallContext, ServerMiddleware } from "./call_context.ts";
import { FlightError } from "../errors.ts";
import { readMessage } from "../protocol/read_message.ts";

/**
 * Who may call a server. A client logs in with a name and a password, and gets a
 * token that it shows with its calls; or it has a token from elsewhere. Either
 * function may be async, and throws a FlightError, or gives `undefined`, to refuse.
 *
 * It serves every way in which clients authenticate: a handshake with a BasicAuth
 * payload, or with an `authorization: Basic` header, which any call may also have;
 * then the token as `auth-token-bin`, or as `authorization: Bearer`.
 *
 * @example A server for one user
 * ```ts
 * import { basicAuth, FlightClient, FlightServer } from "@tinyflight/flight/flight";
 *
 * const token = crypto.randomUUID();
 * const auth = {
 *   login: (name: string, password: string) =>
 *     name === "ada" && password === "lovelace" ? token : undefined,
 *   verify: (shown: string) => shown === token ? "ada" : undefined,
 * };
 * await using server = await new FlightServer({ port: 0, auth }).listen();
 * const middleware = [basicAuth("ada", "lovelace")];
 * await using client = new FlightClient(server.location, { middleware });
 * await client.waitUntilReady();
 * ```
 */
export interface Authenticator {
  /** The token for this name and password; without it nobody logs in. */
  login?(
    username: string,
    password: string,
    call: CallContext,
  ): string | undefined | Promise<string | undefined>;
  /** Who shows this token: the call's `identity`. */
  verify(
    token: string,
    call: CallContext,
  ): string | undefined | Promise<string | undefined>;
  /**
   * Who makes a call that came without a token, by what its connection shows: a
   * certificate. Without it such a call is refused.
   */
  identify?(call: CallContext): string | undefined | Promise<string | undefined>;
}

/** Takes each byte for what it is: a byte order mark is part of a password, too. */
const UTF8 = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Lets only those calls through that the authenticator knows, and handshakes, by
 * which a client becomes known. A call whose identity a middleware before it has
 * found out is known already.
 */
export function requireIdentity(auth: Authenticator): ServerMiddleware {
  return async (call, next) => {
    if (call.identity !== undefined) return await next();
    const credentials = call.headers.get("authorization") ?? "";
    const [, scheme = "", rest = ""] = /^(\S+) +(\S+)$/.exec(credentials) ?? [];
    let token: string | undefined;
    if (scheme.toLowerCase() === "basic") {
      token = await issueToken(auth, readBasic(rest), call);
      call.responseHeaders.set("authorization", `Bearer ${token}`);
      // Such a handshake is the header alone: no message is to come.
      if (call.method === "Handshake") return;
    } else if (scheme.toLowerCase() === "bearer") {
      token = rest;
    } else {
      token = UTF8.decode(call.headers.getBytes("auth-token-bin"));
    }
    if (call.method !== "Handshake") {
      call.identity = token === ""
        ? await auth.identify?.(call)
        : await auth.verify(token, call);
      if (call.identity === undefined) {
        throw refused(
          token === "" ? "it came without a token" : "its token is not valid",
        );
      }
    }
    await next();
  };
}

/** Answers a handshake whose first payload is a BasicAuth: with a token. */
export async function* answerHandshake(
  auth: Authenticator,
  requests: AsyncIterable<HandshakeRequest>,
  call: CallContext,
): AsyncGenerator<Init<HandshakeResponse>> {
  // Clients do not half-close before they have the answer.
  for await (const { payload, protocolVersion } of requests) {
    const credentials = readMessage(BasicAuth, payload, "INVALID_ARGUMENT");
    const token = await issueToken(auth, credentials, call);
    yield { protocolVersion, payload: new TextEncoder().encode(token) };
    return;
  }
  throw refused("the handshake came without a payload");
}

async function issueToken(
  auth: Authenticator,
  { username, password }: BasicAuth,
  call: CallContext,
): Promise<string> {
  const token = await auth.login?.(username, password, call);
  if (token === undefined) throw refused("its name or password is wrong");
  return token;
}

/** The name and password of `authorization: Basic` (RFC 7617). */
function readBasic(encoded: string): BasicAuth {
  let text: string;
  try {
    const bytes = Uint8Array.from(
      atob(encoded),
      (character) => character.charCodeAt(0),
    );
    text = UTF8.decode(bytes);
  } catch (error) {
    throw refused("its authorization header is not base64", error);
  }
  const colon = text.indexOf(":");
  if (colon < 0) throw refused("its authorization header has no colon");
  return { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

function refused(reason: string, cause?: unknown): FlightError {
  return new FlightError("UNAUTHENTICATED", `Cannot accept the call: ${reason}`, {
    cause,
  });
}
