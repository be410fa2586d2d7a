/** Who may call a server. */
import { assert, assertEquals } from "@std/assert";
import {
  type Authenticator,
  BasicAuth,
  bearerAuth,
  type ClientMiddleware,
  FlightError,
  logIn,
} from "../../flight/mod.ts";
import { act, startFlight, tenCalls } from "../helpers/flight_calls.ts";
import { assertFlightError, collect, utf8 } from "../helpers/serving.ts";
import { base64, Users, WhoAmI } from "../helpers/users.ts";

function authorization(text: string): { headers: { authorization: string } } {
  return { headers: { authorization: text } };
}

async function* payloads(...items: Uint8Array[]) {
  for (const payload of items) yield { payload };
}

Deno.test("a server with auth refuses anonymous calls of all ten methods", async () => {
  await using both = await startFlight(new WhoAmI(new Users()));
  for (const call of Object.values(tenCalls(both.client))) {
    await assertFlightError(call, "UNAUTHENTICATED");
  }
});

Deno.test("a server with auth refuses calls with a wrong token, all but Handshake", async () => {
  const users = new Users();
  const middleware = [bearerAuth("wrong")];
  await using both = await startFlight(new WhoAmI(users), { middleware });
  for (const call of Object.values(tenCalls(both.client))) {
    await assertFlightError(call, "UNAUTHENTICATED");
  }
});

Deno.test("a password that is wrong is refused, whichever way it comes", async () => {
  await using both = await startFlight(new WhoAmI(new Users()));
  const { client } = both;
  await assertFlightError(() => logIn(client, "ada", "x"), "UNAUTHENTICATED");
  await assertFlightError(() => logIn(client, "", "x"), "UNAUTHENTICATED");
  const options = authorization(`Basic ${base64("ada:x")}`);
  await assertFlightError(() => act(client, "", options), "UNAUTHENTICATED");
  await assertFlightError(
    () => collect(client.handshake(payloads(), options)),
    "UNAUTHENTICATED",
  );
});

for (
  const [what, text] of [
    ["without padding", "Basic YWRhOmxvdmVsYWNl"],
    ["in lower case", "basic YWRhOmxvdmVsYWNl"],
    ["after several spaces", "BASIC   YWRhOmxvdmVsYWNl"],
  ]
) {
  Deno.test(`a server takes the scheme Basic ${what}`, async () => {
    await using both = await startFlight(new WhoAmI(new Users()));
    assertEquals(await act(both.client, "", authorization(text)), ["ada"]);
  });
}

Deno.test("a server takes base64 that lacks its padding", async () => {
  await using both = await startFlight(
    new WhoAmI({
      login: (name, password) => `${name}/${password}`,
      verify: (token) => token,
    }),
  );
  for (const pair of ["a:b", "a:bc", "a:bcd", ":", "a:", ":b"]) {
    const options = authorization(`Basic ${base64(pair).replaceAll("=", "")}`);
    assertEquals(await act(both.client, "", options), [pair.replace(":", "/")]);
  }
});

for (
  const text of [
    "",
    "Basic",
    "Basic ",
    "Basic !!!!",
    "Basic YWRh",
    "Basic a:b",
    "Basic YWRhOmxvdmVsYWNl x",
    "Bearer",
    "Bearer a b",
    "Digest YWRhOmxvdmVsYWNl",
    "token-1",
    "Bearer, Basic YWRhOmxvdmVsYWNl",
  ]
) {
  Deno.test(`a server refuses the credentials "${text}"`, async () => {
    const users = new Users();
    users.tokens.set("", "nobody");
    await using both = await startFlight(new WhoAmI(users));
    const headers = { authorization: text.trimEnd() };
    await assertFlightError(() => act(both.client, "", { headers }), "UNAUTHENTICATED");
  });
}

Deno.test("a server takes no empty token for one, nor bytes that are no UTF-8", async () => {
  const users = new Users();
  users.tokens.set("", "nobody");
  await using both = await startFlight(new WhoAmI(users));
  for (const token of [[], [0xff], [0xef, 0xbb, 0xbf]]) {
    const headers = { "auth-token-bin": new Uint8Array(token) };
    await assertFlightError(() => act(both.client, "", { headers }), "UNAUTHENTICATED");
  }
});

