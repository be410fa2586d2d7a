/** Sessions, and the cookies that tell them apart. */
import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { parseCookies, SESSION_COOKIE } from "../../flight/protocol/cookies.ts";
import {
  type Action,
  type CallContext,
  CallHeaders,
  type ClientMiddleware,
  cookieJar,
  FlightClient,
  FlightServer,
  type FlightServerOptions,
  Sessions,
  type SessionsOptions,
  type SessionValue,
} from "../../flight/mod.ts";
import { TinyServer } from "../../mod.ts";
import { act, startFlight } from "../helpers/flight_calls.ts";
import { assertFlightError, utf8 } from "../helpers/serving.ts";

/** A server with sessions, and what it says about a call's session. */
class SessionServer extends FlightServer {
  readonly sessions: Sessions;

  constructor(options: SessionsOptions = {}, others: FlightServerOptions = {}) {
    const sessions = new Sessions(options);
    super({ port: 0, sessions, ...others });
    this.sessions = sessions;
  }

  override async *doAction(action: Action, call: CallContext) {
    if (action.type === "id") yield { body: utf8(this.sessions.get(call)?.id ?? "") };
    else if (action.type === "late") {
      yield { body: utf8("the headers are out") };
      this.sessions.open(call);
    } else yield* super.doAction(action, call);
  }
}

/** Starts a server with sessions, and a client with a cookie jar. */
function startSessions(options?: SessionsOptions) {
  return startFlight(new SessionServer(options), { middleware: [cookieJar()] });
}

/** A server that sets cookies as it is asked to, and tells which it was shown. */
class CookieServer extends FlightServer {
  constructor() {
    super({ port: 0 });
  }

  override async *doAction({ type }: Action, call: CallContext) {
    yield { body: utf8(call.headers.getAll("cookie").join(" | ")) };
    if (type !== "") call.trailers.append("set-cookie", type);
  }
}

/** Lets a server set these cookies one after the other, and gives what comes back. */
async function shown(...cookies: string[]): Promise<string> {
  await using both = await startFlight(new CookieServer(), {
    middleware: [cookieJar()],
  });
  for (const cookie of cookies) await act(both.client, cookie);
  return (await act(both.client, ""))[0];
}

function cookiesOf(...headers: string[]) {
  return parseCookies(new CallHeaders({ cookie: headers }));
}

const EVERY_KIND: { readonly [name: string]: SessionValue } = {
  text: "größe 漢 🐚\n",
  "empty text": "",
  yes: true,
  no: false,
  zero: 0n,
  most: 2n ** 63n - 1n,
  least: -(2n ** 63n),
  half: 0.5,
  nothing: 0,
  "not a number": NaN,
  infinite: -Infinity,
  list: ["a", "", " ", "(づ｡◕‿‿◕｡)づ"],
  "empty list": [],
  "": "an empty name",
  "toString": "a name that every object has",
  "constructor": 1n,
};

Deno.test("a session's options come back as they were set", async () => {
  await using both = await startSessions();
  assertEquals(await both.client.setSessionOptions(EVERY_KIND), {});
  assertEquals(await both.client.getSessionOptions(), EVERY_KIND);
});

Deno.test("an option is replaced by one of another kind, and removed by undefined", async () => {
  await using both = await startSessions();
  const { client } = both;
  await client.setSessionOptions({ a: 1n, b: "x", c: true });
  assertEquals(
    await client.setSessionOptions({ a: undefined, b: ["x"], d: undefined }),
    {},
  );
  assertEquals(await client.getSessionOptions(), { b: ["x"], c: true });
});

Deno.test("an option of the name __proto__ changes no object", async () => {
  await using both = await startSessions();
  const options = JSON.parse('{ "__proto__": "x", "a": "y" }');
  await both.client.setSessionOptions(options);
  const found = await both.client.getSessionOptions();
  assertEquals(found.a, "y");
  assertEquals(Object.getPrototypeOf(found), Object.prototype);
  assertEquals(({} as Record<string, unknown>).stringValue, undefined);
});

