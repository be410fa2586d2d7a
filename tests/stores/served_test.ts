/** Stores behind a server and a client. */
import { assert, assertEquals } from "@std/assert";
import { tableFromArrays } from "apache-arrow";
import { Semaphore } from "../../base/semaphore.ts";
import { FlightError, MemoryStore, TinyClient, TinyServer } from "../../mod.ts";
import { DirectoryStore } from "../../stores/directory/mod.ts";
import { BucketStore } from "../../stores/s3/bucket_store.ts";
import { putSample, sampleTable } from "../../stores/testing/samples.ts";
import { everyTable } from "../helpers/tables/arrow_tables.ts";
import { httpServing } from "../helpers/http_serving.ts";
import { plainColumns } from "../helpers/tables/plain_columns.ts";
import { assertFlightError, collect, serving, utf8 } from "../helpers/serving.ts";
import { MemoryBucket } from "./memory_bucket.ts";

const POINTS = tableFromArrays({ x: [1, 2, 3], y: ["a", "b", null] });
/** Some 3 MB in several batches. */
const LARGE = tableFromArrays({
  x: Float64Array.from({ length: 400_000 }, (_, i) => i),
});
const MANY_BATCHES = { maxMessageBytes: 200_000 };

async function withFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("TinyServer over a DirectoryStore gives back what an earlier one was given", async () => {
  await withFolder(async (folder) => {
    {
      await using both = await serving({ store: await DirectoryStore.open(folder) });
      await both.client.putTable("every type", everyTable());
      await both.client.putTable("large", LARGE, MANY_BATCHES);
      await both.client.putTable("dropped", POINTS);
      await both.client.dropTable("dropped");
    }
    await using both = await httpServing({ store: await DirectoryStore.open(folder) });
    const { client } = both;
    assertEquals(await client.listTables(), ["every type", "large"]);
    assertEquals(
      plainColumns(await client.getTable("every type")),
      plainColumns(everyTable()),
    );
    assertEquals((await client.getTable("large")).numRows, LARGE.numRows);
    const response = await fetch(both.urlOf("large"));
    const { bytes, rows } = await client.tableInfo("large");
    assertEquals((await response.bytes()).length, bytes);
    assertEquals(rows, LARGE.numRows);
  });
});

Deno.test("A reader that leaves early leaves no file open", async () => {
  await withFolder(async (folder) => {
    await using both = await httpServing({ store: await DirectoryStore.open(folder) });
    await both.client.putTable("large", LARGE, MANY_BATCHES);
    for await (const _ of both.client.flight.doGet({ ticket: utf8("large") })) break;
    for await (const _ of both.client.readTable("large")) break;
    const response = await fetch(both.urlOf("large"));
    await response.body?.cancel();
    await fetch(both.urlOf("large"), { method: "HEAD" });
    await both.client.tableInfo("large");
  });
});

Deno.test("HTTP tells a put of a new table from one that replaces", async () => {
  await using both = await httpServing();
  await both.client.putTable("points", POINTS);
  const body = await (await fetch(both.urlOf("points"))).bytes();
  for (const [name, status] of [["points", 200], ["new", 201], ["new", 200]]) {
    const response = await fetch(both.urlOf(`${name}`), { method: "PUT", body });
    await response.body?.cancel();
    assertEquals(response.status, status);
  }
});

/** A memory store whose tables are gone so many times before they can be read. */
class GoneStore extends MemoryStore {
  gone = 0;

  override async get(name: string) {
    const table = await super.get(name);
    if (table === undefined || this.gone-- <= 0) return table;
    return {
      ...table,
      // deno-lint-ignore require-yield -- it is gone before its first message
      messages: async function* () {
        await Promise.reject(new FlightError("ABORTED", "it was replaced"));
      },
    };
  }
}

Deno.test("A get begins anew when its version has gone before it was read", async () => {
  const store = new GoneStore();
  await using both = await httpServing({ store });
  await both.client.putTable("points", POINTS);
  for (const http of [false, true]) {
    await using client = await TinyClient.connect(both.server.location, { http });
    store.gone = 3;
    assertEquals((await client.getTable("points")).numRows, 3);
  }
  store.gone = 1000;
  const read = collect(both.client.flight.doGet({ ticket: utf8("points") }));
  await assertFlightError(() => read, "ABORTED");
});

