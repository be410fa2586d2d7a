/** The store over a bucket, whose requests fail at the worst moments. */
import { assert, assertEquals } from "@std/assert";
import { FlightError } from "../../mod.ts";
import { Semaphore } from "../../base/semaphore.ts";
import { BucketStore } from "../../stores/s3/bucket_store.ts";
import type { StoreProblem } from "../../stores/table_file/known_files.ts";
import { testStore } from "../../stores/testing/mod.ts";
import {
  assertHas,
  assertMessages,
  assertSameMessages,
  getTable,
  incoming,
  listNames,
  putSample,
  sampleTable,
} from "../../stores/testing/samples.ts";
import { readStream } from "../helpers/tables/arrow_stream.ts";
import { assertFlightError } from "../helpers/serving.ts";
import { MemoryBucket } from "./memory_bucket.ts";

const PREFIX = "p/";
const SMALL = await sampleTable("t", 1);
/** A table of more than one part. */
const LARGE = await sampleTable("t", 2, { batches: 40, rows: 1000 });

/** A store of this bucket, with parts of 20 kB. */
function storeOf(
  bucket: MemoryBucket,
  problems: StoreProblem[] = [],
  pieceBytes = Infinity,
): BucketStore {
  const limits = {
    partBytes: 20_000,
    maxParts: 3,
    pieceBytes,
    turns: new Semaphore(4),
    maxIdleTime: 20_000,
    signedFor: 60_000,
  };
  return new BucketStore(bucket, PREFIX, limits, (problem) => problems.push(problem));
}

/** Fails the first request that begins so. */
function failOnce(request: string): (made: string) => void {
  let isOver = false;
  return (made) => {
    if (isOver || !made.startsWith(request)) return;
    isOver = true;
    throw new FlightError("UNAVAILABLE", `${request} has failed`);
  };
}

testStore(
  () => {
    const bucket = new MemoryBucket();
    return { store: storeOf(bucket), other: storeOf(bucket) };
  },
  (name, run) => Deno.test(`BucketStore: ${name}`, run),
);

Deno.test("BucketStore.put() puts a small table at once, and a large one in parts", async () => {
  const bucket = new MemoryBucket();
  const store = storeOf(bucket);
  await putSample(store, SMALL);
  assertEquals(bucket.requests, ["stat p/t.arrows", "put p/t.arrows"]);
  bucket.requests.length = 0;
  await putSample(store, LARGE);
  const [first, ...rest] = bucket.requests;
  assertEquals([first, ...rest.slice(-2)], [
    "upload p/t.arrows",
    "stat p/t.arrows",
    "complete p/t.arrows",
  ]);
  const size = bucket.objects.get("p/t.arrows")!.bytes.length;
  const parts = rest.filter((request) => request === "part p/t.arrows").length;
  assertEquals(parts, Math.ceil(size / 20_000));
  await assertHas(store, LARGE);
});

Deno.test("BucketStore.put() puts only so many parts at a time, of one table and of all", async () => {
  const bucket = new MemoryBucket();
  const store = storeOf(bucket);
  bucket.before = () => new Promise((resolve) => setTimeout(resolve, 0));
  await putSample(store, LARGE);
  assertEquals(bucket.mostParts, 3);
  const samples = await Promise.all(
    ["a", "b", "c"].map((name) => sampleTable(name, 1, { batches: 40, rows: 1000 })),
  );
  await Promise.all(samples.map((sample) => putSample(store, sample)));
  assertEquals(bucket.mostParts, 4);
  for (const sample of samples) await assertHas(store, sample);
});

Deno.test("BucketStore.put() aborts its upload whatever request has failed", async () => {
  for (const request of ["upload", "part", "stat", "complete"]) {
    const bucket = new MemoryBucket();
    const store = storeOf(bucket);
    await putSample(store, SMALL);
    bucket.before = failOnce(request);
    await assertFlightError(() => putSample(store, LARGE), "UNAVAILABLE");
    assertEquals(bucket.uploads.size, 0, request);
    await assertHas(store, SMALL);
    await putSample(store, LARGE);
    await assertHas(store, LARGE);
  }
});

Deno.test("BucketStore.put() leaves no part behind that was under way when it failed", async () => {
  const bucket = new MemoryBucket();
  const store = storeOf(bucket);
  const failed = Promise.withResolvers<void>();
  let parts = 0;
  bucket.before = async (request) => {
    if (!request.startsWith("part")) return;
    if (++parts < 3) return await failed.promise;
    setTimeout(failed.resolve, 0);
    throw new FlightError("UNAVAILABLE", "no room for this part");
  };
  await assertFlightError(() => putSample(store, LARGE), "UNAVAILABLE");
  assertEquals([parts, bucket.strayParts, bucket.uploads.size], [3, 0, 0]);
});

