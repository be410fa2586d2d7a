/** Servers and clients that are misused, or used at an awkward moment. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { tableFromArrays } from "apache-arrow";
import type { CallContext } from "../../flight/server/call_context.ts";
import { CallHeaders } from "../../rpc/call_headers.ts";
import { FlightClient } from "../../flight/client/flight_client.ts";
import { FlightServer } from "../../flight/server/flight_server.ts";
import { Sessions } from "../../flight/server/sessions.ts";
import { FlightData, SessionOptionValue } from "../../flight/mod.ts";
import type { Action, FlightDescriptor } from "../../proto/messages.ts";
import { assertFlightError, collect, serving } from "../helpers/serving.ts";

/** Answers when it is told to, or when the call is cancelled. */
class Slow extends FlightServer {
  readonly started: PromiseWithResolvers<void> = Promise.withResolvers();
  readonly answer: PromiseWithResolvers<void> = Promise.withResolvers();

  override async getFlightInfo(_descriptor: FlightDescriptor, call: CallContext) {
    this.started.resolve();
    if (call.headers.has("x-slow")) await this.answer.promise;
    return {};
  }

  override async *doAction({ type }: Action) {
    this.started.resolve();
    await this.answer.promise;
    yield { body: new TextEncoder().encode(type) };
  }
}

Deno.test("CallHeaders refuses names that the protocol reserves", () => {
  const headers = new CallHeaders();
  for (const name of ["connection", "TE", "upgrade", "grpc-status", "content-type"]) {
    assertThrows(() => headers.set(name, "x"), TypeError, "the protocol has it");
    assertThrows(() => headers.append(name, "x"), TypeError, "the protocol has it");
  }
});

Deno.test("FlightServer answers a call whose method sets such a header", async () => {
  class Wrong extends FlightServer {
    override getFlightInfo(_descriptor: FlightDescriptor, call: CallContext) {
      call.responseHeaders.set("connection", "close");
      return {};
    }
  }
  await using server = await new Wrong({ port: 0 }).listen();
  await using client = new FlightClient(server.location);
  await assertFlightError(() => client.getFlightInfo({}), "INTERNAL");
});

Deno.test("FlightServer answers a call whose onCall throws, and reports what it throws", async () => {
  const reported: unknown[] = [];
  const onError = (event: ErrorEvent) => {
    event.preventDefault();
    reported.push(event.error);
  };
  addEventListener("error", onError);
  try {
    const onCall = () => {
      throw new RangeError("the log is full");
    };
    await using server = await new Slow({ port: 0, onCall }).listen();
    await using client = new FlightClient(server.location);
    await client.getFlightInfo({});
    assertEquals(reported.map(String), ["RangeError: the log is full"]);
  } finally {
    removeEventListener("error", onError);
  }
});

Deno.test("FlightServer.shutdown() cancels a method that ignores its signal", async () => {
  await using server = await new Slow({ port: 0 }).listen();
  await using client = new FlightClient(server.location);
  const headers = { "x-slow": "1" };
  const refused = assertFlightError(
    () => client.getFlightInfo({}, { headers }),
    "UNAVAILABLE",
  );
  await server.started.promise;
  await server.shutdown({ timeout: 20 });
  await refused;
  server.answer.resolve();
});

Deno.test("FlightServer.listen() listens once, and not after a shutdown", async () => {
  const server = new FlightServer({ port: 0 });
  const first = server.listen();
  await assertRejects(() => server.listen(), Error, "listens already");
  await first;
  await server.shutdown();
  await assertRejects(() => server.listen(), Error, "was shut down before");
  await assertRejects(() => server.serve(), Error, "was shut down before");
});

Deno.test("FlightServer.shutdown() waits for a running listen()", async () => {
  const server = new FlightServer({ port: 0 });
  const listening = server.listen();
  await server.shutdown();
  const { location } = await listening;
  using free = Deno.listen({
    hostname: "127.0.0.1",
    port: Number(new URL(location).port),
  });
  assert(free.addr.port > 0);
});

Deno.test("FlightServer.listen() can be called again after the port was taken", async () => {
  await using first = await new FlightServer({ port: 0 }).listen();
  const port = Number(new URL(first.location).port);
  const second = new FlightServer({ port });
  await assertRejects(() => second.listen(), Error, "in use");
  await first.shutdown();
  await using again = await second.listen();
  assertEquals(again.location, `grpc+tcp://localhost:${port}`);
});

