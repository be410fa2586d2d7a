import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { tableFromArrays, tableFromIPC, tableToIPC } from "apache-arrow";
import { HttpDoor } from "../../http/mod.ts";
import { TinyClient, TinyServer } from "../../mod.ts";
import {
  readStream,
  splitStream,
  streamNames,
} from "../helpers/tables/arrow_stream.ts";
import type { CallRecord } from "../../server.ts";
import {
  type HttpServing,
  httpServing,
  jsonOf,
  putBytes,
} from "../helpers/http_serving.ts";
import { assertFlightError, utf8 } from "../helpers/serving.ts";

const POINTS = tableFromArrays({ x: [1, 2, 3], y: ["a", "b", null] });
const ARROW = "application/vnd.apache.arrow.stream";

Deno.test("GET gives a table as an Arrow IPC stream", async () => {
  await using both = await httpServing();
  await both.client.putTable("points", POINTS);
  const response = await fetch(both.urlOf("points"));
  assertEquals(response.status, 200);
  assertEquals(response.headers.get("content-type"), ARROW);
  assertEquals(response.headers.get("access-control-allow-origin"), null);
  const bytes = new Uint8Array(await response.arrayBuffer());
  assertEquals(response.headers.get("content-length"), String(bytes.length));
  assertEquals(tableFromIPC(bytes).toArray(), POINTS.toArray());
});

Deno.test("GET gives every type of column as it was put", async () => {
  await using both = await httpServing();
  for (const name of streamNames()) {
    const stream = readStream(name);
    const put = await putBytes(both.urlOf(name), stream);
    const { rows, bytes } = await jsonOf(put, 201) as { rows: number; bytes: number };
    const response = await fetch(both.urlOf(name));
    const body = new Uint8Array(await response.arrayBuffer());
    assertEquals(splitStream(body), splitStream(stream), name);
    assertEquals(body.length, bytes);
    const descriptor = { type: "CMD", cmd: utf8(name) } as const;
    const info = await both.client.flight.getFlightInfo(descriptor);
    assertEquals([info.totalRecords, info.totalBytes], [BigInt(rows), BigInt(bytes)]);
  }
});

Deno.test("HEAD tells a table's size, and has no body", async () => {
  await using both = await httpServing();
  await both.client.putTable("points", POINTS);
  const response = await fetch(both.urlOf("points"), { method: "HEAD" });
  const { bytes } = await both.client.tableInfo("points");
  assertEquals(response.headers.get("content-length"), String(bytes));
  assertEquals(response.headers.get("content-type"), ARROW);
  assertEquals(await response.text(), "");
});

Deno.test("GET of an absent table is 404, with a JSON error and near names", async () => {
  await using both = await httpServing();
  await both.client.putTable("points", POINTS);
  const response = await fetch(both.urlOf("point"));
  assertEquals(response.headers.get("content-type"), "application/json");
  const error = await jsonOf(response, 404) as { code: string; message: string };
  assertEquals(error.code, "NOT_FOUND");
  assert(error.message.includes('perhaps you mean "points"'), error.message);
});

Deno.test("PUT keeps a table, which gRPC gives then, and tells new from replaced", async () => {
  await using both = await httpServing();
  const body = tableToIPC(POINTS, "stream");
  const first = await putBytes(both.urlOf("a/b c"), body);
  const { name, rows } = await jsonOf(first, 201) as { name: string; rows: number };
  assertEquals([name, rows], ["a/b c", 3]);
  const second = await putBytes(both.urlOf("a/b c"), body);
  await jsonOf(second, 200);
  assertEquals((await both.client.getTable("a/b c")).toArray(), POINTS.toArray());
  assertEquals(await both.client.listTables(), ["a/b c"]);
});

