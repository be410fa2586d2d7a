/** The ways to authenticate, with right, wrong, missing and expired credentials. */
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from "jose";
import {
  anyOf,
  type Authenticator,
  basicLogin,
  bearerTokens,
  certificateIdentity,
  hashPassword,
  hashToken,
  jwtTokens,
  newToken,
  parseTokens,
  parseUsers,
} from "../../auth/mod.ts";
import {
  basicAuth,
  bearerAuth,
  type CallContext,
  type ClientMiddleware,
  FlightClient,
  FlightError,
  handshakeAuth,
  logIn,
} from "../../flight/mod.ts";
import { LoginTokens } from "../../auth/login_tokens.ts";
import { assertFlightError } from "../helpers/serving.ts";
import { WhoAmI } from "../helpers/users.ts";

const ADA = await hashPassword("lovelace");
const USERS = new Map([["ada", ADA], ["bob", await hashPassword("builder")]]);
/** What an authenticator is asked without a call that it looks at. */
const CALL = { peer: "127.0.0.1:4711" } as CallContext;

/** Who a client with this middleware is to a server with this authenticator. */
async function whoIs(
  auth: Authenticator,
  middleware: readonly ClientMiddleware[],
): Promise<string> {
  await using server = await new WhoAmI(auth).listen();
  await using client = new FlightClient(server.location, { middleware });
  for await (const { body } of client.doAction({ type: "who" })) {
    return new TextDecoder().decode(body);
  }
  throw new Error("no answer");
}

Deno.test("hashPassword() salts each hash, and shows nothing of the password", () => {
  assertMatch(ADA, /^\$scrypt\$ln=15,r=8,p=1\$[^$]+\$[^$]+$/);
  assert(ADA !== USERS.get("bob"));
  assert(!ADA.includes("lovelace"));
});

Deno.test("basicLogin() accepts the right password in every way, and no other", async () => {
  const auth = basicLogin({ users: USERS });
  assertEquals(await whoIs(auth, [basicAuth("ada", "lovelace")]), "ada");
  for (const [name, password] of [["ada", "x"], ["eve", "lovelace"], ["ada", ""]]) {
    const error = await assertFlightError(
      () => whoIs(auth, [basicAuth(name, password)]),
      "UNAUTHENTICATED",
    );
    assertMatch(error.message, /its name or password is wrong$/);
  }
  await assertFlightError(() => whoIs(auth, []), "UNAUTHENTICATED");
  await using server = await new WhoAmI(auth).listen();
  await using client = new FlightClient(server.location);
  const token = await logIn(client, "bob", "builder");
  assertEquals(await whoIs(auth, [handshakeAuth(token)]), "bob");
  await assertFlightError(() => logIn(client, "bob", "x"), "UNAUTHENTICATED");
});

Deno.test("basicLogin() makes tokens that expire", async () => {
  const key = new Uint8Array(32);
  const auth = basicLogin({ users: USERS, signingKey: key });
  const tokens = new LoginTokens(key);
  const stamp = tokens.stampOf(ADA);
  const issued = Date.now();
  const soon = { identity: "ada", issued, expires: issued + 60_000, stamp };
  assertEquals(await auth.verify(tokens.issue(soon), CALL), "ada");
  const late = tokens.issue({ ...soon, expires: issued });
  const error = assertThrows(() => auth.verify(late, CALL), FlightError);
  assertEquals(error.code, "UNAUTHENTICATED");
  assertMatch(error.message, /has expired; log in again$/);
});

Deno.test("basicLogin() makes tokens that can be revoked, one or all", async () => {
  const auth = basicLogin({ users: USERS });
  const first = await auth.login!("ada", "lovelace", CALL) ?? "";
  const second = await auth.login!("ada", "lovelace", CALL) ?? "";
  const others = await auth.login!("bob", "builder", CALL) ?? "";
  auth.revoke(first);
  assertThrows(() => auth.verify(first, CALL), FlightError, "was revoked");
  assertEquals(await auth.verify(second, CALL), "ada");
  auth.revokeAll("ada");
  assertThrows(() => auth.verify(second, CALL), FlightError, "was revoked");
  assertEquals(await auth.verify(others, CALL), "bob");
});

Deno.test("basicLogin() refuses tokens of users who are gone, or have a new password", async () => {
  let users = new Map(USERS);
  const auth = basicLogin({ users: () => users });
  const ada = await auth.login!("ada", "lovelace", CALL) ?? "";
  const bob = await auth.login!("bob", "builder", CALL) ?? "";
  users = new Map([["ada", await hashPassword("byron")]]);
  assertEquals(await auth.verify(ada, CALL), undefined);
  assertEquals(await auth.verify(bob, CALL), undefined);
  assertEquals(await auth.login!("ada", "lovelace", CALL), undefined);
  assert(await auth.login!("ada", "byron", CALL) !== undefined);
});

