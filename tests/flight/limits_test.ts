/** What a server takes at most, and how it says so. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { type Table, tableFromArrays, tableToIPC } from "apache-arrow";
import {
  type Action,
  type CallContext,
  encode,
  FlightServer,
  type FlightServerOptions,
} from "../../flight/mod.ts";
import { MemoryStore, type TinyServerOptions } from "../../server.ts";
import { TinyClient, TinyServer } from "../../mod.ts";
import { act, startFlight } from "../helpers/flight_calls.ts";
import { httpServing, jsonOf, putBytes } from "../helpers/http_serving.ts";
import { assertFlightError, serving, utf8 } from "../helpers/serving.ts";
import { reasonOf } from "../helpers/waiting.ts";

const SMALL = tableFromArrays({ x: new Float64Array(10) });
const LARGE = tableFromArrays({ x: new Float64Array(10_000) });
/** What each of the following fails with. */
const CODE = "RESOURCE_EXHAUSTED";

/** A server whose actions wait until they are cancelled. */
class Waiting extends FlightServer {
  constructor(options: FlightServerOptions) {
    super({ port: 0, ...options });
  }

  /** How many actions wait now. */
  waiting = 0;

  override async *doAction(_: Action, { signal }: CallContext) {
    this.waiting++;
    await reasonOf(signal);
    this.waiting--;
    yield {};
  }

