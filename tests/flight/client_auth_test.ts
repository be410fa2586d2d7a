/** How clients show who they are. */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { tableFromArrays } from "apache-arrow";
import {
  type Authenticator,
  basicAuth,
  bearerAuth,
  type CallContext,
  type ClientMiddleware,
  FlightServer,
  handshakeAuth,
  logIn,
  Sessions,
} from "../../flight/mod.ts";
import { TinyClient, TinyServer } from "../../mod.ts";
import { act, startFlight } from "../helpers/flight_calls.ts";
import { assertFlightError, utf8 } from "../helpers/serving.ts";
import { base64, PASSWORDS, Users, WhoAmI } from "../helpers/users.ts";

/** A middleware that notes the credentials that are sent. */
function spy(sent: (string | undefined)[]): ClientMiddleware {
  return (call, next) => {
    sent.push(call.headers.get("authorization"));
    return next();
  };
}
for (const [name, password] of Object.entries(PASSWORDS)) {
  Deno.test(`basicAuth() logs "${name}" in once, and shows the token then`, async () => {
    const users = new Users();
    const sent: (string | undefined)[] = [];
    const middleware = [basicAuth(name, password), spy(sent)];
    await using both = await startFlight(new WhoAmI(users), { middleware });
    for (let i = 0; i < 3; i++) assertEquals(await act(both.client, ""), [name]);
    assertEquals(users.logins, 1);
    assertEquals(sent[0], `Basic ${base64(`${name}:${password}`)}`);
    assertEquals(sent.slice(1), ["Bearer token-1", "Bearer token-1"]);
  });

  Deno.test(`logIn() and handshakeAuth() make "${name}" known`, async () => {
    await using both = await startFlight(new WhoAmI(new Users()));
    const token = await logIn(both.client, name, password);
    assertEquals(token, utf8("token-1"));
    const middleware = [handshakeAuth(token)];
    await using client = await startFlight(new WhoAmI(new Users()), { middleware });
    await assertFlightError(() => act(client.client, ""), "UNAUTHENTICATED");
    const headers = { "auth-token-bin": token };
    assertEquals(await act(both.client, "", { headers }), [name]);
  });
}

Deno.test("basicAuth() logs in again after its token was refused", async () => {
  const users = new Users();
  const middleware = [basicAuth("ada", "lovelace")];
  await using both = await startFlight(new WhoAmI(users), { middleware });
  assertEquals(await act(both.client, ""), ["ada"]);
  users.tokens.clear();
  await assertFlightError(() => act(both.client, ""), "UNAUTHENTICATED");
  assertEquals(await act(both.client, ""), ["ada"]);
  assertEquals(users.logins, 2);
});

Deno.test("basicAuth() takes a token from trailers, and a new one at any time", async () => {
  const sent: (string | undefined)[] = [];
  const middleware = [basicAuth("ada", "lovelace"), spy(sent)];
  let count = 0;
  class Renewing extends FlightServer {
    override getSchema(_: unknown, call: CallContext) {
      call.trailers.set("authorization", `bearer ${++count}`);
      return Promise.resolve({});
    }
  }
  await using both = await startFlight(new Renewing({ port: 0 }), { middleware });
  for (let i = 0; i < 3; i++) await both.client.getSchema({});
  assertEquals(sent.slice(1), ["bearer 1", "bearer 2"]);
});

Deno.test("basicAuth() goes on with name and password when there is no token", async () => {
  const sent: (string | undefined)[] = [];
  const middleware = [basicAuth("ada", "lovelace"), spy(sent)];
  class Plain extends FlightServer {
    override getSchema(_: unknown, { responseHeaders }: CallContext) {
      responseHeaders.set("authorization", "Bearer");
      return Promise.resolve({});
    }
  }
  await using both = await startFlight(new Plain({ port: 0 }), { middleware });
  for (let i = 0; i < 2; i++) await both.client.getSchema({});
  assertEquals(sent[1], sent[0]);
});

Deno.test("basicAuth() refuses a name with a colon", () => {
  assertThrows(() => basicAuth("a:b", "c"), TypeError, 'Cannot log in as "a:b"');
});

Deno.test("bearerAuth() and handshakeAuth() ask for a token with each call", async () => {
  const tokens = ["one", "two", "three", "four"];
  const auth = { verify: (token: string) => `${token}!` };
  const bearer = [bearerAuth(() => tokens.shift()!)];
  await using both = await startFlight(new WhoAmI(auth), { middleware: bearer });
  assertEquals(await act(both.client, ""), ["one!"]);
  assertEquals(await act(both.client, ""), ["two!"]);
  const handshake = [handshakeAuth(() => Promise.resolve(utf8(tokens.shift()!)))];
  await using other = await startFlight(new WhoAmI(auth), { middleware: handshake });
  assertEquals(await act(other.client, ""), ["three!"]);
  assertEquals(await act(other.client, ""), ["four!"]);
});

Deno.test("a token source that throws fails the call with its error", async () => {
  const middleware = [bearerAuth(() => Promise.reject(new RangeError("no token")))];
  await using both = await startFlight(new WhoAmI(new Users()), { middleware });
  await assertRejects(() => both.client.getSchema({}), RangeError, "no token");
  await assertRejects(() => act(both.client, ""), RangeError, "no token");
});

Deno.test("logIn() says that a server gave no token", async () => {
  class Silent extends FlightServer {
    override async *handshake() {}
  }
  await using both = await startFlight(new Silent({ port: 0 }));
  const error = await assertFlightError(() => logIn(both.client, "a", "b"), "INTERNAL");
  assertEquals(error.message, "Cannot log in: the server gave no token");
});

Deno.test("logIn() is cancelled by its signal", async () => {
  const reached = Promise.withResolvers<AbortSignal>();
  const auth: Authenticator = {
    login: (_name, _password, { signal }) => {
      reached.resolve(signal);
      return new Promise(() => {});
    },
    verify: (token) => token,
  };
  await using both = await startFlight(new WhoAmI(auth));
  const abort = new AbortController();
  const token = logIn(both.client, "ada", "x", { signal: abort.signal });
  const serverSignal = await reached.promise;
  const ended = new Promise((resolve) =>
    serverSignal.addEventListener("abort", resolve)
  );
  abort.abort();
  await assertFlightError(() => token, "CANCELLED");
  await ended;
});

Deno.test("TinyClient works on a TinyServer with auth and sessions", async () => {
  const [auth, sessions] = [new Users(), new Sessions()];
  const records: (string | undefined)[] = [];
  await using server = await new TinyServer({
    port: 0,
    auth,
    sessions,
    onCall: ({ identity }) => records.push(identity),
  }).listen();
  await using client = await TinyClient.connect(server.location, {
    middleware: [basicAuth("ada", "lovelace")],
  });
  await client.putTable("points", tableFromArrays({ x: [1, 2] }));
  assertEquals(await client.listTables(), ["points"]);
  assertEquals((await client.getTable("points")).numRows, 2);
  await client.dropTable("points");
  assertEquals(records, Array(6).fill("ada"));

  await using stranger = await TinyClient.connect(server.location);
  const table = tableFromArrays({ x: [1] });
  await assertFlightError(() => stranger.putTable("x", table), "UNAUTHENTICATED");
  await assertFlightError(() => stranger.listTables(), "UNAUTHENTICATED");
  await assertFlightError(() => stranger.getTable("x"), "UNAUTHENTICATED");
  await assertFlightError(() => stranger.dropTable("x"), "UNAUTHENTICATED");
});
