/** TinyClient reads over HTTP from servers that offer it. */
import { assert, assertEquals } from "@std/assert";
import { tableFromArrays } from "apache-arrow";
import {
  encode,
  type EncodeSource,
  FlightServer,
  type Init,
} from "../../flight/mod.ts";
import type { FlightDescriptor, FlightInfo, Ticket } from "../../flight/mod.ts";
import { TinyClient } from "../../mod.ts";
import { httpServing } from "../helpers/http_serving.ts";
import { assertFlightError, serving, utf8 } from "../helpers/serving.ts";

const POINTS = tableFromArrays({ x: [1, 2, 3], y: ["a", "b", null] });

/** A server that gives three rows over gRPC, and names another location for them. */
class Elsewhere extends FlightServer {
  readonly calls: string[] = [];

  constructor(readonly uri: string) {
    super({ port: 0 });
  }

  override getFlightInfo(_: FlightDescriptor): Init<FlightInfo> {
    this.calls.push("info");
    const location = [{ uri: this.location }, { uri: this.uri }];
    return { endpoint: [{ ticket: { ticket: utf8("t") }, location }] };
  }

  override async *doGet(_: Ticket) {
    this.calls.push("get");
    yield* encode(POINTS as EncodeSource);
  }
}

/** An HTTP server that answers so, and a client of a server that names it. */
async function elsewhere(answer: () => Response) {
  const http = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, answer);
  const server = await new Elsewhere(`http://127.0.0.1:${http.addr.port}/t`).listen();
  const client = await TinyClient.connect(server.location);
  return {
    client,
    server,
    async [Symbol.asyncDispose]() {
      client.close();
      await server.shutdown();
      await http.shutdown();
    },
  };
}

Deno.test("TinyClient reads a table over HTTP where the server offers that", async () => {
  await using both = await httpServing();
  await both.client.putTable("points", POINTS);
  both.records.length = 0;
  assertEquals((await both.client.getTable("points")).toArray(), POINTS.toArray());
  const batches = await Array.fromAsync(both.client.readTable("points"));
  assertEquals(batches.map(({ numRows }) => numRows), [3]);
  const grpcPeers = new Set(
    both.records.filter(({ method }) => method === "GetFlightInfo").map(({ peer }) =>
      peer
    ),
  );
  const gets = both.records.filter(({ method }) => method === "DoGet");
  assertEquals(gets.length, 2);
  assert(gets.every(({ peer }) => !grpcPeers.has(peer)));
});

Deno.test("TinyClient says over HTTP, too, which column is not there", async () => {
  await using both = await httpServing();
  await both.client.putTable("points", POINTS);
  both.records.length = 0;
  const error = await assertFlightError(
    () => both.client.getTable("points", { columns: ["X"] }),
    "INVALID_ARGUMENT",
  );
  assertEquals(
    error.message,
    'Cannot read the column "X": it is not there; perhaps you mean "x"',
  );
  assertEquals((await both.client.getTable("points")).numRows, 3);
  assertEquals(both.records.filter(({ method }) => method === "DoGet").length, 2);
});

Deno.test("TinyClient reads over gRPC when it is told to", async () => {
  await using both = await httpServing();
  await using plain = await TinyClient.connect(both.server.location, { http: false });
  await plain.putTable("points", POINTS);
  both.records.length = 0;
  await plain.getTable("points");
  assertEquals(both.records.map(({ method }) => method), ["DoGet"]);
});

Deno.test("TinyClient asks a server without HTTP only once", async () => {
  await using both = await serving();
  await both.client.putTable("points", POINTS);
  both.records.length = 0;
  await both.client.getTable("points");
  await both.client.getTable("points");
  const methods = both.records.map(({ method }) => method);
  assertEquals(methods, ["GetFlightInfo", "DoGet", "DoGet"]);
});

const unusable: [string, () => Response][] = [
  ["refuses", () => new Response("no", { status: 403 })],
  ["fails", () => new Response("no", { status: 500 })],
  ["gives something else", () => new Response("<html>a page</html>")],
  ["gives nothing", () => new Response(null)],
];
for (const [what, answer] of unusable) {
  Deno.test(`TinyClient reads over gRPC when the HTTP location ${what}`, async () => {
    await using both = await elsewhere(answer);
    assertEquals((await both.client.getTable("t")).numRows, 3);
    assertEquals((await both.client.getTable("t")).numRows, 3);
    assertEquals(both.server.calls, ["info", "get", "get"]);
  });
}

Deno.test("TinyClient reads over gRPC when there is no server at the HTTP location", async () => {
  await using server = await new Elsewhere("http://127.0.0.1:9/t").listen();
  await using client = await TinyClient.connect(server.location);
  assertEquals((await client.getTable("t")).numRows, 3);
});

Deno.test("a body that breaks off after its first message is an error, and no shorter table", async () => {
  await using source = await httpServing();
  await source.client.putTable("t", tableFromArrays({ x: new Float64Array(50_000) }));
  const whole = new Uint8Array(await (await fetch(source.urlOf("t"))).arrayBuffer());
  const cuts: [string, () => Response][] = [
    ["at the end marker", () => new Response(whole.slice(0, -8))],
    ["inside the batch", () => new Response(whole.slice(0, -40))],
    ["by the connection", () => {
      const headers = { "content-length": String(whole.length) };
      const body = new ReadableStream({
        start(controller) {
          controller.enqueue(whole.slice(0, -8));
          controller.close();
        },
      });
      return new Response(body, { headers });
    }],
  ];
  for (const [what, answer] of cuts) {
    await using both = await elsewhere(answer);
    const code = what === "by the connection" ? "UNAVAILABLE" : "INTERNAL";
    await assertFlightError(() => both.client.getTable("t"), code);
    assertEquals(both.server.calls, ["info"], what);
  }
});

Deno.test("a small body that breaks off is read over gRPC, whole", async () => {
  const cut = () => new Response("short", { headers: { "content-length": "100" } });
  await using both = await elsewhere(cut);
  assertEquals((await both.client.getTable("t")).numRows, 3);
});

Deno.test("a read over HTTP ends when it is aborted, too late, or its client closes", async () => {
  const never = () =>
    new Response(new ReadableStream({ pull: () => new Promise<void>(() => {}) }));
  await using both = await elsewhere(never);
  const { client } = both;
  await assertFlightError(
    () => client.getTable("t", { signal: AbortSignal.timeout(50) }),
    "CANCELLED",
  );
  await assertFlightError(
    () => client.getTable("t", { timeout: 50 }),
    "DEADLINE_EXCEEDED",
  );
  const reading = client.getTable("t");
  setTimeout(() => client.close(), 50);
  await assertFlightError(() => reading, "CANCELLED");
});

Deno.test("an absent table is NOT_FOUND over HTTP, too", async () => {
  await using both = await httpServing();
  const error = await assertFlightError(
    () => both.client.getTable("none"),
    "NOT_FOUND",
  );
  assert(error.message.includes('"none"'), error.message);
});

Deno.test("a table's old version is read to its end while a new one is put", async () => {
  await using both = await httpServing();
  const rows = 200_000;
  const version = (value: number) =>
    tableFromArrays({ x: new Float64Array(rows).fill(value) });
  await both.client.putTable("t", version(1), { maxMessageBytes: 100_000 });
  const seen = new Set<number>();
  let count = 0;
  for await (const batch of both.client.readTable("t")) {
    if (count === 0) await both.client.putTable("t", version(2));
    count += batch.numRows;
    for (const value of batch.getChildAt(0)!) seen.add(value);
  }
  assertEquals([count, [...seen]], [rows, [1]]);
});
