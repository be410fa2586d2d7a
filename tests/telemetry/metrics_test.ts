/** Metrics and traces of calls. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { tableFromArrays } from "apache-arrow";
import { HttpDoor } from "../../http/mod.ts";
import { MemoryStore, TinyClient, TinyServer } from "../../mod.ts";
import { Metrics } from "../../telemetry/metrics.ts";
import { assertFlightError } from "../helpers/serving.ts";

const POINTS = tableFromArrays({ x: [1, 2, 3] });

Deno.test("Metrics count calls, bytes and rows, by method and status", async () => {
  const store = new MemoryStore();
  const metrics = new Metrics({ store, version: "1.2.3" });
  const http = new HttpDoor({ port: 0, metrics });
  await using server = await new TinyServer({
    port: 0,
    store,
    http,
    onCall: metrics.onCall,
  }).listen();
  await using client = await TinyClient.connect(server.location, { http: false });
  await client.putTable("secret-name", POINTS);
  await client.getTable("secret-name");
  await client.getTable("secret-name");
  await assertFlightError(() => client.getTable("absent"), "NOT_FOUND");
  const put = await fetch(`${http.location}/tables/b`, {
    method: "PUT",
    body: await (await fetch(`${http.location}/tables/secret-name`)).bytes(),
  });
  const { bytes } = await put.json() as { bytes: number };
  const response = await fetch(`${http.location}/metrics`);
  assertMatch(
    response.headers.get("content-type") ?? "",
    /^text\/plain; version=0\.0\.4/,
  );
  const text = await response.text();
  for (
    const line of [
      'tinyflight_calls_total{method="DoPut",code="OK"} 2',
      'tinyflight_calls_total{method="DoGet",code="OK"} 3',
      'tinyflight_calls_total{method="DoGet",code="NOT_FOUND"} 1',
      'tinyflight_rows_total{method="DoGet"} 9',
      'tinyflight_call_duration_seconds_count{method="DoGet"} 4',
      'tinyflight_info{version="1.2.3"} 1',
      "tinyflight_tables 2",
      `tinyflight_stored_bytes ${2 * bytes}`,
    ]
  ) {
    assert(text.includes(`${line}\n`), `${line} is not in\n${text}`);
  }
  const sent = Number(
    /tinyflight_sent_bytes_total\{method="DoGet"\} (\d+)/.exec(text)?.[1],
  );
  assert(sent > bytes && sent < 5 * bytes, `${sent}`);
  assertEquals(text.includes("secret"), false);
});

Deno.test("Metrics count connections, also those that are refused", async () => {
  const metrics: Metrics = new Metrics({ connections: () => server.connections });
  const server = new TinyServer({
    port: 0,
    maxConnections: 1,
    onRefused: metrics.onRefused,
  });
  assertEquals(server.connections, 0);
  await using _ = await server.listen();
  await using client = await TinyClient.connect(server.location);
  await client.listTables();
  await assertFlightError(
    () => TinyClient.connect(server.location, { timeout: 0 }),
    "UNAVAILABLE",
  );
  const { text } = await metrics.read();
  assert(text.includes("tinyflight_connections 1\n"), text);
  assertMatch(text, /^tinyflight_refused_connections_total [1-9]/m);
  await server.shutdown();
  assertEquals(server.connections, 0);
});

Deno.test("/metrics is not there without the option", async () => {
  const http = new HttpDoor({ port: 0 });
  await using _ = await new TinyServer({ port: 0, http }).listen();
  const response = await fetch(`${http.location}/metrics`);
  await response.body?.cancel();
  assertEquals(response.status, 404);
});
