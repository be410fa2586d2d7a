/** Streams that are left early, and the calls beside them. */
import { assert, assertEquals } from "@std/assert";
import {
  type FlightData,
  type FlightDataInit,
  FlightServer,
} from "../../flight/mod.ts";
import { startFlight } from "../helpers/flight_calls.ts";
import { assertFlightError, utf8 } from "../helpers/serving.ts";

const ROUNDS = 20;

/** Has streams without end, of messages of 2 MiB, and exchanges that echo. */
class Endless extends FlightServer {
  override async *doGet(): AsyncGenerator<FlightDataInit> {
    const message = {
      dataHeader: new Uint8Array(8),
      dataBody: new Uint8Array(2 << 20),
    };
    while (true) yield message;
  }
  override async *doExchange(messages: AsyncIterable<FlightData>) {
    for await (const { appMetadata } of messages) yield { appMetadata };
  }
}

Deno.test("FlightClient leaves large streams early, and its other calls go on", async () => {
  await using both = await startFlight(new Endless({ port: 0 }));
  const turns = Array.from({ length: ROUNDS }, () => Promise.withResolvers<void>());
  async function* requests(): AsyncGenerator<FlightDataInit> {
    for (const { promise } of turns) {
      yield { appMetadata: utf8("still here?") };
      await promise;
    }
  }
  let answers = 0;
  for await (const _ of both.client.doExchange(requests())) {
    for await (const _ of both.client.doGet({})) break;
    turns[answers++].resolve();
  }
  assertEquals(answers, ROUNDS);
});

Deno.test("FlightClient leaves streams of tiny messages early, again and again", async () => {
  class Ticking extends FlightServer {
    override async *doAction() {
      while (true) yield { body: new Uint8Array(1) };
    }
  }
  await using both = await startFlight(new Ticking({ port: 0 }));
  for (let round = 0; round < 60; round++) {
    for await (const { body } of both.client.doAction({ type: "endless" })) {
      assertEquals(body.length, 1);
      break;
    }
  }
  await assertFlightError(() => both.client.getFlightInfo({}), "UNIMPLEMENTED");
});

Deno.test("a call beside an endless stream of tiny messages is soon answered", async () => {
  class Ticking extends FlightServer {
    sent = 0;
    override async *doAction() {
      while (true) {
        this.sent++;
        yield { body: new Uint8Array(1) };
      }
    }
  }
  await using both = await startFlight(new Ticking({ port: 0 }));
  const stop = new AbortController();
  const { signal } = stop;
  const reading = (async () => {
    for await (const _ of both.client.doAction({ type: "endless" }, { signal }));
  })().catch(() => {});
  for (let round = 0; round < 5; round++) {
    const before = both.server.sent;
    await assertFlightError(() => both.client.getFlightInfo({}), "UNIMPLEMENTED");
    const meanwhile = both.server.sent - before;
    assert(meanwhile < 100_000, `${meanwhile} messages were sent before the answer`);
  }
  stop.abort();
  await reading;
});
