/** Puts that come in memory that V8 does not count, and are read in every way. */
import { assert, assertEquals } from "@std/assert";
import { Table, tableFromArrays, tableFromIPC } from "apache-arrow";
import { UncountedGarbage, uncountedBytes } from "../../base/uncounted_memory.ts";
import { type FlightServerOptions, TinyClient, TinyServer } from "../../mod.ts";
import { FlightService } from "../../flight/mod.ts";
import { openTable } from "../../files/mod.ts";
import { grpcJs } from "../../grpc_js/mod.ts";
import { HttpDoor } from "../../http/mod.ts";
import { DirectoryStore } from "../../stores/directory/mod.ts";
import { ExpiringStore, MemoryStore, type TableStore } from "../../stores/mod.ts";
import { getTable } from "../../stores/testing/samples.ts";
import { Authority } from "../helpers/certificates.ts";
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
async function getBy(store: TableStore, options: FlightServerOptions, ca?: string) {
  await using server = await new TinyServer({ ...options, store, port: 0 }).listen();
  const tls = ca === undefined ? undefined : { ca };
  await using client = await TinyClient.connect(server.location, { tls });
  return await client.getTable("large");
}

Deno.test("a large put over TCP comes in uncounted memory, and is read in every way", async () => {
  const store = new MemoryStore();
  await using server = await new TinyServer({
    port: 0,
    store,
    http: new HttpDoor({ port: 0 }),
  }).listen();
  await using client = await TinyClient.connect(server.location);
  await client.putTable("large", LARGE);
  assert(await uncounted(store) > ROWS * 8, "the put is in memory that is counted");
  assertIsLarge(await client.getTable("large"));
  await using overHttp = await TinyClient.connect(server.location, { http: true });
  assertIsLarge(await overHttp.getTable("large"));
  const { endpoints } = await client.tableInfo("large");
  const url = endpoints.flatMap(({ locations }) => locations)
    .find(({ uri }) => uri.startsWith("http"))!.uri;
  for (const format of ["arrow", "csv", "ndjson", "parquet"]) {
    const response = await fetch(`${url}${url.includes("?") ? "&" : "?"}as=${format}`);
    await using file = await openTable(response.body!, { as: format });
    const batches = await Array.fromAsync(file.batches());
    assertIsLarge(new Table(batches));
  }
  assertIsLarge(await getBy(store, { transport: grpcJs() }));
  await using authority = await Authority.make();
  const certificates = [await authority.issue("DNS:localhost")];
  assertIsLarge(await getBy(store, { tls: { certificates } }, authority.cert));
  const ipc = await fetch(url);
  assertIsLarge(tableFromIPC(await ipc.bytes()));
});