Deno.test("every name but . and .. has a path", async () => {
  await using both = await httpServing();
  const names = [
    "///",
    "../x",
    "...",
    "a?b#c",
    "100%25",
    "C:\\x",
    "qua\0kes",
    "\uFEFFx",
    "🐚",
  ];
  for (const name of [...names, " ", "a\r\nb", "ü".repeat(8192)]) {
    await both.client.putTable(name, POINTS);
    const { endpoint: [{ location }] } = await both.client.flight.getFlightInfo(
      { type: "CMD", cmd: utf8(name) },
    );
    const response = await fetch(location[1].uri, { method: "HEAD" });
    assertEquals(response.status, 200, JSON.stringify(name));
    assertEquals((await both.client.getTable(name)).numRows, 3);
  }
});

Deno.test("a path names a table also when its slashes are not encoded", async () => {
  await using both = await httpServing();
  await both.client.putTable("a/b", POINTS);
  const response = await fetch(`${both.http.location}/tables/a/b`, { method: "HEAD" });
  assertEquals(response.status, 200);
});

Deno.test("DELETE forgets a table, and is 404 for one that is not there", async () => {
  await using both = await httpServing();
  await both.client.putTable("points", POINTS);
  const response = await fetch(both.urlOf("points"), { method: "DELETE" });
  assertEquals([response.status, await response.text()], [204, ""]);
  assertEquals(await both.client.listTables(), []);
  await jsonOf(await fetch(both.urlOf("points"), { method: "DELETE" }), 404);
});

Deno.test("GET /tables lists the tables", async () => {
  await using both = await httpServing();
  await both.client.putTable("b", POINTS);
  await both.client.putTable("a", POINTS);
  const { bytes } = await both.client.tableInfo("a");
  const tables = await jsonOf(await fetch(`${both.http.location}/tables`), 200);
  assertEquals(tables, [{ name: "a", rows: 3, bytes }, { name: "b", rows: 3, bytes }]);
});

const refused: [string, (stream: Uint8Array) => Uint8Array | undefined, string][] = [
  ["without a body", () => undefined, "is empty"],
  ["of garbage", () => new Uint8Array(100).fill(7), "Cannot"],
  ["cut inside of a message", (stream) => stream.slice(0, -20), "was cut off"],
  [
    "cut between two messages",
    (stream) => stream.slice(0, -8),
    "before its end marker",
  ],
  [
    "of two streams",
    (stream) => new Uint8Array([...stream, ...stream]),
    "more bytes follow",
  ],
  ["with one changed byte", (stream) => stream.with(20, 255), "Cannot"],
  ["in the file format", () => tableToIPC(POINTS, "file"), "Arrow's file format"],
];
for (const [what, change, reason] of refused) {
  Deno.test(`PUT of a body ${what} is 400, and the old table stays`, async () => {
    await using both = await httpServing();
    await both.client.putTable("points", POINTS);
    const body = change(tableToIPC(POINTS.slice(0, 1), "stream"));
    const put = await putBytes(both.urlOf("points"), body);
    const error = await jsonOf(put, 400) as { code: string; message: string };
    assertEquals(error.code, "INVALID_ARGUMENT");
    assert(error.message.includes(reason), error.message);
    assertEquals((await both.client.getTable("points")).numRows, 3);
  });
}

/** A server over gRPC and HTTP, and the record of its first failed call. */
async function untilFailure(): Promise<
  { both: HttpServing; failed: Promise<CallRecord> }
> {
  const { promise, resolve } = Promise.withResolvers<CallRecord>();
  const onCall = (record: CallRecord) => {
    if (record.error !== undefined) resolve(record);
  };
  return { both: await httpServing({ onCall }), failed: promise };
}

