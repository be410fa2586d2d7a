/** Puts that come in memory that V8 does not count, and are read in every way. */
import { assert, assertEquals } from "@std/assert";
import { Table, tableFromArrays, tableFromIPC } from "apache-arrow";
import { uncountedBytes, UncountedGarbage } from "../../base/uncounted_memory.ts";
import { TinyClient, TinyServer, type TinyServerOptions } from "../../mod.ts";
import { readFile } from "../../files/mod.ts";
import { type FlightData, FlightServer } from "../../flight/mod.ts";
import { grpcJs } from "../../grpc_js/mod.ts";
import { ExpiringStore, MemoryStore, type TableStore } from "../../stores/mod.ts";
import { getTable } from "../../stores/testing/samples.ts";
import { MessageMemory } from "../../wire/grpc/message_memory.ts";
import { Authority } from "../helpers/certificates.ts";
import { httpServing } from "../helpers/http_serving.ts";
import { serving } from "../helpers/serving.ts";
import { within } from "../helpers/waiting.ts";

const ROWS = 60_000;
const NAMES = Array.from({ length: ROWS }, (_, row) => `row ${row}`);
const LARGE = tableFromArrays({
  number: Float64Array.from({ length: ROWS }, (_, row) => row / 2),
  name: NAMES,
});

/** How many bytes of the stored table are in memory that is not counted. */
async function uncounted(store: TableStore, name = "large"): Promise<number> {
  let bytes = 0;
  for await (const { header, body } of (await getTable(store, name)).messages()) {
    bytes += uncountedBytes(header) + uncountedBytes(body);
  }
  return bytes;
}

function assertIsLarge(table: Table): void {
  assertEquals(table.numRows, ROWS);
  assertEquals(table.getChild("number")!.get(ROWS - 1), (ROWS - 1) / 2);
  assertEquals(table.getChild("name")!.toArray(), NAMES);
}

/** Gets the table from another server with the same store. */
async function getBy(store: TableStore, options: TinyServerOptions, ca?: string) {
  await using server = await new TinyServer({ ...options, store, port: 0 }).listen();
  const tls = ca === undefined ? undefined : { ca };
  await using client = await TinyClient.connect(server.location, { tls });
  return await client.getTable("large");
}

Deno.test("a large put over TCP comes in uncounted memory, and is read in every way", async () => {
  const store = new MemoryStore();
  await using both = await httpServing({ store });
  const { client, server } = both;
  await client.putTable("large", LARGE);
  assert(await uncounted(store) > ROWS * 8, "the put is in memory that is counted");
  assertIsLarge(await client.getTable("large"));
  await using overHttp = await TinyClient.connect(server.location, { http: true });
  assertIsLarge(await overHttp.getTable("large"));
  const url = both.urlOf("large");
  assertIsLarge(tableFromIPC(await (await fetch(url)).bytes()));
  for (const as of ["arrow", "csv", "ndjson", "parquet"] as const) {
    const { body } = await fetch(`${url}?as=${as}`);
    await using file = await readFile(body!, { format: as });
    assertIsLarge(new Table(await Array.fromAsync(file)));
  }
  assertIsLarge(await getBy(store, { transport: grpcJs() }));
  await using authority = await Authority.make();
  const certificates = [await authority.issue("DNS:localhost")];
  assertIsLarge(await getBy(store, { tls: { certificates } }, authority.cert));
});

/** A service of one's own that notes in which memory its puts come. */
class Noting extends FlightServer {
  uncounted = 0;

  // deno-lint-ignore require-yield -- that the call ends well is all there is to say
  override async *doPut(messages: AsyncIterable<FlightData>) {
    for await (const { dataBody } of messages) {
      this.uncounted += uncountedBytes(dataBody);
    }
  }
}

/** The same, which keeps the memory. */
class Keeping extends Noting {
  override get keepsPuts(): boolean {
    return true;
  }
}

/** A TinyServer that does something else with puts than to store them. */
class Watching extends TinyServer {
  uncounted = 0;

  // deno-lint-ignore require-yield -- that the call ends well is all there is to say
  override async *doPut(messages: AsyncIterable<FlightData>) {
    for await (const { dataBody } of messages) {
      this.uncounted += uncountedBytes(dataBody);
    }
  }
}

Deno.test("a service of one's own gets uncounted memory if it says that it keeps it", async () => {
  const services = [
    [new Noting({ port: 0 }), false],
    [new Watching({ port: 0 }), false],
    [new Keeping({ port: 0 }), true],
  ] as const;
  for (const [service, isKept] of services) {
    await using server = await service.listen();
    await using client = await TinyClient.connect(server.location);
    await client.putTable("large", LARGE);
    assertEquals(service.uncounted > 0, isKept);
  }
});

Deno.test("a store gets uncounted memory if it keeps it, also behind ExpiringStore", async () => {
  class Copying extends MemoryStore {
    override readonly keepsMemory = false;
  }
  const minute = { timeToLive: 60_000 };
  for (const [inner, isKept] of [[new MemoryStore(), true], [new Copying(), false]]) {
    using store = new ExpiringStore(inner as MemoryStore, minute);
    await using both = await serving({ store });
    await both.client.putTable("large", LARGE);
    assertEquals(await uncounted(store) > 0, isKept);
    assertIsLarge(await both.client.getTable("large"));
  }
});

Deno.test("UncountedGarbage has collected what has become garbage", async () => {
  const garbage = new UncountedGarbage();
  let collected = 0;
  const most = Promise.withResolvers<void>();
  const registry = new FinalizationRegistry(() => {
    // V8 may still have one at hand.
    if (++collected === 90) most.resolve();
  });
  let kept: SharedArrayBuffer[] = [];
  for (let index = 0; index < 100; index++) {
    const buffer = new SharedArrayBuffer(1024 * 1024);
    registry.register(buffer, undefined);
    kept.push(buffer);
    // In later turns they are not young any more.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  assertEquals([kept.length, collected], [100, 0]);
  kept = [];
  garbage.add(100 * 1024 * 1024);
  await within(most.promise, "V8 to collect what is garbage");
  // It is in use to here: what it asks with must not be garbage itself.
  garbage.add(0);
});

Deno.test("MessageMemory has collected what nobody says is garbage", async () => {
  const memory = new MessageMemory();
  let collected = 0;
  const registry = new FinalizationRegistry(() => collected++);
  const kept: Uint8Array[] = [];
  const take = () => {
    const bytes = memory.take(2 * 1024 * 1024);
    registry.register(bytes.buffer, undefined);
    kept.push(bytes);
    if (kept.length > 50) kept.shift();
  };
  const some = (async () => {
    while (collected === 0) {
      take();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  })();
  await within(some, "V8 to collect what is garbage");
  assertEquals(memory.take(1000).buffer instanceof ArrayBuffer, true);
});
