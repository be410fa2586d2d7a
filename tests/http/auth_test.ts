/** Authentication over HTTP. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { tableFromArrays, tableToIPC } from "apache-arrow";
import { dateOf } from "../../flight/protocol/timestamps.ts";
import { HttpDoor, type HttpDoorOptions } from "../../http/mod.ts";
import { basicAuth, FlightError, TinyClient, TinyServer } from "../../mod.ts";
import type { CallRecord, TinyServerOptions } from "../../server.ts";
import { jsonOf, putBytes } from "../helpers/http_serving.ts";
import { base64, Users } from "../helpers/users.ts";

const POINTS = tableFromArrays({ x: [1, 2, 3] });

/** A server for users, with the table `points`, and the client of one of them. */
async function start(
  options: TinyServerOptions = {},
  httpOptions: HttpDoorOptions = {},
) {
  const http = new HttpDoor({ port: 0, ...httpOptions });
  const records: CallRecord[] = [];
  const server = await new TinyServer({
    port: 0,
    auth: new Users(),
    http,
    onCall: (record) => records.push(record),
    ...options,
  }).listen();
  const middleware = [basicAuth("ada", "lovelace")];
  const client = await TinyClient.connect(server.location, { middleware });
  await client.putTable("points", POINTS);
  const endpoint = async () => {
    const descriptor = { type: "PATH", path: ["points"] } as const;
    const [endpoint] = (await client.flight.getFlightInfo(descriptor)).endpoint;
    const [, { uri }] = endpoint.location;
    return { uri, expires: dateOf(endpoint.expirationTime!) };
  };
  return {
    http,
    records,
    client,
    endpoint,
    url: `${http.location}/tables/points`,
    async [Symbol.asyncDispose]() {
      client.close();
      await server.shutdown();
    },
  };
}

async function codeOf(response: Response, status: number): Promise<string> {
  return (await jsonOf(response, status) as { code: string }).code;
}

Deno.test("a server with auth refuses requests without credentials, of every kind", async () => {
  await using both = await start();
  const stream = tableToIPC(POINTS, "stream");
  const requests = [
    () => fetch(both.url),
    () => putBytes(both.url, stream),
    () => fetch(both.url, { method: "DELETE" }),
    () => fetch(`${both.http.location}/tables`),
    () => fetch(both.url, { headers: { authorization: "Bearer wrong" } }),
    () => fetch(both.url, { headers: { authorization: `Basic ${base64("ada:x")}` } }),
  ];
  for (const request of requests) {
    const response = await request();
    assertEquals(response.headers.get("www-authenticate"), "Bearer");
    assertEquals(await codeOf(response, 401), "UNAUTHENTICATED");
  }
  const head = await fetch(both.url, { method: "HEAD" });
  assertEquals(head.status, 401);
  assertEquals(await both.client.listTables(), ["points"]);
});

Deno.test("HttpDoor accepts a name and password, and the token that they gave", async () => {
  await using both = await start();
  const basic = { authorization: `Basic ${base64("ada:lovelace")}` };
  const first = await fetch(`${both.http.location}/tables`, { headers: basic });
  assertEquals((await first.json()).length, 1);
  const authorization = first.headers.get("authorization") ?? "";
  assert(authorization.startsWith("Bearer "), authorization);
  const second = await fetch(both.url, {
    method: "DELETE",
    headers: { authorization },
  });
  assertEquals(second.status, 204);
  assertEquals(both.records.at(-1)?.identity, "ada");
});

Deno.test("HttpDoor accepts the URI of a FlightInfo for its table until it expires", async () => {
  await using both = await start({}, { signedFor: 60_000 });
  const before = Date.now();
  const { uri, expires } = await both.endpoint();
  // The time is told in whole seconds.
  const given = expires.getTime() - 60_000;
  assert(given > before - 1000 && given <= Date.now() + 1000, String(expires));
  const response = await fetch(uri);
  assertEquals(response.status, 200);
  await response.arrayBuffer();
  const { method, subject, identity } = both.records.at(-1)!;
  assertEquals([method, subject, identity], ["DoGet", "points", "ada"]);
  assertEquals((await fetch(uri, { method: "HEAD" })).status, 200);
});