  /** Waits until so many actions wait. */
  async until(count: number): Promise<void> {
    while (this.waiting !== count) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
}

const limits: [string, TinyServerOptions, Table, number][] = [
  ["maxTableBytes", { maxTableBytes: 50_000 }, LARGE, 50_000],
  ["maxHeaderBytes", { maxHeaderBytes: 100 }, SMALL, 100],
  ["maxBytes", { store: new MemoryStore({ maxBytes: 50_000 }) }, LARGE, 50_000],
];
for (const [name, options, table, limit] of limits) {
  Deno.test(`a put beyond ${name} is refused with the number, over gRPC and HTTP`, async () => {
    await using both = await httpServing(options);
    const error = await assertFlightError(() => both.client.putTable("t", table), CODE);
    assert(error.message.includes(String(limit)), error.message);
    const response = await putBytes(both.urlOf("t"), tableToIPC(table, "stream"));
    const answer = await jsonOf(response, 413);
    assertEquals((answer as { code: string }).code, CODE);
    assertEquals(await both.client.listTables(), []);
  });
}

Deno.test("a message beyond maxMessageBytes is refused with the number, over both", async () => {
  await using both = await httpServing({ maxMessageBytes: 20_000 });
  await assertFlightError(() => both.client.putTable("t", LARGE), CODE);
  const response = await putBytes(both.urlOf("t"), tableToIPC(LARGE, "stream"));
  const { message } = await jsonOf(response, 413) as { message: string };
  assert(message.includes("exceeds 20000 (maxMessageBytes)"), message);
  await both.client.putTable("t", SMALL);
});

Deno.test("a name beyond maxNameBytes is refused with the number", async () => {
  await using both = await serving({ maxNameBytes: 8 });
  await both.client.putTable("ü".repeat(4), SMALL);
  const long = () => both.client.putTable("ü".repeat(4) + "x", SMALL);
  const error = await assertFlightError(long, CODE);
  assert(
    error.message.includes("9 bytes, more than 8 (maxNameBytes)"),
    error.message,
  );
});

Deno.test("one table more than maxTables is refused, and one that is replaced is not", async () => {
  const store = new MemoryStore({ maxTables: 2 });
  await using both = await serving({ store });
  await both.client.putTable("a", SMALL);
  await both.client.putTable("b", SMALL);
  await assertFlightError(() => both.client.putTable("c", SMALL), CODE);
  await both.client.putTable("a", LARGE);
  await both.client.dropTable("b");
  await both.client.putTable("c", SMALL);
  assertEquals(await both.client.listTables(), ["a", "c"]);
});

Deno.test("maxTables holds when puts end at the same time", async () => {
  await using both = await serving({ store: new MemoryStore({ maxTables: 2 }) });
  const puts = ["a", "b", "c", "d"].map((name) => both.client.putTable(name, SMALL));
  const results = await Promise.allSettled(puts);
  assertEquals(results.filter(({ status }) => status === "fulfilled").length, 2);
  assertEquals((await both.client.listTables()).length, 2);
});

Deno.test("what a store counts comes back with drops, replacements and failed puts", async () => {
  const store = new MemoryStore({ maxBytes: 250_000 });
  await using both = await serving({ store });
  // Each table has 80 kB: two fit, and a third only for as long as it replaces one.
  for (let round = 0; round < 5; round++) {
    await both.client.putTable("a", LARGE);
    await both.client.putTable("b", LARGE);
    await both.client.putTable("b", LARGE);
    const broken = () => {
      async function* batches() {
        yield* LARGE.batches;
        throw new RangeError("no more");
      }
      return both.client.putTable("a", batches());
    };
    await broken().then(
      () => assert(false),
      (error) => assert(error instanceof RangeError),
    );
    await both.client.putTable("c", LARGE);
    await assertFlightError(() => both.client.putTable("d", LARGE), CODE);
    for (const name of ["a", "b", "c"]) await both.client.dropTable(name);
  }
});

Deno.test("the old table stays when there is no room for the new one", async () => {
  await using both = await serving({ store: new MemoryStore({ maxBytes: 100_000 }) });
  await both.client.putTable("t", LARGE);
  await assertFlightError(() => both.client.putTable("t", LARGE), CODE);
  assertEquals((await both.client.getTable("t")).numRows, 10_000);
});

Deno.test("one call more than maxConcurrentCalls is refused, of all connections", async () => {
  await using both = await startFlight(new Waiting({ maxConcurrentCalls: 3 }));
  const stop = new AbortController();
  const calls = Array.from(
    { length: 3 },
    () => act(both.client, "wait", { signal: stop.signal }).catch(() => {}),
  );
  await both.server.until(3);
  const error = await assertFlightError(() => act(both.client, "wait"), CODE);
  assert(error.message.includes("3 are running"), error.message);
  stop.abort();
  await Promise.all(calls);
  await both.server.until(0);
  await assertFlightError(() => both.client.getFlightInfo({}), "UNIMPLEMENTED");
});

Deno.test("a client waits with more calls than maxConnectionCalls", async () => {
  await using both = await startFlight(new Waiting({ maxConnectionCalls: 2 }));
  // The first call brings the server's settings.
  await assertFlightError(() => both.client.getFlightInfo({}), "UNIMPLEMENTED");
  const stops = Array.from({ length: 5 }, () => new AbortController());
  const calls = stops.map(({ signal }) =>
    act(both.client, "wait", { signal }).catch(() => {})
  );
  for (const stop of stops) {
    await both.server.until(Math.min(2, stops.length - stops.indexOf(stop)));
    stop.abort();
  }
  await Promise.all(calls);
});

Deno.test("headers beyond maxCallHeaderBytes are refused, and the connection goes on", async () => {
  await using both = await startFlight(new Waiting({ maxCallHeaderBytes: 4096 }));
  const info = (length: number) =>
    both.client.getFlightInfo({}, { headers: { "x-long": "a".repeat(length) } });
  await assertFlightError(() => info(3000), "UNIMPLEMENTED");
  for (let count = 0; count < 10; count++) {
    const { message } = await assertFlightError(() => info(4096), CODE);
    assert(message.includes("exceed 4096 bytes (maxCallHeaderBytes)"), message);
  }
  await assertFlightError(() => info(50_000), CODE);
  await assertFlightError(() => info(3000), "UNIMPLEMENTED");
});

Deno.test("a put that sends nothing for maxIdleTime is ended, over gRPC and HTTP", async () => {
  await using both = await httpServing({ maxIdleTime: 100 });
  await both.client.putTable("t", SMALL);
  async function* stuck() {
    yield* SMALL.batches;
    await new Promise<void>(() => {});
  }
  const error = await assertFlightError(() => both.client.putTable("t", stuck()), CODE);
  assert(error.message.includes("nothing for 100 ms"), error.message);

  const bytes = tableToIPC(SMALL, "stream").slice(0, -8);
  const body = new ReadableStream({ start: (controller) => controller.enqueue(bytes) });
  const response = await fetch(both.urlOf("t"), { method: "PUT", body });
  assertEquals((await jsonOf(response, 413) as { code: string }).code, CODE);
  assertEquals((await both.client.getTable("t")).numRows, 10);
});

Deno.test("a put that sends a little now and then is not idle, nor is an exchange", async () => {
  class Silent extends Waiting {
    override async *doExchange(messages: AsyncIterable<unknown>) {
      for await (const _ of messages);
      yield* encode(SMALL);
    }
  }
  const pause = () => new Promise((resolve) => setTimeout(resolve, 100));
  async function* slowly() {
    for (let count = 0; count < 5; count++) {
      yield* SMALL.batches;
      await pause();
    }
  }
  await using both = await serving({ maxIdleTime: 400 });
  await both.client.putTable("t", slowly());
  assertEquals((await both.client.getTable("t")).numRows, 50);

  await using other = await startFlight(new Silent({ maxIdleTime: 50 }));
  async function* silence() {
    yield { dataHeader: new Uint8Array(8) };
    await pause();
    await pause();
  }
  assertEquals((await Array.fromAsync(other.client.doExchange(silence()))).length, 2);
});

Deno.test("the more calls run, the less each of them has to hold for its client", async () => {
  const CALLS = 90;
  await using both = await serving();
  const table = tableFromArrays({ x: new Float64Array(4 * 1024 * 1024) });
  await both.client.putTable("t", table);
  const get = () => both.client.flight.doGet({ ticket: utf8("t") });
  const largest = async () =>
    Math.max(...await Array.fromAsync(get(), ({ dataBody }) => dataBody.length));
  const alone = await largest();
  assert(alone > 2e6, `${alone} bytes`);
  const unread = Array.from({ length: CALLS }, get);
  await Promise.all(unread.map((messages) => messages.next()));
  const found = await largest();
  assert(found < 128 * 1024 * 1024 / CALLS, `${found} bytes`);
  await Promise.all(unread.map((messages) => messages.return(undefined)));
});

Deno.test("servers and stores refuse limits that make no sense", () => {
  const wrong: TinyServerOptions[] = [
    { maxConcurrentCalls: 0 },
    { maxConnectionCalls: 1.5 },
    { maxCallHeaderBytes: 10 },
    { maxIdleTime: -1 },
    { maxConnections: 0 },
    { maxArrivingBytes: 0 },
    { maxTableBytes: 0 },
    { maxNameBytes: NaN },
    { maxNameBytes: 16 * 1024 + 1 },
  ];
  for (const options of wrong) assertThrows(() => new TinyServer(options), RangeError);
  assertThrows(() => new MemoryStore({ maxBytes: 0 }), RangeError, "1 or more");
  assertThrows(() => new MemoryStore({ maxTables: NaN }), RangeError, "1 or more");
});

Deno.test("200 clients at once put and get", async () => {
  await using both = await serving();
  await Promise.all(Array.from({ length: 200 }, async (_, index) => {
    await using client = await TinyClient.connect(both.server.location);
    await client.putTable(`table ${index}`, SMALL);
    assertEquals((await client.getTable(`table ${index}`)).numRows, 10);
  }));
  assertEquals((await both.client.listTables()).length, 200);
});

Deno.test("what has come of a body counts, too, and is forgotten when it ends", async () => {
  await using both = await httpServing({ maxArrivingBytes: 1_000_000 });
  const whole = tableToIPC(tableFromArrays({ x: new Float64Array(125_000) }), "stream");
  const part = (bytes: number, signal: AbortSignal) => {
    const start = (controller: ReadableStreamDefaultController) =>
      controller.enqueue(whole.slice(0, bytes));
    const body = new ReadableStream({ start });
    return fetch(both.urlOf("t"), { method: "PUT", body, signal });
  };
  for (let round = 0; round < 3; round++) {
    const stop = new AbortController();
    const parts = [part(700_000, stop.signal), part(700_000, stop.signal)];
    const refused = await jsonOf(await Promise.race(parts), 413);
    const { message } = refused as { message: string };
    assert(message.includes("exceed 1000000 bytes"), message);
    stop.abort();
    await Promise.allSettled(parts);
    // The server hears of that a little later.
    while (both.records.length < 3 * round + 2) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await jsonOf(await putBytes(both.urlOf("t"), whole), round === 0 ? 201 : 200);
  }
});