Deno.test("Session takes the option __proto__ for one like any other", () => {
  const sessions = new Sessions({ check: () => "INVALID_NAME" });
  const call = { responseHeaders: new CallHeaders(), trailers: new CallHeaders() };
  const session = sessions.open(call as CallContext);
  const errors = session.set(JSON.parse('{ "__proto__": "x" }'));
  assertEquals(Object.entries(errors), [["__proto__", "INVALID_NAME"]]);
  const open = new Sessions().open(call as CallContext);
  open.set(JSON.parse('{ "__proto__": "x" }'));
  assertEquals(open.get("__proto__"), "x");
  assertEquals(Object.entries(open.options()), [["__proto__", "x"]]);
});

Deno.test("an option is not set when the server's check says why", async () => {
  await using both = await startSessions({
    check: (name, value) =>
      name === "wrong"
        ? "INVALID_NAME"
        : value === "wrong"
        ? "INVALID_VALUE"
        : undefined,
  });
  const errors = await both.client.setSessionOptions({
    wrong: "a",
    b: "wrong",
    c: "c",
  });
  assertEquals(errors, { wrong: "INVALID_NAME", b: "INVALID_VALUE" });
  assertEquals(await both.client.getSessionOptions(), { c: "c" });
});

Deno.test("a session has no more options than its limit", async () => {
  await using both = await startSessions({ maxOptions: 2 });
  const { client } = both;
  assertEquals(await client.setSessionOptions({ a: "1", b: "1", c: "1" }), {
    c: "ERROR",
  });
  assertEquals(await client.setSessionOptions({ b: "2", a: undefined, c: "2" }), {});
  assertEquals(await client.getSessionOptions(), { b: "2", c: "2" });
});

Deno.test("an option of more than 64 bits is refused before the call", async () => {
  await using both = await startSessions();
  for (const value of [2n ** 63n, -(2n ** 63n) - 1n]) {
    const set = () => both.client.setSessionOptions({ value });
    let thrown: unknown;
    await set().catch((error) => thrown = error);
    assert(thrown instanceof RangeError);
  }
  assertEquals(await both.client.getSessionOptions(), {});
});

Deno.test("two clients have sessions of their own", async () => {
  await using both = await startSessions();
  await using other = new FlightClient(both.server.location, {
    middleware: [cookieJar()],
  });
  await both.client.setSessionOptions({ a: "1" });
  await other.setSessionOptions({ a: "2" });
  assertEquals(await both.client.getSessionOptions(), { a: "1" });
  assertEquals(await other.getSessionOptions(), { a: "2" });
  assertNotEquals(await act(both.client, "id"), await act(other, "id"));
});

Deno.test("clients with one cookie jar share a session", async () => {
  const middleware = [cookieJar()];
  await using both = await startFlight(new SessionServer(), { middleware });
  await using other = new FlightClient(both.server.location, { middleware });
  await both.client.setSessionOptions({ a: "1" });
  assertEquals(await other.getSessionOptions(), { a: "1" });
});

Deno.test("a client without a cookie jar gets a new session with each call", async () => {
  await using both = await startFlight(new SessionServer());
  await both.client.setSessionOptions({ a: "1" });
  assertEquals(await both.client.getSessionOptions(), {});
});

Deno.test("a call has no session before one was opened", async () => {
  await using both = await startSessions();
  assertEquals(await act(both.client, "id"), [""]);
  await both.client.getSessionOptions();
  const [id] = await act(both.client, "id");
  assert(/^[0-9a-f-]{36}$/.test(id), id);
  assertEquals(await act(both.client, "id"), [id]);
});

Deno.test("closeSession() ends the session, and the jar forgets it", async () => {
  await using both = await startSessions();
  const { client } = both;
  assertEquals(await client.closeSession(), "NOT_CLOSEABLE");
  await client.setSessionOptions({ a: "1" });
  assertEquals(await client.closeSession(), "CLOSED");
  assertEquals(await act(client, "id"), [""]);
  assertEquals(await client.closeSession(), "NOT_CLOSEABLE");
  assertEquals(await client.getSessionOptions(), {});
});

