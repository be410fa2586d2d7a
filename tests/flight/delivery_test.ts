/** All that a peer has sent comes before the end of a call, however it ends. */
import { assert, assertEquals } from "@std/assert";
import {
  type ActionType,
  type CallContext,
  type FlightClient,
  type FlightData,
  type FlightDataInit,
  FlightError,
  type FlightInfo,
  FlightServer,
  type Init,
  type PutResult,
  type Result,
} from "../../flight/mod.ts";
import { act, startFlight } from "../helpers/flight_calls.ts";
import { assertFlightError, collect, utf8 } from "../helpers/serving.ts";

const COUNT = 50;

/** Gives so many of these, and then fails. */
async function* failingAfter<T>(item: T): AsyncGenerator<T> {
  for (let index = 0; index < COUNT; index++) yield item;
  await Promise.resolve();
  throw new FlightError("ABORTED", "that was all");
}

/** Gives many messages in each of its streams, and then an error. */
class Failing extends FlightServer {
  override doGet(): AsyncGenerator<FlightDataInit> {
    return failingAfter({
      dataHeader: new Uint8Array(8),
      dataBody: new Uint8Array(4000),
    });
  }
  override doPut(): AsyncGenerator<Init<PutResult>> {
    return failingAfter({ appMetadata: utf8("kept") });
  }
  override doExchange(): AsyncGenerator<FlightDataInit> {
    return failingAfter({ appMetadata: utf8("answer") });
  }
  override doAction(): AsyncGenerator<Init<Result>> {
    return failingAfter({ body: utf8("result") });
  }
  override listFlights(): AsyncGenerator<Init<FlightInfo>> {
    return failingAfter({ totalRecords: 1n });
  }
  override listActions(): AsyncGenerator<Init<ActionType>> {
    return failingAfter({ type: "action" });
  }
}

async function* noMessages(): AsyncGenerator<never> {}

const STREAMS: Readonly<
  Record<string, (client: FlightClient) => AsyncIterable<unknown>>
> = {
  DoGet: (client) => client.doGet({}),
  DoPut: (client) => client.doPut(noMessages()),
  DoExchange: (client) => client.doExchange(noMessages()),
  DoAction: (client) => client.doAction({ type: "a" }),
  ListFlights: (client) => client.listFlights(),
  ListActions: (client) => client.listActions(),
};

for (const [method, open] of Object.entries(STREAMS)) {
  Deno.test(`a client reads all that ${method} gave before its error`, async () => {
    await using both = await startFlight(new Failing({ port: 0 }));
    let count = 0;
    await assertFlightError(async () => {
      for await (const _ of open(both.client)) count++;
    }, "ABORTED");
    assertEquals(count, COUNT);
  });
}

Deno.test("what was sent in whole is read in whole, also when the server shuts down", async () => {
  class Slow extends FlightServer {
    override async *doGet(): AsyncGenerator<FlightDataInit> {
      const dataBody = new Uint8Array(100_000);
      for (let index = 0; index < 20; index++) {
        yield { dataHeader: new Uint8Array(8), dataBody };
      }
    }
  }
  await using both = await startFlight(new Slow({ port: 0 }));
  const reads = Array.from({ length: 10 }, () => both.client.doGet({}));
  for (const read of reads) assert(!(await read.next()).done);
  const shutdown = both.server.shutdown();
  for (const read of reads) assertEquals((await collect(read)).length, 19);
  await shutdown;
});

/** Answers with trailers of so many bytes, or waits for its client. */
class Wordy extends FlightServer {
  override async *doAction({ type }: { type: string }, call: CallContext) {
    call.trailers.set("x-words", "a".repeat(Number(type)));
    yield { body: utf8("done") };
  }
  override async *doExchange(messages: AsyncIterable<FlightData>) {
    for await (const { appMetadata } of messages) yield { appMetadata };
  }
}

Deno.test("an answer with headers that are too large fails alone", async () => {
  await using both = await startFlight(new Wordy({ port: 0 }));
  const turns = Array.from({ length: 3 }, () => Promise.withResolvers<void>());
  async function* requests() {
    for (const { promise } of turns) {
      yield { appMetadata: utf8("still here?") };
      await promise;
    }
  }
  const neighbour = both.client.doExchange(requests());
  await neighbour.next();
  // More than many libraries take, and then more than this client takes.
  assertEquals(await act(both.client, `${100_000}`), ["done"]);
  turns[0].resolve();
  assert(!(await neighbour.next()).done);
  await assertFlightError(
    () => act(both.client, `${1_500_000}`),
    "RESOURCE_EXHAUSTED",
  );
  turns[1].resolve();
  assert(!(await neighbour.next()).done);
  turns[2].resolve();
  assertEquals((await collect(neighbour)).length, 0);
  assertEquals(await act(both.client, "1"), ["done"]);
});
