/**
 * How a client shows who it is.
 *
 * @module
 */
import { checkValue, type ValueKind } from "../../base/check_options.ts";
import { BYTES, text } from "../../base/value_kinds.ts";
import { BasicAuth } from "../../proto/messages.ts";
import type { ClientMiddleware } from "./middleware.ts";
import { FlightError } from "../errors.ts";
import type { FlightClient } from "./flight_client.ts";
import type { CallOptions } from "./call_options.ts";

const TEXT_TOKEN: ValueKind = { ...text(), isSecret: true };
const BYTES_TOKEN: ValueKind = { ...BYTES, isSecret: true };

/** A token, or what gives one whenever it is needed. */
export type TokenSource<T> = T | (() => T | Promise<T>);

/**
 * A middleware that logs in with a name and a password. The first call carries
 * them as `authorization: Basic`; a token with which the server answers as
 * `authorization: Bearer`, in headers or trailers, takes their place from then on,
 * until the server refuses it. They cross the network as they are, for all to read
 * who listen there.
 *
 * @throws {TypeError} when one is no text, or the name has a colon, where the password
 * begins.
 *
 * @example A client with a password
 * ```ts
 * import { basicAuth, FlightClient } from "@tinyflight/flight/flight";
 *
 * const middleware = [basicAuth("ada", "lovelace")];
 * await using client = new FlightClient("grpc://localhost", { middleware });
 * ```
 */
export function basicAuth(username: string, password: string): ClientMiddleware {
  checkValue("username", username, text("ada"));
  checkValue("password", password, TEXT_TOKEN);
  if (username.includes(":")) {
    throw new TypeError(`Cannot log in as "${username}": a name has no colon`);
  }
  const bytes = new TextEncoder().encode(`${username}:${password}`);
  const basic = `Basic ${btoa(String.fromCharCode(...bytes))}`;
  let bearer: string | undefined;
  return async (call, next) => {
    call.headers.set("authorization", bearer ?? basic);
    call.onReceived((headers) => {
      const given = headers.get("authorization");
      if (given !== undefined && /^bearer \S/i.test(given)) bearer = given;
    });
    try {
      await next();
    } catch (error) {
      if (error instanceof FlightError && error.code === "UNAUTHENTICATED") {
        bearer = undefined;
      }
      throw error;
    }
  };
}

/**
 * A middleware that shows a token as `authorization: Bearer`.
 *
 * @example A client whose tokens change
 * ```ts
 * import { bearerAuth, FlightClient } from "@tinyflight/flight/flight";
 *
 * const middleware = [bearerAuth(() => localStorage.getItem("token") ?? "")];
 * await using client = new FlightClient("grpc://localhost", { middleware });
 * ```
 */
export function bearerAuth(token: TokenSource<string>): ClientMiddleware {
  checkSource(token, TEXT_TOKEN);
  return async (call, next) => {
    call.headers.set("authorization", `Bearer ${await current(token, TEXT_TOKEN)}`);
    await next();
  };
}

/**
 * A middleware that shows a token as `auth-token-bin`, as a handshake gives it.
 *
 * @example A client that logs in with a handshake
 * ```ts
 * import { FlightClient, FlightServer, handshakeAuth, logIn } from "@tinyflight/flight/flight";
 *
 * const auth = { login: () => "token", verify: () => "ada" };
 * await using server = await new FlightServer({ port: 0, auth }).listen();
 * await using stranger = new FlightClient(server.location);
 * const middleware = [handshakeAuth(await logIn(stranger, "ada", "lovelace"))];
 * await using client = new FlightClient(server.location, { middleware });
 * await client.waitUntilReady();
 * ```
 */
export function handshakeAuth(token: TokenSource<Uint8Array>): ClientMiddleware {
  checkSource(token, BYTES_TOKEN);
  return async (call, next) => {
    call.headers.set("auth-token-bin", await current(token, BYTES_TOKEN));
    await next();
  };
}

/**
 * Logs in by a handshake whose payload is a BasicAuth, and gives the token with
 * which the server answers.
 *
 * @throws {FlightError} as the server refuses; INTERNAL, when it gives no token.
 */
export async function logIn(
  client: FlightClient,
  username: string,
  password: string,
  options: CallOptions = {},
): Promise<Uint8Array> {
  const payload = BasicAuth.serialize({ username, password });
  async function* requests() {
    yield { payload };
  }
  for await (const response of client.handshake(requests(), options)) {
    return response.payload;
  }
  throw new FlightError("INTERNAL", "Cannot log in: the server gave no token");
}

function checkSource(token: unknown, kind: ValueKind): void {
  if (!(token instanceof Function)) checkValue("token", token, kind);
}

async function current<T>(source: TokenSource<T>, kind: ValueKind): Promise<T> {
  const token = source instanceof Function ? await source() : source;
  checkValue("token", token, kind);
  return token;
}
