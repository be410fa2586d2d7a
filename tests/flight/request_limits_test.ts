/** The limits of single requests, of silence, and of peers; and who can keep them. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import {
  type CallContext,
  FlightClient,
  type FlightDataInit,
  FlightServer,
  type FlightServerOptions,
} from "../../flight/mod.ts";
import { grpcJs } from "../../grpc_js/mod.ts";
import { act, startFlight } from "../helpers/flight_calls.ts";
import { assertFlightError, collect, utf8 } from "../helpers/serving.ts";
import { Peer } from "../soak/peer.ts";
import type { Usage } from "../soak/server.ts";

const MIB = 1024 * 1024;
const CODE = "RESOURCE_EXHAUSTED";

/** Answers an action with the length of its body, or when its client is gone. */
class Lengths extends FlightServer {
  constructor(options: FlightServerOptions = {}) {
    super({ port: 0, onCall: () => {}, ...options });
  }
  override async *doAction(
    { type, body }: { type: string; body: Uint8Array },
    { signal }: CallContext,
  ) {
    if (type === "wait") {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
    }
    yield { body: utf8(`${body.length}`) };
  }
  override async *doGet(): AsyncGenerator<FlightDataInit> {
    const dataBody = new Uint8Array(MIB);
    for (let index = 0; index < 200; index++) {
      yield { dataHeader: new Uint8Array(8), dataBody };
    }
  }
}

async function lengthOf(client: FlightClient, body: Uint8Array): Promise<string> {
  const [result] = await collect(client.doAction({ type: "length", body }));
  return new TextDecoder().decode(result.body);
}

Deno.test("a request beyond maxRequestBytes is refused, and others are not", async () => {
  await using both = await startFlight(new Lengths());
  const large = new Uint8Array(15 * MIB);
  assertEquals(await lengthOf(both.client, large), `${large.length}`);
  const error = await assertFlightError(
    () => lengthOf(both.client, new Uint8Array(17 * MIB)),
    CODE,
  );
  assertStringIncludes(error.message, `${16 * MIB} bytes (maxRequestBytes)`);
  // Messages of a stream have a limit of their own.
  const body = new Uint8Array(17 * MIB);
  const stream = both.client.doPut((async function* () {
    yield { dataBody: body };
  })());
  await assertFlightError(() => collect(stream), "UNIMPLEMENTED");
});

Deno.test("maxRequestBytes can be larger, and is at most maxMessageBytes by default", async () => {
  await using wide = await startFlight(new Lengths({ maxRequestBytes: 32 * MIB }));
  assertEquals(await lengthOf(wide.client, new Uint8Array(17 * MIB)), `${17 * MIB}`);
  await using narrow = await startFlight(new Lengths({ maxMessageBytes: 1000 }));
  const long = () => lengthOf(narrow.client, new Uint8Array(1000));
  assertStringIncludes((await assertFlightError(long, CODE)).message, "1000 bytes");
});

Deno.test("what was taken for requests is free when their calls have ended", async () => {
  await using server = new Peer("server");
  const location = await server.readLine();
  await using client = new FlightClient(location!);
  const usage = async (): Promise<Usage> => {
    await server.writeLine("usage");
    return JSON.parse((await server.readLine())!);
  };
  const ask = () =>
    assertFlightError(
      () => collect(client.doAction({ type: "other", body: new Uint8Array(8 * MIB) })),
      "UNIMPLEMENTED",
    );
  await ask();
  const before = await usage();
  for (let round = 0; round < 10; round++) {
    await Promise.all(Array.from({ length: 10 }, ask));
  }
  const after = await usage();
  assertEquals(after.calls, 0);
  const more = after.bytes - before.bytes;
  assert(more < 16 * MIB, `${more} bytes are kept`);
});

Deno.test("a get that is not read ends after maxStallTime", async () => {
  const ended = Promise.withResolvers<string | undefined>();
  const server = new Lengths({
    maxStallTime: 200,
    onCall: ({ error }) => ended.resolve(error?.message),
  });
  await using both = await startFlight(server);
  const get = both.client.doGet({});
  await get.next();
  assertStringIncludes(`${await ended.promise}`, "nothing for 200 ms (maxStallTime)");
  await get.return(undefined);
});

Deno.test("maxPeerCalls and maxPeerConnections bound what one address has", async () => {
  await using both = await startFlight(
    new Lengths({ hostname: "127.0.0.1", maxPeerCalls: 2 }),
  );
  const stop = new AbortController();
  const { signal } = stop;
  const waiting = [1, 2].map(() =>
    act(both.client, "wait", { signal }).catch(() => {})
  );
  await using other = new FlightClient(both.client.location);
  let refused: string | undefined;
  for (let attempt = 0; refused === undefined && attempt < 1000; attempt++) {
    // The waiting ones may not have come yet.
    await act(other, "").catch((error) => refused = error.message);
  }
  assertStringIncludes(`${refused}`, "(maxPeerCalls)");
  stop.abort();
  await Promise.all(waiting);

  await using narrow = await startFlight(
    new Lengths({ hostname: "127.0.0.1", maxPeerConnections: 1 }),
  );
  await act(narrow.client, "");
  await using second = new FlightClient(narrow.client.location);
  await assertFlightError(
    () => second.waitUntilReady({ timeout: 300 }),
    "UNAVAILABLE",
  );
});

Deno.test("a transport refuses a limit that it cannot keep when it is asked for", async () => {
  const transport = grpcJs();
  await assertRejects(
    () => new FlightServer({ port: 0, transport, maxStallTime: 1000 }).listen(),
    TypeError,
    "maxStallTime",
  );
  // Defaults are kept by a transport that can.
  await using both = await startFlight(new Lengths({ transport }));
  assertEquals(await lengthOf(both.client, new Uint8Array(5)), "5");
  await assertFlightError(
    () => lengthOf(both.client, new Uint8Array(17 * MIB)),
    CODE,
  );
});