Deno.test("a session that was closed is not found by its cookie", async () => {
  await using both = await startSessions();
  await both.client.setSessionOptions({ a: "1" });
  const [id] = await act(both.client, "id");
  const headers = { cookie: `${SESSION_COOKIE}=${id}` };
  await using other = new FlightClient(both.server.location);
  assertEquals(await other.getSessionOptions({ headers }), { a: "1" });
  await both.client.closeSession();
  assertEquals(await other.getSessionOptions({ headers }), {});
});

Deno.test("a session is found whatever else is in the cookies", async () => {
  await using both = await startSessions();
  await both.client.setSessionOptions({ a: "1" });
  const [id] = await act(both.client, "id");
  await using other = new FlightClient(both.server.location);
  for (
    const cookie of [
      [`a=b; ${SESSION_COOKIE}=${id}; c=d`],
      [`${SESSION_COOKIE}=${id};c=d`],
      [`${SESSION_COOKIE}="${id}"`],
      ["a=b", `${SESSION_COOKIE}=${id}`],
      [`${SESSION_COOKIE}=unknown; ${SESSION_COOKIE}=${id}`],
      [`${SESSION_COOKIE}=${id}; ${SESSION_COOKIE}=unknown`],
    ]
  ) {
    assertEquals(await other.getSessionOptions({ headers: { cookie } }), { a: "1" });
  }
  for (const cookie of [id, `x${SESSION_COOKIE}=${id}`, `${SESSION_COOKIE}=`, ";;=;"]) {
    assertEquals(await other.getSessionOptions({ headers: { cookie } }), {});
  }
});

Deno.test("the session that was idle longest makes room", async () => {
  await using both = await startSessions({ maxSessions: 2 });
  const jar = () => ({ middleware: [cookieJar()] });
  await using second = new FlightClient(both.server.location, jar());
  await using third = new FlightClient(both.server.location, jar());
  await both.client.setSessionOptions({ a: "1" });
  await second.setSessionOptions({ a: "2" });
  await act(both.client, "id");
  await third.setSessionOptions({ a: "3" });
  assertEquals(await both.client.getSessionOptions(), { a: "1" });
  assertEquals(await third.getSessionOptions(), { a: "3" });
  assertEquals(await act(second, "id"), [""]);
});

Deno.test("a session that is opened after the headers has its cookie in the trailers", async () => {
  await using both = await startSessions();
  await act(both.client, "late");
  assertNotEquals(await act(both.client, "id"), [""]);
});

Deno.test("Sessions refuses limits that are out of range", () => {
  for (const limit of [0, -1, NaN]) {
    assertThrows(() => new Sessions({ maxSessions: limit }), RangeError, "maxSessions");
    assertThrows(() => new Sessions({ maxOptions: limit }), RangeError, "maxOptions");
  }
});

Deno.test("a server without sessions answers their actions with UNIMPLEMENTED", async () => {
  await using server = await new TinyServer({ port: 0 }).listen();
  await using client = new FlightClient(server.location);
  await assertFlightError(() => client.setSessionOptions({}), "UNIMPLEMENTED");
  await assertFlightError(() => client.getSessionOptions(), "UNIMPLEMENTED");
  await assertFlightError(() => client.closeSession(), "UNIMPLEMENTED");
});

Deno.test("a TinyServer with sessions answers their actions", async () => {
  await using server = await new TinyServer({ port: 0, sessions: new Sessions() })
    .listen();
  await using client = new FlightClient(server.location, { middleware: [cookieJar()] });
  await client.setSessionOptions({ a: "1" });
  assertEquals(await client.getSessionOptions(), { a: "1" });
  assertEquals(await client.closeSession(), "CLOSED");
});