Deno.test("BucketStore.put() has gone well when only the answer was lost", async () => {
  for (const sample of [SMALL, LARGE]) {
    for (const replaces of [undefined, null]) {
      const bucket = new MemoryBucket();
      const store = storeOf(bucket);
      const request = sample === SMALL ? "put" : "complete";
      bucket.after = failOnce(request);
      const put = await store.put("t", sample.descriptor, incoming(sample), {
        replaces,
      });
      assertEquals(put.revision, (await getTable(store, "t")).revision);
      await assertHas(store, sample);
    }
  }
});

Deno.test("BucketStore.put() tells its own table from another's when a condition fails", async () => {
  const bucket = new MemoryBucket();
  const [store, other] = [storeOf(bucket), storeOf(bucket)];
  bucket.before = async (request) => {
    if (!request.startsWith("put")) return;
    bucket.before = () => {};
    await putSample(other, LARGE);
  };
  const put = store.put("t", SMALL.descriptor, incoming(SMALL), { replaces: null });
  await assertFlightError(() => put, "FAILED_PRECONDITION");
  await assertHas(store, LARGE);
});

Deno.test("BucketStore reads a body on that breaks off again and again", async () => {
  const bucket = new MemoryBucket();
  const store = storeOf(bucket);
  const sample = await sampleTable("t", 1, { batches: 6, rows: 100_000 });
  await putSample(store, sample);
  bucket.breakAfter = 1_000_000;
  await assertMessages(await getTable(store, "t"), sample);
  const streams = bucket.requests.filter((request) => request.startsWith("stream"));
  assertEquals(streams.length, 6);
  bucket.breakAfter = 500_000;
  const table = await getTable(store, "t");
  await assertFlightError(() => assertMessages(table, sample), "UNAVAILABLE");
});

Deno.test("BucketStore.list() reads only the objects that have changed", async () => {
  const bucket = new MemoryBucket();
  const store = storeOf(bucket);
  for (const name of ["a", "b", "c"]) {
    await putSample(store, await sampleTable(name, 1));
  }
  const reads = async () => {
    bucket.requests.length = 0;
    assertEquals(await listNames(store), ["a", "b", "c"]);
    return bucket.requests.filter((request) => request.startsWith("readEnd")).sort();
  };
  assertEquals(
    await reads(),
    ["a", "b", "c"].map((name) => `readEnd p/${name}.arrows`),
  );
  assertEquals(await reads(), []);
  await putSample(storeOf(bucket), await sampleTable("b", 2));
  assertEquals(await reads(), ["readEnd p/b.arrows"]);
});

Deno.test("BucketStore.get() makes one request for a small table, and two for a large one", async () => {
  const bucket = new MemoryBucket();
  const store = storeOf(bucket);
  for (const sample of [SMALL, LARGE]) {
    await putSample(store, sample);
    for (let time = 0; time < 2; time++) {
      bucket.requests.length = 0;
      await assertMessages(await getTable(store, "t"), sample);
      const wanted = ["readEnd p/t.arrows", "stream p/t.arrows"];
      assertEquals(bucket.requests, sample === SMALL ? wanted.slice(0, 1) : wanted);
    }
  }
});

Deno.test("BucketStore.read() wins against a table that is replaced again and again", async () => {
  const bucket = new MemoryBucket();
  const store = storeOf(bucket);
  await putSample(store, LARGE);
  let puts = 0;
  bucket.before = async (request) => {
    if (!request.startsWith("stream") || puts === 3) return;
    puts++;
    const { bytes } = bucket.objects.get("p/t.arrows")!;
    await Promise.resolve();
    bucket.objects.set("p/t.arrows", { bytes, etag: `put ${puts}` });
  };
  bucket.requests.length = 0;
  await using reading = await store.read("t");
  assert(reading !== undefined);
  assertEquals(reading.entry.revision, "put 3");
  assertSameMessages(await Array.fromAsync(reading.messages()), LARGE);
  assertEquals(puts, 3);
  assertEquals(bucket.requests.length, 8);
});

Deno.test("BucketStore.read() begins anew when it was given parts of two versions", async () => {
  const bucket = new MemoryBucket();
  const problems: StoreProblem[] = [];
  const store = storeOf(bucket, problems);
  await putSample(store, LARGE);
  const old = bucket.objects.get("p/t.arrows")!;
  const next = await sampleTable("t", 3, { batches: 40, rows: 1000 });
  await putSample(store, next);
  const { bytes } = bucket.objects.get("p/t.arrows")!;
  // The old bytes with the next version's etag, and then the next version.
  bucket.objects.set("p/t.arrows", { bytes: old.bytes, etag: "next" });
  bucket.before = (request) => {
    if (request.startsWith("stream")) {
      bucket.objects.set("p/t.arrows", { bytes, etag: "next" });
    }
    if (request.startsWith("stat")) {
      bucket.objects.set("p/t.arrows", { bytes, etag: "last" });
    }
  };
  await using reading = await store.read("t");
  assert(reading !== undefined);
  assertSameMessages(await Array.fromAsync(reading.messages()), next);
  assertEquals(problems, []);
});