Deno.test("a PUT whose client goes away leaves the old table", async () => {
  const { both, failed } = await untilFailure();
  await using _ = both;
  await both.client.putTable("points", POINTS);
  const { hostname, port, pathname } = new URL(both.urlOf("points"));
  const stream = tableToIPC(POINTS.slice(0, 1), "stream");
  using conn = await Deno.connect({ hostname, port: Number(port) });
  const head =
    `PUT ${pathname} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${stream.length}\r\n\r\n`;
  await conn.write(new TextEncoder().encode(head));
  await conn.write(stream.subarray(0, -8));
  await conn.closeWrite();
  const { method, error } = await failed;
  assertEquals([method, error?.code], ["DoPut", "CANCELLED"]);
  assertEquals((await both.client.getTable("points")).numRows, 3);
});

Deno.test("a GET whose client leaves early ends, and the server goes on", async () => {
  const { both, failed } = await untilFailure();
  await using _ = both;
  await both.client.putTable("large", tableFromArrays({ x: new Float64Array(4e6) }));
  const response = await fetch(both.urlOf("large"));
  const reader = response.body!.getReader();
  await reader.read();
  await reader.cancel();
  const { method, error } = await failed;
  assertEquals([method, error?.code], ["DoGet", "CANCELLED"]);
  assertEquals(await both.client.listTables(), ["large"]);
});

Deno.test("other paths are 404, other methods 405, with a JSON error", async () => {
  await using both = await httpServing();
  const path = await fetch(`${both.http.location}/nothing`);
  const error = await jsonOf(path, 404) as { message: string };
  assert(error.message.includes("/tables/NAME"), error.message);
  const method = await fetch(both.urlOf("x"), { method: "POST", body: "x" });
  assertEquals(method.headers.get("allow"), "GET, HEAD, PUT, DELETE");
  await jsonOf(method, 405);
});

Deno.test("a path whose name cannot be one is 400, and 414 when it is too long", async () => {
  await using both = await httpServing();
  const codeAt = async (path: string, status: number) => {
    const response = await fetch(`${both.http.location}/tables/${path}`);
    return (await jsonOf(response, status) as { code: string }).code;
  };
  assertEquals(await codeAt("%ff", 400), "INVALID_ARGUMENT");
  assertEquals(await codeAt("a".repeat(20_000), 414), "RESOURCE_EXHAUSTED");
});

Deno.test("a body that HTTP has compressed is refused, and says so", async () => {
  await using both = await httpServing();
  const headers = { "content-encoding": "gzip" };
  const body = new Uint8Array([31, 139, 8, 0]);
  const response = await fetch(both.urlOf("t"), { method: "PUT", headers, body });
  const { message } = await jsonOf(response, 400) as { message: string };
  assert(message.includes("the content encoding gzip"), message);
});

Deno.test("a put that is one call too many is 429, not too large", async () => {
  const begun = Promise.withResolvers<void>();
  await using both = await httpServing({
    maxConcurrentCalls: 1,
    middleware: [(call, next) => {
      if (call.method === "DoPut") begun.resolve();
      return next();
    }],
  });
  const stop = new AbortController();
  const waiting = fetch(both.urlOf("t"), {
    method: "PUT",
    body: new ReadableStream(),
    signal: stop.signal,
  }).catch(() => {});
  await begun.promise;
  const response = await fetch(both.urlOf("t"), { method: "PUT", body: "none" });
  await response.body?.cancel();
  assertEquals(response.status, 429);
  stop.abort();
  await waiting;
});

Deno.test("the option cors admits pages of these origins", async () => {
  await using both = await httpServing({}, { cors: ["https://example.org"] });
  await both.client.putTable("points", POINTS);
  const ask = async (origin: string) => {
    const response = await fetch(both.urlOf("points"), { headers: { origin } });
    await response.body?.cancel();
    return response.headers.get("access-control-allow-origin");
  };
  assertEquals(await ask("https://example.org"), "https://example.org");
  assertEquals(await ask("https://example.com"), null);
  const preflight = await fetch(both.urlOf("points"), {
    method: "OPTIONS",
    headers: {
      "origin": "https://example.org",
      "access-control-request-method": "PUT",
    },
  });
  assertEquals(preflight.status, 204);
  const { headers } = preflight;
  assertEquals(headers.get("access-control-allow-origin"), "https://example.org");
  assertEquals(headers.get("access-control-allow-methods"), "GET, HEAD, PUT, DELETE");
});