/** A server over a bucket whose objects are had over HTTP, and a client of it. */
async function bucketServing({ pieceBytes = Infinity } = {}) {
  const bucket = new MemoryBucket();
  const fetched: string[] = [];
  const http = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    (request) => {
      const { pathname, searchParams } = new URL(request.url);
      const key = decodeURIComponent(pathname.slice(1));
      fetched.push(key);
      const object = bucket.objects.get(key);
      if (object === undefined || searchParams.get("seconds") !== "60") {
        return new Response(null, { status: 404 });
      }
      return new Response(object.bytes.slice());
    },
  );
  bucket.url = `http://127.0.0.1:${http.addr.port}`;
  const limits = {
    partBytes: 100_000,
    maxParts: 3,
    turns: new Semaphore(4),
    pieceBytes,
    maxIdleTime: 20_000,
    signedFor: 60_000,
  };
  const store = new BucketStore(bucket, "p/", limits, () => {});
  const both = await serving({ store });
  return {
    ...both,
    bucket,
    store,
    fetched,
    async [Symbol.asyncDispose]() {
      await both[Symbol.asyncDispose]();
      await http.shutdown();
    },
  };
}

const descriptorOf = (name: string) => ({ type: "CMD", cmd: utf8(name) }) as const;

Deno.test("A FlightInfo names a URL in the store after the server, and until when", async () => {
  await using both = await bucketServing();
  const { client, server, bucket } = both;
  await client.putTable("points", POINTS);
  const info = await client.flight.getFlightInfo(descriptorOf("points"));
  const [{ location, expirationTime }] = info.endpoint;
  assertEquals(location.map(({ uri }) => uri), [
    server.location,
    `${bucket.url}/p/points.arrows?seconds=60`,
  ]);
  const left = Number(expirationTime?.seconds) - Date.now() / 1000;
  assert(left > 50 && left <= 60, `${left}`);
  const [listed] = await collect(client.flight.listFlights());
  assertEquals(listed.endpoint[0].location.length, 1);
  assertEquals(listed.endpoint[0].expirationTime, undefined);
});

