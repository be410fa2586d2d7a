/** Hostile requests to an HttpDoor, and hostile answers to its clients. */
import { assertEquals, assertThrows } from "@std/assert";
import { tableFromArrays, tableToIPC } from "apache-arrow";
import { readHttp } from "../../flight/client/read_http.ts";
import {
  encode,
  type EncodeSource,
  FlightError,
  type FlightErrorCode,
  type FlightInfo,
  FlightServer,
  type Init,
  type ServerMiddleware,
} from "../../flight/mod.ts";
import { HttpDoor } from "../../http/mod.ts";
import { MemoryStore } from "../../server.ts";
import { TinyClient } from "../../mod.ts";
import { httpServing, jsonOf, putBytes } from "../helpers/http_serving.ts";
import { assertFlightError, collect, utf8 } from "../helpers/serving.ts";
import { reasonOf } from "../helpers/waiting.ts";

const POINTS = tableFromArrays({ x: [1, 2, 3], y: ["a", "b", null] });
const POINT = POINTS.slice(0, 1);
const STREAM = tableToIPC(POINT, "stream");

/** Sends this request over a connection of its own, and gives the answer's first line. */
async function ask(
  location: string,
  head: readonly string[],
  body: Uint8Array = new Uint8Array(0),
): Promise<string> {
  const { hostname, port } = new URL(location);
  using conn = await Deno.connect({ hostname, port: Number(port) });
  await conn.write(new Uint8Array([...utf8([...head, "", ""].join("\r\n")), ...body]));
  const bytes = new Uint8Array(1000);
  const length = await conn.read(bytes) ?? 0;
  return new TextDecoder().decode(bytes.subarray(0, length)).split("\r\n")[0];
}

Deno.test("a PUT that falls silent after its end marker leaves the old table", async () => {
  await using both = await httpServing({ maxIdleTime: 40 });
  await both.client.putTable("points", POINTS);
  const line = await ask(both.http.location, [
    "PUT /tables/points HTTP/1.1",
    "Host: localhost",
    `Content-Length: ${STREAM.length + 1}`,
  ], STREAM);
  assertEquals(line, "HTTP/1.1 413 Payload Too Large");
  assertEquals((await both.client.getTable("points")).numRows, 3);
});

for (const method of ["PUT", "DELETE"]) {
  Deno.test(`a ${method} that was cancelled before its turn does nothing`, async () => {
    const arrived = Promise.withResolvers<void>();
    let isSlow = false;
    const slow: ServerMiddleware = async ({ signal }, next) => {
      if (isSlow) {
        arrived.resolve();
        await reasonOf(signal);
      }
      await next();
    };
    const store = new MemoryStore();
    await using both = await httpServing({ middleware: [slow], store });
    await both.client.putTable("points", POINTS);
    isSlow = true;
    const body = method === "PUT" ? new Uint8Array(STREAM) : undefined;
    const answering = fetch(both.urlOf("points"), { method, body });
    await arrived.promise;
    await both.server.shutdown({ timeout: 0 });
    const { code } = await jsonOf(await answering, 503) as { code: string };
    assertEquals(code, "UNAVAILABLE");
    assertEquals((await store.get("points"))?.rows, 3);
  });
}

Deno.test("shutdown() lets an answer go out that is given while it waits", async () => {
  const arrived = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const slow: ServerMiddleware = async (call, next) => {
    if (call.method === "ListFlights") {
      arrived.resolve();
      await goOn.promise;
    }
    await next();
  };
  await using both = await httpServing({ middleware: [slow] });
  const answering = fetch(`${both.http.location}/tables`);
  await arrived.promise;
  const stopping = both.server.shutdown();
  setTimeout(goOn.resolve, 10);
  assertEquals(await jsonOf(await answering, 200), []);
  await stopping;
});

Deno.test("a request for a host that cannot be is 400", async () => {
  await using both = await httpServing();
  for (const host of ["a b", "a:99999999", "[::"]) {
    const head = ["GET /tables HTTP/1.1", `Host: ${host}`];
    assertEquals(await ask(both.http.location, head), "HTTP/1.1 400 Bad Request", host);
  }
});

Deno.test("what middleware does after next() is in the answer", async () => {
  const after: ServerMiddleware = async (call, next) => {
    await next();
    if (call.subject === "refused") {
      throw new FlightError("PERMISSION_DENIED", "after all");
    }
    call.responseHeaders.set("x-after", "1");
  };
  await using both = await httpServing({ middleware: [after] });
  const put = await putBytes(both.urlOf("points"), STREAM);
  const get = await fetch(both.urlOf("points"));
  for (const response of [put, get]) {
    assertEquals(response.headers.get("x-after"), "1");
    await response.body?.cancel();
  }
  await jsonOf(await putBytes(both.urlOf("refused"), STREAM), 403);
});

Deno.test("new HttpDoor() refuses times that no date has, and texts that are not origins", () => {
  assertThrows(() => new HttpDoor({ signedFor: Infinity }), RangeError, "from 1000");
  for (const origin of ["https://example.org/", "example.org", "*", ""]) {
    assertThrows(() => new HttpDoor({ cors: [origin] }), TypeError, "has to look like");
  }
});

const silent: [string, () => Promise<Response>][] = [
  ["does not answer", () => new Promise(() => {})],
  ["answers with headers alone", () =>
    Promise.resolve(
      new Response(new ReadableStream({ pull: () => new Promise<void>(() => {}) })),
    )],
];
for (const [what, answer] of silent) {
  Deno.test(`readHttp() is UNAVAILABLE when the server ${what}`, async () => {
    const stop = new AbortController();
    const { signal } = stop;
    const options = { port: 0, hostname: "127.0.0.1", signal, onListen() {} };
    const server = Deno.serve(options, answer);
    const uri = `http://127.0.0.1:${server.addr.port}/t?signature=secret`;
    const error = await assertFlightError(
      () => collect(readHttp(uri, { startTimeout: 20 })),
      "UNAVAILABLE",
    );
    const place = uri.replace("?signature=secret", "");
    assertEquals(error.message, `Cannot read "${place}": nothing has come for 20 ms`);
    stop.abort();
    await server.finished;
  });
}

/** A server that has a table by its ticket alone. */
class ByTicket extends FlightServer {
  constructor(readonly code: FlightErrorCode) {
    super({ port: 0 });
  }

  override getFlightInfo(): Init<FlightInfo> {
    throw new FlightError(this.code, "no such descriptor");
  }

  override async *doGet() {
    yield* encode(POINTS as EncodeSource);
  }
}

Deno.test("TinyClient.getTable() gets by its ticket what a server knows by no descriptor", async () => {
  for (const code of ["NOT_FOUND", "INVALID_ARGUMENT", "UNKNOWN"] as const) {
    await using server = await new ByTicket(code).listen();
    await using client = await TinyClient.connect(server.location);
    assertEquals((await client.getTable("points")).numRows, 3);
  }
});

Deno.test("a table that is dropped before it is read does not end reading over HTTP", async () => {
  const drop: ServerMiddleware = async (call, next) => {
    await next();
    if (call.method === "GetFlightInfo" && call.subject === "dropped") {
      await store.drop("dropped");
    }
  };
  const store = new MemoryStore();
  await using both = await httpServing({ middleware: [drop], store });
  await both.client.putTable("dropped", POINTS);
  await both.client.putTable("points", POINTS);
  await assertFlightError(() => both.client.getTable("dropped"), "NOT_FOUND");
  both.records.length = 0;
  await both.client.getTable("points");
  const methods = both.records.map(({ method }) => method);
  assertEquals(methods, ["GetFlightInfo", "DoGet"]);
});
