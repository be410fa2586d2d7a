/**
 * Connects to the server that the options name.
 *
 * @module
 */
import { isatty } from "node:tty";
import {
  basicAuth,
  bearerAuth,
  type ClientMiddleware,
  type ClientTls,
  cookieJar,
  FlightClient,
  handshakeAuth,
  logIn,
  parseLocation,
} from "../../flight/mod.ts";
import { DEFAULT_LOCATION } from "../client/client_options.ts";
import { askPassword } from "../terminal/ask_password.ts";
import { UsageError } from "../options/command_error.ts";
import type { GivenOptions } from "../options/given_options.ts";
import { readText } from "../options/read_files.ts";
import { readVariable } from "../options/variables.ts";
import { printNote } from "../terminal/output.ts";

/** The variable with the password of --user. */
const PASSWORD = "TINYFLIGHT_PASSWORD";

/** What is different from what the options say. */
export interface OtherServer {
  /** Where it is. */
  readonly location?: string;
  /** The token for it. */
  readonly token?: string;
}

/**
 * A client of the server that the options name, or of another, which they tell how to
 * reach. It makes its connection with the first call.
 *
 * @throws {UsageError} when the options are wrong.
 */
export async function connect(
  options: GivenOptions,
  signal: AbortSignal,
  other: OtherServer = {},
): Promise<FlightClient> {
  const location = other.location ?? options.text("location") ?? DEFAULT_LOCATION;
  const tls = await readTls(options, location);
  const login = await loginOf(options, other.token);
  const middleware = [cookieJar(), ...headersOf(options)];
  if (login === undefined) {
    return await ready(new FlightClient(location, { tls, middleware }));
  }
  if (typeof login === "function") {
    middleware.push(login);
  } else {
    await using stranger = await ready(new FlightClient(location, { tls, middleware }));
    const token = await logIn(stranger, login.user, login.password, { signal });
    middleware.push(handshakeAuth(token));
  }
  return await ready(new FlightClient(location, { tls, middleware }));

  async function ready(client: FlightClient): Promise<FlightClient> {
    const timeout = options.number("wait");
    if (timeout !== undefined) await client.waitUntilReady({ timeout, signal });
    return client;
  }
}

/** How TLS is spoken, if the location asks for it. */
async function readTls(
  options: GivenOptions,
  location: string,
): Promise<ClientTls | undefined> {
  const isTls = tlsAt(location);
  const given = options.among("ca", "cert", "key", "server-name");
  if (options.flag("insecure")) given.push("insecure");
  if (!isTls) {
    if (given.length === 0) return undefined;
    throw new UsageError(
      `Cannot use --${
        given[0]
      } at "${location}", which has no TLS: locations with TLS begin with grpc+tls://`,
    );
  }
  const [certPath, keyPath] = [options.text("cert"), options.text("key")];
  if ((certPath === undefined) !== (keyPath === undefined)) {
    throw new UsageError(
      "Cannot show a certificate: --cert and --key are needed, both",
    );
  }
  const caPath = options.text("ca");
  const insecureSkipVerify = options.flag("insecure");
  if (insecureSkipVerify) {
    await printNote(
      `WARNING: the certificate of "${location}" is not checked (--insecure): whoever is in between can read and change all that is sent, tokens and passwords, too`,
    );
  }
  return {
    ca: caPath === undefined ? undefined : await readText(caPath, "authorities"),
    certificate: certPath === undefined || keyPath === undefined ? undefined : {
      cert: await readText(certPath, "certificate"),
      key: await readText(keyPath, "private key"),
    },
    serverName: options.text("server-name"),
    insecureSkipVerify,
  };
}

/** Whether TLS is spoken at a location. */
function tlsAt(location: string): boolean {
  try {
    return parseLocation(location).tls;
  } catch (error) {
    const meant = meantLocation(location);
    const hint = meant === undefined ? "" : `; perhaps you mean ${meant}`;
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${reason}${hint}`, { cause: error });
  }
}

/** A location that may have been meant, such as one without its scheme. */
function meantLocation(location: string): string | undefined {
  const [, scheme = "", rest] = /^(?:([a-z][a-z0-9+.-]*):\/\/)?([^/?#]+)/i
    .exec(location) ?? [];
  if (rest === undefined) return undefined;
  const isSecure = /s$/i.test(scheme) && !/^grpc\+/i.test(scheme);
  const meant = `${isSecure ? "grpc+tls" : "grpc"}://${rest}`;
  try {
    parseLocation(meant);
    return meant;
  } catch {
    return undefined;
  }
}

async function loginOf(
  options: GivenOptions,
  otherToken: string | undefined,
): Promise<ClientMiddleware | { user: string; password: string } | undefined> {
  const token = otherToken ?? options.text("token");
  const user = options.text("user");
  if (token !== undefined && (otherToken !== undefined || user === undefined)) {
    return bearerAuth(token);
  }
  if (user === undefined) {
    if (!options.flag("handshake")) return undefined;
    throw new UsageError("Cannot log in: --handshake needs --user");
  }
  if (token !== undefined) {
    throw new UsageError("Cannot log in twice: with --token, and with --user");
  }
  const password = readVariable(PASSWORD) ?? await typed(user);
  if (user.includes(":")) {
    throw new UsageError(`Cannot log in as "${user}": a name has no colon`);
  }
  return options.flag("handshake") ? { user, password } : basicAuth(user, password);
}

async function typed(user: string): Promise<string> {
  if (isatty(0)) return await askPassword(`Password of ${user}: `);
  throw new UsageError(
    `Cannot log in as "${user}": there is no terminal to ask for the password, and ${PASSWORD} is not set`,
  );
}

/** A middleware that sends the headers of --header. */
function headersOf(options: GivenOptions): ClientMiddleware[] {
  const headers = (options.list("header") ?? []).map((text) => {
    const [, name, value] = /^([\w.-]+) *[:=] *(.*)$/.exec(text) ?? [];
    if (name !== undefined) return [name.toLowerCase(), value] as const;
    throw new UsageError(
      `Cannot send the header "${text}": it has to look like name:value`,
    );
  });
  if (headers.length === 0) return [];
  return [async (call, next) => {
    for (const [name, value] of headers) call.headers.set(name, value);
    await next();
  }];
}