Deno.test('the option cors "*" admits all pages', async () => {
  await using both = await httpServing({}, { cors: "*" });
  const response = await fetch(`${both.http.location}/tables`);
  assertEquals(await response.json(), []);
  assertEquals(response.headers.get("access-control-allow-origin"), "*");
});

Deno.test("requests are logged as the methods that they mean", async () => {
  await using both = await httpServing();
  const body = tableToIPC(POINTS, "stream");
  await (await putBytes(both.urlOf("t"), body)).body?.cancel();
  await (await fetch(both.urlOf("t"))).arrayBuffer();
  await (await fetch(both.urlOf("t"), { method: "HEAD" })).body?.cancel();
  await fetch(both.urlOf("t"), { method: "DELETE" });
  await (await fetch(both.urlOf("t"))).body?.cancel();
  assertEquals(
    both.records.map(({ method, subject, error }) => [method, subject, error?.code]),
    [
      ["DoPut", "t", undefined],
      ["DoGet", "t", undefined],
      ["GetFlightInfo", "t", undefined],
      ["DoAction", "drop_table t", undefined],
      ["DoGet", "t", "NOT_FOUND"],
    ],
  );
});

Deno.test("shutdown() lets a GET end that is being read", async () => {
  const both = await httpServing();
  await both.client.putTable("large", tableFromArrays({ x: new Float64Array(4e6) }));
  const response = await fetch(both.urlOf("large"));
  const [bytes] = await Promise.all([response.arrayBuffer(), both.server.shutdown()]);
  assert(bytes.byteLength > 32e6);
  both.client.close();
});

Deno.test("shutdown() breaks off a GET that is not read, and its client sees an error", async () => {
  const { both, failed } = await untilFailure();
  await both.client.putTable("large", tableFromArrays({ x: new Float64Array(4e6) }));
  const response = await fetch(both.urlOf("large"));
  await both.server.shutdown({ timeout: 100 });
  await assertRejects(() => response.arrayBuffer());
  assertEquals((await failed).error?.code, "UNAVAILABLE");
  both.client.close();
});

Deno.test("a server whose HTTP port is taken does not listen at all", async () => {
  await using both = await httpServing();
  const port = Number(new URL(both.http.location).port);
  const server = new TinyServer({ port: 0, http: new HttpDoor({ port }) });
  await assertRejects(() => server.listen(), Error, "the port is in use");
  assertThrows(() => server.location, Error, "does not listen yet");
});

Deno.test("FlightInfo lists the HTTP URI after the server's own location", async () => {
  await using both = await httpServing();
  await both.client.putTable("a/b", POINTS);
  const info = await both.client.flight.getFlightInfo({
    type: "PATH",
    path: ["a/b"],
  });
  const [{ location, expirationTime }] = info.endpoint;
  assertEquals(location.map(({ uri }) => uri), [
    both.server.location,
    both.urlOf("a/b"),
  ]);
  assertEquals(expirationTime, undefined);
  await assertFlightError(() => both.client.tableInfo("c"), "NOT_FOUND");
});

Deno.test("HttpDoor advertises another URL, and none for a name that no path has", async () => {
  await using both = await httpServing({}, { advertise: "https://example.org/arrow/" });
  await both.client.putTable("x y", POINTS);
  await both.client.putTable("..", POINTS);
  const uris: string[] = [];
  for await (const { endpoint } of both.client.flight.listFlights()) {
    uris.push(...endpoint[0].location.map(({ uri }) => uri));
  }
  assertEquals(uris, [
    both.server.location,
    both.server.location,
    "https://example.org/arrow/tables/x%20y",
  ]);
  await using plain = await TinyClient.connect(both.server.location, { http: false });
  assertEquals((await plain.getTable("..")).numRows, 3);
});