const PAST = "Thu, 01 Jan 1970 00:00:00 GMT";
const FUTURE = "Fri, 31 Dec 2199 23:59:59 GMT";
const COOKIES: [what: string, set: string[], shown: string][] = [
  ["a cookie", ["a=b"], "a=b"],
  [
    "a cookie with attributes",
    ["a=b; Path=/; HttpOnly; SameSite=Lax; Domain=x"],
    "a=b",
  ],
  ["spaces", ["a  =  b c  ;Path=/"], "a=b c"],
  ["an equals sign", ["a=b=c=="], "a=b=c=="],
  ["quotes", ['a="b c"'], 'a="b c"'],
  ["no value", ["a="], "a="],
  ["several cookies", ["a=1", "b=2", "c=3"], "a=1; b=2; c=3"],
  ["a new value", ["a=1", "a=2"], "a=2"],
  ["names that differ in case", ["a=1", "A=2"], "a=1; A=2"],
  ["Max-Age", ["a=1; Max-Age=1000"], "a=1"],
  ["Max-Age=0", ["a=1", "b=2", "a=; Max-Age=0"], "b=2"],
  ["a Max-Age below 0", ["a=1", "a=1; max-age=-1"], ""],
  ["a Max-Age that is no number", ["a=1; Max-Age=soon"], "a=1"],
  ["a Max-Age of many digits", [`a=1; Max-Age=${"9".repeat(400)}`], "a=1"],
  ["an Expires that has passed", ["a=1", `a=1; Expires=${PAST}`], ""],
  [
    "an Expires in the old form",
    ["a=1", "a=1; expires=Thu, 01-Jan-1970 00:00:00 GMT"],
    "",
  ],
  ["an Expires to come", [`a=1; Expires=${FUTURE}`], "a=1"],
  ["an Expires that is no date", ["a=1; Expires=soon"], "a=1"],
  ["Max-Age before Expires", [`a=1; Max-Age=1000; Expires=${PAST}`], "a=1"],
  ["Max-Age after Expires", [`a=1; Expires=${FUTURE}; Max-Age=0`], ""],
  ["no equals sign", ["abc", "a=1"], "a=1"],
  ["no name", ["=b", "a=1"], "a=1"],
  ["an empty text", [";", "; Max-Age=0", "a=1"], "a=1"],
  ["the name __proto__", ["__proto__=x", "a=1"], "__proto__=x; a=1"],
];

for (const [what, set, expected] of COOKIES) {
  Deno.test(`cookieJar() keeps what it should of ${what}`, async () => {
    assertEquals(await shown(...set), expected);
  });
}

Deno.test("cookieJar() keeps the cookies of a failing call, from headers and trailers", async () => {
  class Failing extends FlightServer {
    override getSchema(_: unknown, { responseHeaders, trailers }: CallContext): never {
      for (const cookie of ["a=1", "b=2"]) responseHeaders.append("set-cookie", cookie);
      for (const cookie of ["c=3", "d=4"]) trailers.append("set-cookie", cookie);
      throw new Error("a bug");
    }
    override async *doAction(_: unknown, { headers }: CallContext) {
      yield { body: utf8(headers.get("cookie")!) };
    }
  }
  const middleware = [cookieJar()];
  await using both = await startFlight(new Failing({ port: 0 }), { middleware });
  await assertFlightError(() => both.client.getSchema({}), "INTERNAL");
  assertEquals(await act(both.client, ""), ["a=1; b=2; c=3; d=4"]);
});

Deno.test("cookieJar() leaves the caller's own cookie where it is", async () => {
  const found: string[][] = [];
  const spy: ClientMiddleware = (call, next) => {
    found.push(call.headers.getAll("cookie"));
    return next();
  };
  const middleware = [cookieJar(), spy];
  await using both = await startFlight(new CookieServer(), { middleware });
  await act(both.client, "a=1", { headers: { cookie: "mine=0" } });
  await act(both.client, "", { headers: { cookie: "mine=0" } });
  assertEquals(found, [["mine=0"], ["mine=0", "a=1"]]);
});

Deno.test("parseCookies() finds each value of a name", () => {
  const cookies = cookiesOf('a=1; b="2 3"; a=4', 'a=5;c;d=";e=f=g');
  assertEquals(cookies.getAll("a"), ["1", "4", "5"]);
  assertEquals(cookies.getAll("b"), ["2 3"]);
  assertEquals(cookies.getAll("c"), [""]);
  assertEquals(cookies.getAll("d"), ['"']);
  assertEquals(cookies.getAll("e"), ["f=g"]);
  assertEquals(cookies.getAll("A"), []);
  assertEquals(cookies.getAll("toString"), []);
});