Deno.test("a timeout that is no number is a RangeError, and nothing is called", async () => {
  await using both = await serving();
  for (const timeout of [NaN, -1]) {
    await assertRejects(() => both.client.listTables({ timeout }), RangeError);
    await assertRejects(() => both.client.tableInfo("x", { timeout }), RangeError);
    await assertRejects(
      () => both.client.flight.waitUntilReady({ timeout }),
      RangeError,
    );
    await assertRejects(() => both.server.shutdown({ timeout }), RangeError);
  }
  for (const timeout of [1e15, Infinity]) {
    assertEquals(await both.client.listTables({ timeout }), []);
  }
  assertEquals(both.records.length, 2);
});

Deno.test("a signal and a timeout end a call whose middleware takes its time", async () => {
  await using server = await new FlightServer({ port: 0 }).listen();
  const forever = Promise.withResolvers<void>();
  const middleware = [() => forever.promise];
  await using client = new FlightClient(server.location, { middleware });
  await assertFlightError(
    () => client.getSchema({}, { timeout: 20 }),
    "DEADLINE_EXCEEDED",
  );
  await assertFlightError(
    () => collect(client.listActions({ signal: AbortSignal.timeout(20) })),
    "CANCELLED",
  );
  await assertFlightError(() => client.waitUntilReady({ timeout: 300 }), "UNAVAILABLE");
  forever.resolve();
});

Deno.test("a stream that waits for its first message can be cancelled", async () => {
  await using server = await new Slow({ port: 0 }).listen();
  await using client = new FlightClient(server.location);
  const results = client.doAction({ type: "x" });
  const next = results.next();
  await server.started.promise;
  await results.return(undefined);
  await next.catch(() => {});
  server.answer.resolve();
});

Deno.test("FlightClient.waitUntilReady() takes only a server's answer for an answer", async () => {
  await using server = await new FlightServer({ port: 0 }).listen();
  const middleware = [() => Promise.reject(new Error("the token service is down"))];
  await using client = new FlightClient(server.location, { middleware });
  await assertRejects(() => client.waitUntilReady(), Error, "token service");
});

Deno.test("FlightClient stays closed", async () => {
  await using server = await new FlightServer({ port: 0 }).listen();
  const client = new FlightClient(server.location);
  client.close();
  await assertFlightError(() => client.getSchema({}), "CANCELLED");
  await assertFlightError(() => collect(client.listActions()), "CANCELLED");
  await assertFlightError(() => client.waitUntilReady(), "CANCELLED");
});

Deno.test("TinyClient rejects, and does not throw, for what cannot be a name", async () => {
  await using both = await serving();
  const calls = [
    () => both.client.getTable(""),
    () => both.client.listTables({ prefix: "\ud83d" }),
    () => both.client.putTable("x", null as unknown as []),
    () => both.client.putTable("x", "abc" as unknown as []),
    () => both.client.putTable("x", [1, 2] as unknown as []),
  ];
  for (const call of calls) {
    const promise = call();
    await assertRejects(() => promise, TypeError, "Cannot");
  }
});

Deno.test("TinyServer lists the actions of its sessions", async () => {
  await using both = await serving({ sessions: new Sessions() });
  const types = (await collect(both.client.flight.listActions())).map(({ type }) =>
    type
  );
  assertEquals(types.slice(3), [
    "SetSessionOptions",
    "GetSessionOptions",
    "CloseSession",
  ]);
  await both.client.putTable("x", tableFromArrays({ x: [1] }));
});

Deno.test("FlightData and SessionOptionValue can be stored and read back", () => {
  const data = {
    flightDescriptor: { type: "CMD" as const, cmd: new Uint8Array([1]), path: [] },
    dataHeader: new Uint8Array(0),
    appMetadata: new Uint8Array([2]),
    dataBody: new Uint8Array([3]),
  };
  assertEquals(FlightData.deserialize(FlightData.serialize(data)), data);
  const value = { int64Value: -1n };
  assertEquals(
    SessionOptionValue.deserialize(SessionOptionValue.serialize(value)),
    value,
  );
});