Deno.test("RenewFlightEndpoint gives an endpoint with URLs that expire later", async () => {
  await using both = await bucketServing({ pieceBytes: 1_000_000 });
  const { client } = both;
  await client.putTable("points", POINTS);
  await client.putTable("large", LARGE, MANY_BATCHES);
  const actions = await collect(client.flight.listActions());
  assert(actions.some(({ type }) => type === "RenewFlightEndpoint"));
  for (const name of ["points", "large"]) {
    const { endpoint } = await client.flight.getFlightInfo(descriptorOf(name));
    for (const old of endpoint) {
      // A later time needs a clock that has gone on.
      const asked = Date.now();
      while (Date.now() === asked) {
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      const renewed = await client.flight.renewFlightEndpoint(old);
      assertEquals([renewed.ticket, renewed.location], [old.ticket, old.location]);
      const [before, after] = [old, renewed].map(({ expirationTime: time }) =>
        Number(time!.seconds) * 1e9 + time!.nanos
      );
      assert(after > before);
    }
    await client.dropTable(name);
  }
  const gone = { ticket: { ticket: utf8("points") }, location: [] };
  await assertFlightError(() => client.flight.renewFlightEndpoint(gone), "NOT_FOUND");
});

Deno.test("RenewFlightEndpoint is not offered where no URL expires", async () => {
  await using both = await httpServing();
  await both.client.putTable("points", POINTS);
  const { flight } = both.client;
  const actions = await collect(flight.listActions());
  assert(actions.every(({ type }) => type !== "RenewFlightEndpoint"));
  const { endpoint } = await flight.getFlightInfo(descriptorOf("points"));
  await assertFlightError(
    () => flight.renewFlightEndpoint(endpoint[0]),
    "UNIMPLEMENTED",
  );
});

Deno.test("TinyClient reads a table straight from the store, and else from the server", async () => {
  await using both = await bucketServing();
  const { client, fetched, records, bucket } = both;
  for (const [name, table] of Object.entries({ points: POINTS, large: LARGE })) {
    await client.putTable(name, table, MANY_BATCHES);
    records.length = fetched.length = 0;
    const found = await client.getTable(name);
    assertEquals(plainColumns(found), plainColumns(table));
    assertEquals(fetched, [`p/${name}.arrows`]);
    assertEquals(records.map(({ method }) => method), ["GetFlightInfo"]);
  }
  bucket.url += "/nowhere";
  records.length = 0;
  assertEquals((await client.getTable("points")).numRows, 3);
  assertEquals(records.map(({ method }) => method), ["GetFlightInfo", "DoGet"]);
});

Deno.test("TinyClient reads a table in pieces as one, straight from the store", async () => {
  await using both = await bucketServing({ pieceBytes: 500_000 });
  const { client, fetched, records } = both;
  await client.putTable("large", LARGE, MANY_BATCHES);
  const info = await client.flight.getFlightInfo(descriptorOf("large"));
  const pieces = info.endpoint.length;
  assert(pieces > 5 && info.ordered, `${pieces}`);
  assertEquals(info.totalRecords, BigInt(LARGE.numRows));
  records.length = 0;
  assertEquals(plainColumns(await client.getTable("large")), plainColumns(LARGE));
  assertEquals([new Set(fetched).size, fetched.length], [pieces, pieces]);
  assertEquals(records.map(({ method }) => method), ["GetFlightInfo"]);
  for await (const _ of client.readTable("large")) break;
});

Deno.test("TinyClient reads pieces from the server when it cannot reach the store", async () => {
  await using both = await bucketServing({ pieceBytes: 500_000 });
  const { client, bucket, records } = both;
  await client.putTable("large", LARGE, MANY_BATCHES);
  bucket.url += "/nowhere";
  records.length = 0;
  assertEquals(plainColumns(await client.getTable("large")), plainColumns(LARGE));
  const gets = records.filter(({ method }) => method === "DoGet");
  assert(gets.length > 5 && gets.every(({ error }) => error === undefined));
});

Deno.test("A ticket of a piece gets this piece, and a table's name all of it", async () => {
  await using both = await bucketServing({ pieceBytes: 500_000 });
  const { client } = both;
  await client.putTable("large", LARGE, MANY_BATCHES);
  const { endpoint } = await client.flight.getFlightInfo(descriptorOf("large"));
  const rowsOf = async (ticket: Uint8Array) => {
    const messages = await collect(client.flight.doGet({ ticket }));
    return messages.reduce((sum, { dataBody }) => sum + dataBody.length / 8, 0);
  };
  const rows = await Promise.all(endpoint.map(({ ticket }) => rowsOf(ticket!.ticket)));
  assertEquals(rows.reduce((sum, count) => sum + count), LARGE.numRows);
  assertEquals(await rowsOf(utf8("large")), LARGE.numRows);
  await client.putTable("large", POINTS);
  assertEquals(await rowsOf(endpoint[1].ticket!.ticket), rows[1]);
});

Deno.test("A ticket that is none of a table is INVALID_ARGUMENT, of no piece NOT_FOUND", async () => {
  await using both = await bucketServing();
  await putSample(both.store, await sampleTable("t", 1));
  const after = (text: string) => Uint8Array.of(0xff, ...utf8(text));
  for (
    const text of ["", "{", "[]", "null", '{"name":"t"}', '{"name":"","piece":"x"}']
  ) {
    const get = () => collect(both.client.flight.doGet({ ticket: after(text) }));
    await assertFlightError(get, "INVALID_ARGUMENT");
  }
  await using memory = await serving();
  for (const { client } of [both, memory]) {
    const ticket = after('{"name":"t","piece":"../t"}');
    await assertFlightError(
      () => collect(client.flight.doGet({ ticket })),
      "NOT_FOUND",
    );
  }
});

Deno.test("Two servers over one folder give each other's tables at once", async () => {
  await withFolder(async (folder) => {
    await using one = await serving({ store: await DirectoryStore.open(folder) });
    await using other = await serving({ store: await DirectoryStore.open(folder) });
    await one.client.putTable("t", POINTS);
    assertEquals((await other.client.getTable("t")).numRows, 3);
    await other.client.putTable("t", LARGE, MANY_BATCHES);
    assertEquals((await one.client.getTable("t")).numRows, LARGE.numRows);
    await one.client.dropTable("t");
    await assertFlightError(() => other.client.getTable("t"), "NOT_FOUND");
    assert(one.server instanceof TinyServer);
  });
});
