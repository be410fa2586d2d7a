/**
 * Who may call the server and do what, as the files say that options name.
 *
 * @module
 */
import {
  allowByRules,
  anyOf,
  type Authenticator,
  basicLogin,
  bearerTokens,
  certificateIdentity,
  jwtTokens,
  parseRules,
  parseTokens,
  parseUsers,
} from "../../auth/mod.ts";
import type { Allow } from "../../server.ts";
import { readBytes, readText } from "../options/read_files.ts";
import type { GivenOptions } from "../options/given_options.ts";
import { type Reloaded, ReloadedFile } from "./reloaded_file.ts";
import { UsageError } from "../options/command_error.ts";

/** Who may call, who may do what, and the files that are read again. */
export interface Access {
  /** The option `auth` of the server; undefined without logins. */
  readonly auth: Authenticator | undefined;
  /** The option `allow` of the server; undefined without rules. */
  readonly allow: Allow | undefined;
  /** The files, to be read again on SIGHUP. */
  readonly files: readonly Reloaded[];
}

/** Reads the files, and gives what they say. */
export async function readAccess(options: GivenOptions): Promise<Access> {
  const files: Reloaded[] = [];
  const open = async <T>(name: string, what: string, parse: (text: string) => T) => {
    const path = options.text(name);
    if (path === undefined) return undefined;
    const file = await ReloadedFile.open(path, what, parse);
    files.push(file);
    return () => file.value;
  };
  const ways: Authenticator[] = [];
  const users = await open("users", "users", parseUsers);
  if (users !== undefined) {
    ways.push(basicLogin({
      users,
      tokenLifetime: options.number("login-time"),
      signingKey: await signingKey(options),
      maxFailedLogins: options.number("max-failed-logins"),
    }));
  }
  const tokens = await open("token-file", "tokens", parseTokens);
  if (tokens !== undefined) ways.push(bearerTokens({ tokens }));
  const jwt = await jwtOf(options);
  if (jwt !== undefined) ways.push(jwt);
  if (options.text("client-ca") !== undefined) {
    const from = options.text("certificate-identity") as "commonName" | undefined;
    ways.push(certificateIdentity({ from }));
  }
  const rules = await open("rules", "rules", parseRules);
  return {
    auth: ways.length === 0 ? undefined : anyOf(...ways),
    allow: rules === undefined ? undefined : allowByRules(rules),
    files,
  };
}

/** The secret that replicas share; undefined for one of its own. */
export async function signingKey(
  options: GivenOptions,
): Promise<Uint8Array | undefined> {
  const path = options.text("signing-key");
  if (path === undefined) return undefined;
  const key = await readBytes(path, "signing key");
  if (key.length >= 32) return key;
  throw new UsageError(
    `Cannot use the signing key "${path}": it has fewer than 32 bytes`,
  );
}

async function jwtOf(options: GivenOptions): Promise<Authenticator | undefined> {
  const jwks = options.text("jwks");
  const keyPath = options.text("jwt-key");
  if (jwks === undefined && keyPath === undefined) {
    const [left] = options.among("jwt-issuer", "jwt-audience", "jwt-claim");
    if (left === undefined) return undefined;
    throw new UsageError(`Cannot use --${left}: it needs --jwks or --jwt-key`);
  }
  const issuer = options.text("jwt-issuer");
  const audience = options.list("jwt-audience");
  if (issuer === undefined || audience === undefined) {
    throw new UsageError(
      "Cannot verify JSON Web Tokens: --jwt-issuer and --jwt-audience are needed, too",
    );
  }
  const key = keyPath === undefined ? undefined : await readText(keyPath, "key");
  const identityClaim = options.text("jwt-claim");
  return jwtTokens({ jwks, key, issuer, audience, identityClaim });
}