Deno.test("basicLogin() accepts no token that another key has signed, or that was changed", async () => {
  const auth = basicLogin({ users: USERS });
  const foreign = await basicLogin({ users: USERS }).login!("ada", "lovelace", CALL);
  assertEquals(await auth.verify(foreign!, CALL), undefined);
  const own = await auth.login!("bob", "builder", CALL) ?? "";
  const [prefix, payload, mac] = own.split(".");
  const said = atob(payload.replaceAll("-", "+").replaceAll("_", "/"));
  const changed = btoa(said.replace("bob", "ada")).replace(/=+$/, "");
  for (
    const token of [
      `${prefix}.${changed}.${mac}`,
      `${prefix}.${payload}.`,
      `${prefix}.${payload}.${mac}.x`,
      "",
      "tf1..",
    ]
  ) {
    assertEquals(await auth.verify(token, CALL), undefined, token);
  }
});

Deno.test("basicLogin() takes a function in place of users, and nothing else", async () => {
  const auth = basicLogin({ verify: (name, password) => name === password });
  assertEquals(await whoIs(auth, [basicAuth("x", "x")]), "x");
  await assertFlightError(() => whoIs(auth, [basicAuth("x", "y")]), "UNAUTHENTICATED");
  assertThrows(() => basicLogin({}), TypeError, "either `users` or `verify`");
  assertThrows(
    () => basicLogin({ users: USERS, signingKey: new Uint8Array(31) }),
    RangeError,
    "32 bytes or more",
  );
});

Deno.test("bearerTokens() accepts tokens by their hashes until they expire", async () => {
  const [token, old] = [newToken(), newToken()];
  const tokens = parseTokens(
    `# two\nada:$sha256$${hashToken(token)} 2999-01-01T00:00:00Z\n` +
      `ada:$sha256$${hashToken(old)} 2001-01-01T00:00:00Z\n`,
  );
  const auth = bearerTokens({ tokens });
  assertEquals(await whoIs(auth, [bearerAuth(token)]), "ada");
  const error = await assertFlightError(
    () => whoIs(auth, [bearerAuth(old)]),
    "UNAUTHENTICATED",
  );
  assertMatch(error.message, /has expired$/);
  await assertFlightError(() => whoIs(auth, [bearerAuth("x")]), "UNAUTHENTICATED");
  await assertFlightError(
    () => whoIs(auth, [basicAuth("ada", token)]),
    "UNAUTHENTICATED",
  );
});

Deno.test("parseUsers() and parseTokens() name the line that is wrong, and show nothing of it", () => {
  const cases: [run: () => unknown, message: string][] = [
    [() => parseUsers("a\nsecret"), "line 1 of the users"],
    [() => parseUsers("\nada:secret"), "line 2 of the users"],
    [() => parseUsers(`ada:${ADA}\nada:${ADA}`), "line 2 of the users"],
    [
      () =>
        parseUsers("ada:$scrypt$ln=30,r=8,p=1$AAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAA"),
      "line 1 of the users",
    ],
    [() => parseTokens("ada:secret"), "line 1 of the tokens"],
    [
      () => parseTokens(`ada:$sha256$${hashToken("x")} secret`),
      "line 1 of the tokens",
    ],
  ];
  for (const [run, message] of cases) {
    const error = assertThrows(run, SyntaxError, message);
    assert(!error.message.includes("secret"), error.message);
  }
});

/** A token of these claims that is valid for so many seconds. */
function jwt(claims: Record<string, unknown>, seconds: number = 60): SignJWT {
  return new SignJWT({ sub: "ada", iss: "issuer", aud: "tinyflight", ...claims })
    .setExpirationTime(Math.floor(Date.now() / 1000) + seconds);
}

Deno.test("jwtTokens() verifies signature, issuer, audience and expiry", async () => {
  const secret = crypto.getRandomValues(new Uint8Array(32));
  const auth = jwtTokens({ secret, issuer: "issuer", audience: ["x", "tinyflight"] });
  const sign = (token: SignJWT, key = secret) =>
    token.setProtectedHeader({ alg: "HS256" }).sign(key);
  assertEquals(await auth.verify(await sign(jwt({})), CALL), "ada");
  const endless = new SignJWT({ sub: "ada", iss: "issuer", aud: "tinyflight" });
  const refused: [name: string, token: string][] = [
    ["issuer", await sign(jwt({ iss: "other" }))],
    ["audience", await sign(jwt({ aud: "other" }))],
    ["expired", await sign(jwt({}, -3600))],
    ["endless", await sign(endless)],
    ["no subject", await sign(jwt({ sub: undefined }))],
    ["other key", await sign(jwt({}), new Uint8Array(32))],
    [
      "not signed",
      `${btoa('{"alg":"none"}')}.${btoa('{"sub":"ada"}')}.x`.replaceAll("=", ""),
    ],
  ];
  for (const [name, token] of refused) {
    const error = await assertRejects(async () => {
      await auth.verify(token, CALL);
    }, FlightError);
    assertEquals([name, error.code], [name, "UNAUTHENTICATED"]);
    assert(!error.message.includes(token));
  }
  assertEquals(await auth.verify("no.jwt", CALL), undefined);
});