Deno.test("BucketStore.get() gives no damaged table when it was given parts of two versions", async () => {
  const bucket = new MemoryBucket();
  const problems: StoreProblem[] = [];
  const store = storeOf(bucket, problems);
  const next = await sampleTable("t", 3, { batches: 40, rows: 1000 });
  await putSample(store, next);
  const { bytes } = bucket.objects.get("p/t.arrows")!;
  await putSample(store, LARGE);
  const old = bucket.objects.get("p/t.arrows")!;
  const replaceAt = (kind: string) => {
    bucket.before = (request) => {
      if (request.startsWith(kind)) {
        bucket.objects.set("p/t.arrows", { bytes, etag: "next" });
      }
    };
  };
  // The next version's messages with the etag of the old, which is gone by then.
  const table = await getTable(store, "t");
  bucket.objects.set("p/t.arrows", { bytes, etag: old.etag });
  replaceAt("stat");
  await assertFlightError(() => assertMessages(table, LARGE), "ABORTED");
  // An end that is neither the old version's nor the next one's.
  const cut = old.bytes.subarray(0, 1000);
  bucket.objects.set("p/t.arrows", { bytes: cut, etag: "cut" });
  await assertHas(store, next);
  assertEquals(problems, []);
});

Deno.test("BucketStore.read() gives undefined where there is no table, and what is damaged DATA_LOSS", async () => {
  const bucket = new MemoryBucket();
  const store = storeOf(bucket);
  assertEquals(await store.read("t"), undefined);
  await putSample(store, LARGE);
  const { bytes, etag } = bucket.objects.get("p/t.arrows")!;
  bucket.objects.set("p/t.arrows", { bytes: bytes.fill(7, 5000, 5010), etag });
  await assertFlightError(() => store.read("t"), "DATA_LOSS");
});

Deno.test("BucketStore skips objects that are none of its own, and says so once", async () => {
  const bucket = new MemoryBucket();
  const problems: StoreProblem[] = [];
  const store = storeOf(bucket, problems);
  await putSample(store, SMALL);
  const own = bucket.objects.get("p/t.arrows")!;
  const objects: Record<string, Uint8Array> = {
    "p/foreign.arrows": readStream("numbers"),
    "p/empty.arrows": new Uint8Array(0),
    "p/copy.arrows": own.bytes,
    "p/cut.arrows": own.bytes.subarray(0, 1000),
    "p/README": Uint8Array.of(1),
    "p/deeper/t.arrows": own.bytes,
    "q/t.arrows": own.bytes,
  };
  for (const [key, bytes] of Object.entries(objects)) {
    bucket.objects.set(key, { bytes, etag: `of ${key}` });
  }
  for (let time = 0; time < 2; time++) {
    assertEquals(await listNames(store), ["t"]);
    await assertFlightError(() => store.get("cut"), "DATA_LOSS");
    const paths = problems.map(({ path }) => path).sort();
    assertEquals(
      paths,
      ["copy", "cut", "empty", "foreign"].map((name) => `p/${name}.arrows`),
    );
  }
});

Deno.test("BucketStore gives no wrong table, whichever byte of its object is changed", async () => {
  const bucket = new MemoryBucket();
  await putSample(storeOf(bucket), SMALL);
  const { bytes } = bucket.objects.get("p/t.arrows")!;
  for (let position = 0; position < bytes.length; position += 7) {
    const changed = bytes.slice();
    changed[position] ^= 1 << position % 8;
    bucket.objects.set("p/t.arrows", { bytes: changed, etag: `${position}` });
    const store = storeOf(bucket);
    try {
      await assertMessages(await getTable(store, "t"), SMALL);
    } catch (error) {
      assert(error instanceof FlightError && error.code === "DATA_LOSS", String(error));
    }
  }
});

Deno.test("BucketStore.start() aborts uploads that were left, and no others", async () => {
  const bucket = new MemoryBucket();
  const hours = (count: number) => new Date(Date.now() - count * 60 * 60 * 1000);
  for (
    const [key, begun] of [["p/a", hours(25)], ["p/b", hours(23)], ["q/a", hours(25)]]
  ) {
    bucket.uploads.add({ key: String(key), begun: new Date(begun), parts: [] });
  }
  await storeOf(bucket).start();
  assertEquals([...bucket.uploads].map(({ key }) => key), ["p/b", "q/a"]);
});