Deno.test("a token may be any text when it goes as bytes", async () => {
  const token = "größe 漢\n🐚";
  await using both = await startFlight(
    new WhoAmI({
      login: () => token,
      verify: (shown) => shown === token ? "ada" : undefined,
    }),
  );
  const headers = { "auth-token-bin": await logIn(both.client, "", "") };
  assertEquals(await act(both.client, "", { headers }), ["ada"]);
});

Deno.test("a handshake whose payload is garbage is INVALID_ARGUMENT", async () => {
  await using both = await startFlight(new WhoAmI(new Users()));
  for (const payload of [[0xff], [0x12, 0x05, 0x61], [0x0f, 0x00]]) {
    const requests = payloads(new Uint8Array(payload));
    await assertFlightError(
      () => collect(both.client.handshake(requests)),
      "INVALID_ARGUMENT",
    );
  }
});

Deno.test("a handshake is answered after its first message, without its end", async () => {
  await using both = await startFlight(new WhoAmI(new Users()));
  const payload = BasicAuth.serialize({ username: "ada", password: "lovelace" });
  async function* endless() {
    yield { payload, protocolVersion: 7n };
    await new Promise(() => {});
  }
  assertEquals(await collect(both.client.handshake(endless())), [
    { protocolVersion: 7n, payload: utf8("token-1") },
  ]);
});

Deno.test("a handshake with an authorization header is answered in headers", async () => {
  const found: (string | undefined)[] = [];
  const middleware: ClientMiddleware[] = [async (call, next) => {
    await next();
    found.push(call.responseHeaders.get("authorization"));
  }];
  await using both = await startFlight(new WhoAmI(new Users()), { middleware });
  const options = authorization(`Basic ${base64("ada:lovelace")}`);
  assertEquals(await collect(both.client.handshake(payloads(), options)), []);
  assertEquals(found, ["Bearer token-1"]);
});

Deno.test("a server without login answers Handshake with UNIMPLEMENTED", async () => {
  await using both = await startFlight(new WhoAmI({ verify: (token) => token }));
  await assertFlightError(() => logIn(both.client, "ada", "x"), "UNIMPLEMENTED");
  assertEquals(await act(both.client, "", authorization("Bearer ada")), ["ada"]);
  const options = authorization(`Basic ${base64("ada:lovelace")}`);
  await assertFlightError(() => act(both.client, "", options), "UNAUTHENTICATED");
});

Deno.test("what login() and verify() throw is kept at home, unless it is a FlightError", async () => {
  const causes: unknown[] = [];
  let thrown: Error = new RangeError("the database is at 10.0.0.7");
  const auth: Authenticator = {
    login: () => Promise.reject(thrown),
    verify: () => {
      throw thrown;
    },
  };
  const server = new WhoAmI(auth, { onCall: ({ error }) => causes.push(error?.cause) });
  await using both = await startFlight(server);
  const calls = [
    () => logIn(both.client, "ada", "lovelace"),
    () => act(both.client, "", authorization(`Basic ${base64("ada:lovelace")}`)),
    () => act(both.client, "", authorization("Bearer x")),
  ];
  for (const call of calls) {
    const error = await assertFlightError(call, "INTERNAL");
    assert(!error.message.includes("10.0.0.7"));
  }
  assertEquals(causes, [thrown, thrown, thrown]);
  thrown = new FlightError("RESOURCE_EXHAUSTED", "too many tries");
  for (const call of calls) {
    const error = await assertFlightError(call, "RESOURCE_EXHAUSTED");
    assertEquals(error.message, "too many tries");
  }
});

Deno.test("a server's own middleware sees calls that are refused", async () => {
  const codes: string[] = [];
  const server = new WhoAmI(new Users(), {
    middleware: [(_, next) =>
      next().catch((error) => {
        codes.push(error.code);
        throw error;
      })],
  });
  await using both = await startFlight(server);
  await assertFlightError(() => act(both.client, ""), "UNAUTHENTICATED");
  assertEquals(codes, ["UNAUTHENTICATED"]);
});