Deno.test("jwtTokens() takes a public key, and no secret for it", async () => {
  const { publicKey, privateKey } = await generateKeyPair("ES256", {
    extractable: true,
  });
  const key = await exportSPKI(publicKey);
  const auth = jwtTokens({
    key,
    issuer: "issuer",
    audience: "tinyflight",
    identityClaim: "email",
    algorithms: ["ES256"],
  });
  const token = await jwt({ email: "ada@example" })
    .setProtectedHeader({ alg: "ES256" }).sign(privateKey);
  assertEquals(await whoIs(auth, [bearerAuth(token)]), "ada@example");
  const forged = await jwt({ email: "ada@example" }).setProtectedHeader({
    alg: "HS256",
  })
    .sign(new TextEncoder().encode(key));
  await assertFlightError(() => whoIs(auth, [bearerAuth(forged)]), "UNAUTHENTICATED");
});

Deno.test("jwtTokens() finds the keys of a JWKS, and says when they cannot be had", async () => {
  const { publicKey, privateKey } = await generateKeyPair("RS256", {
    extractable: true,
  });
  const jwk = { ...await exportJWK(publicKey), kid: "one", alg: "RS256" };
  const token = (kid: string) =>
    jwt({}).setProtectedHeader({ alg: "RS256", kid }).sign(privateKey);
  const provider = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => Response.json({ keys: [jwk] }),
  );
  const jwks = `http://127.0.0.1:${provider.addr.port}/jwks`;
  const options = { jwks, issuer: "issuer", audience: "tinyflight" };
  const auth = jwtTokens(options);
  assertEquals(await auth.verify(await token("one"), CALL), "ada");
  const unknown = await token("two");
  await assertFlightError(
    async () => await auth.verify(unknown, CALL),
    "UNAUTHENTICATED",
  );
  await provider.shutdown();
  const other = jwtTokens(options);
  const known = await token("one");
  await assertFlightError(async () => await other.verify(known, CALL), "UNAVAILABLE");
});

Deno.test("jwtTokens() refuses options that would let everyone in", () => {
  const both = { issuer: "i", audience: "a" };
  const secret = new Uint8Array(32);
  assertThrows(() => jwtTokens(both), TypeError, "one of `secret`");
  assertThrows(
    () => jwtTokens({ ...both, secret, jwks: "https://id.example" }),
    TypeError,
    "one of `secret`",
  );
  assertThrows(
    () => jwtTokens({ ...both, secret: new Uint8Array(8) }),
    RangeError,
    "32 bytes or more",
  );
  assertThrows(() => jwtTokens({ ...both, jwks: "file:///x" }), RangeError, "https://");
});

Deno.test("certificateIdentity() names a client by its certificate", async () => {
  const certificate = {
    commonName: "ada",
    alternativeNames: ["URI:spiffe://a/b", "DNS:ada.example"],
    fingerprint: "AB:CD",
  };
  const call: Partial<CallContext> = { certificate };
  const nameBy = (options?: Parameters<typeof certificateIdentity>[0]) =>
    certificateIdentity(options).identify!(call as CallContext);
  assertEquals(await nameBy(), "ada");
  assertEquals(await nameBy({ from: "alternativeName" }), "spiffe://a/b");
  assertEquals(await nameBy({ from: "fingerprint" }), "AB:CD");
  assertEquals(await nameBy({ from: () => "x" }), "x");
  const auth = certificateIdentity();
  assertEquals(await auth.identify!(CALL), undefined);
  await assertFlightError(() => whoIs(auth, []), "UNAUTHENTICATED");
});

Deno.test("anyOf() accepts what one of them accepts, and tells of the nearest reason", async () => {
  const token = newToken();
  const auth = anyOf(
    basicLogin({ users: USERS }),
    bearerTokens({ tokens: new Map([[hashToken(token), { identity: "job" }]]) }),
    { verify: () => undefined, identify: () => "by certificate" },
  );
  assertEquals(await whoIs(auth, [basicAuth("ada", "lovelace")]), "ada");
  assertEquals(await whoIs(auth, [bearerAuth(token)]), "job");
  assertEquals(await whoIs(auth, []), "by certificate");
  // Credentials that are wrong are wrong, whatever the certificate is.
  await assertFlightError(() => whoIs(auth, [bearerAuth("x")]), "UNAUTHENTICATED");
  await assertFlightError(
    () => whoIs(auth, [basicAuth("ada", "x")]),
    "UNAUTHENTICATED",
  );
  const failing = anyOf(auth, {
    verify: () => Promise.reject(new FlightError("UNAVAILABLE", "no keys")),
  });
  assertEquals(await whoIs(failing, [bearerAuth(token)]), "job");
  await assertFlightError(() => whoIs(failing, [bearerAuth("x")]), "UNAVAILABLE");
});