Deno.test("a signature is for reading its table, by whom it was given, in its time", async () => {
  await using both = await start();
  await both.client.putTable("other", POINTS);
  const { uri } = await both.endpoint();
  const changed = [
    uri.replace("/points?", "/other?"),
    uri.replace("identity=ada", "identity=bob"),
    uri.replace(/expires=\d+/, "expires=9999999999"),
    uri.replace(/expires=\d+/, "expires=Infinity"),
    uri.replace(/signature=.{4}/, "signature=AAAA"),
    uri.replace(/signature=.*$/, "signature="),
  ];
  for (const other of changed) {
    assert(other !== uri);
    assertEquals(await codeOf(await fetch(other), 401), "UNAUTHENTICATED");
  }
  const stream = tableToIPC(POINTS, "stream");
  assertEquals(await codeOf(await putBytes(uri, stream), 401), "UNAUTHENTICATED");
  const dropped = await fetch(uri, { method: "DELETE" });
  assertEquals(await codeOf(dropped, 401), "UNAUTHENTICATED");
});

Deno.test("a signature is of no use when it has expired", async () => {
  await using both = await start({}, { signedFor: 1000 });
  const { uri, expires } = await both.endpoint();
  // The clock that counts is the server's, which is this process's.
  const { now } = Date;
  Date.now = () => expires.getTime();
  try {
    const error = await jsonOf(await fetch(uri), 401) as { message: string };
    assert(error.message.includes("or has expired"), error.message);
  } finally {
    Date.now = now;
  }
});

Deno.test("servers with one key accept each other's URIs, others do not", async () => {
  const signingKey = crypto.getRandomValues(new Uint8Array(32));
  await using one = await start({}, { signingKey });
  await using two = await start({}, { signingKey });
  await using three = await start();
  const { uri } = await one.endpoint();
  const at = (other: { url: string }) => fetch(other.url + new URL(uri).search);
  const response = await at(two);
  assertEquals(response.status, 200);
  await response.body?.cancel();
  assertEquals(await codeOf(await at(three), 401), "UNAUTHENTICATED");
});

Deno.test("a TinyClient reads by way of the signed URI, with no more to do", async () => {
  await using both = await start();
  const table = await both.client.getTable("points");
  assertEquals(table.toArray(), POINTS.toArray());
  const record = both.records.findLast(({ method }) => method === "DoGet");
  assert(/^127\.0\.0\.1:|^\[::1\]:/.test(record?.peer ?? ""), record?.peer);
  assertEquals(record?.identity, "ada");
});

Deno.test("a server's middleware wraps calls over HTTP, too", async () => {
  const refused = new FlightError("PERMISSION_DENIED", "Cannot let you in: not today");
  let isOpen = true;
  await using both = await start({
    middleware: [(call, next) => {
      call.responseHeaders.set("x-seen", call.method);
      if (!isOpen) throw refused;
      return next();
    }],
  });
  const { uri } = await both.endpoint();
  const response = await fetch(uri, { method: "HEAD" });
  assertEquals(response.headers.get("x-seen"), "GetFlightInfo");
  isOpen = false;
  const denied = await fetch(uri);
  assertEquals(denied.headers.get("x-seen"), "DoGet");
  assertEquals(await codeOf(denied, 403), "PERMISSION_DENIED");
});

Deno.test("HttpDoor refuses options that make no sense", () => {
  assertThrows(() => new HttpDoor({ port: 70_000 }), RangeError, "port");
  assertThrows(() => new HttpDoor({ signedFor: 10 }), RangeError, "from 1000 to");
  const signingKey = new Uint8Array(16);
  assertThrows(() => new HttpDoor({ signingKey }), RangeError, "32 bytes or more");
  assertThrows(() => new HttpDoor({ advertise: "example.org" }), TypeError, "https://");
});
