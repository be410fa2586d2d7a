/** Tables in several objects. */
import { assert, assertEquals } from "@std/assert";
import { FlightError } from "../../mod.ts";
import { Semaphore } from "../../base/semaphore.ts";
import { BucketStore } from "../../stores/s3/bucket_store.ts";
import { StalePieces } from "../../stores/s3/stale_pieces.ts";
import { testStore } from "../../stores/testing/mod.ts";
import {
  assertHas,
  assertMessages,
  assertSameMessages,
  getTable,
  putSample,
  type Sample,
  sampleTable,
} from "../../stores/testing/samples.ts";
import { assertFlightError } from "../helpers/serving.ts";
import { MemoryBucket } from "./memory_bucket.ts";

/** A store with parts of 20 kB and pieces of 40 kB. */
function storeOf(bucket: MemoryBucket): BucketStore {
  const limits = {
    partBytes: 20_000,
    maxParts: 3,
    turns: new Semaphore(4),
    pieceBytes: 40_000,
    maxIdleTime: 20_000,
    signedFor: 60_000,
  };
  return new BucketStore(bucket, "p/", limits, () => {});
}

function keysOf(bucket: MemoryBucket): string[] {
  const revision = /[0-9a-f-]{36}/;
  return [...bucket.objects.keys()].map((key) => key.replace(revision, "ID")).sort();
}

/** Ten batches of 8 kB. */
const LARGE = await sampleTable("t", 1, { batches: 10, rows: 1000 });

testStore(
  () => {
    const bucket = new MemoryBucket();
    return { store: storeOf(bucket), other: storeOf(bucket) };
  },
  (name, run) => Deno.test(`BucketStore with pieces: ${name}`, run),
);

Deno.test("BucketStore keeps a large table in pieces, and a small one in one object", async () => {
  const bucket = new MemoryBucket();
  const store = storeOf(bucket);
  await putSample(store, await sampleTable("small", 1));
  const { pieces = [], rows } = await putSample(store, LARGE);
  assertEquals(keysOf(bucket), [
    "p/small.arrows",
    "p/t.arrows",
    "p/t.arrows.pieces/ID-0.arrows",
    "p/t.arrows.pieces/ID-1.arrows",
    "p/t.arrows.pieces/ID-2.arrows",
  ]);
  assertEquals(pieces.map(({ rows }) => rows), [4000, 4000, 2000]);
  assertEquals(rows, 10_000);
  assertEquals((await getTable(store, "t")).pieces, pieces);
  assertEquals((await getTable(store, "small")).pieces, undefined);
  for (const { bytes } of pieces) assert(bytes <= 40_000);
});

Deno.test("BucketStore.getPiece() gives each piece as a table of its own", async () => {
  const store = storeOf(new MemoryBucket());
  const { pieces = [] } = await putSample(store, LARGE);
  const [schema, ...batches] = LARGE.messages;
  for (const [index, piece] of pieces.entries()) {
    const table = await store.getPiece("t", piece.id);
    assert(table !== undefined);
    assertEquals([table.rows, table.bytes], [piece.rows, piece.bytes]);
    const own = batches.slice(4 * index, 4 * index + 4);
    await assertMessages(table, { ...LARGE, messages: [schema, ...own] });
  }
});

Deno.test("BucketStore.getPiece() gives nothing for what is no piece of the table", async () => {
  const store = storeOf(new MemoryBucket());
  const { pieces = [], revision } = await putSample(store, LARGE);
  const [{ id }] = pieces;
  const ids = ["", "..", "../t", `${id}/x`, `${id}0`, `${revision}-0`, `x${id}`, "\0"];
  for (const other of ids) {
    assertEquals(await store.getPiece("t", other), undefined, other);
  }
  assertEquals(await store.getPiece("u", id), undefined);
});

Deno.test("BucketStore parts no batches from the first dictionary on", async () => {
  const store = storeOf(new MemoryBucket());
  const [schema, ...batches] = LARGE.messages;
  // What adds no rows may be a dictionary, of which the store knows nothing.
  const dictionary = { ...batches[0], rows: 0 };
  const messages = [schema, ...batches, dictionary, ...batches];
  const sample: Sample = { ...LARGE, messages };
  const { pieces = [] } = await putSample(store, sample);
  assertEquals(pieces.map(({ rows }) => rows), [4000, 4000, 12_000]);
  await assertHas(store, sample);
});

Deno.test("BucketStore.put() that fails leaves no pieces", async () => {
  for (const request of ["part", "complete p/t.arrows.pieces", "put p/t.arrows"]) {
    const bucket = new MemoryBucket();
    const store = storeOf(bucket);
    const small = await sampleTable("t", 2);
    await putSample(store, small);
    let count = 0;
    bucket.before = (made) => {
      if (
        made.startsWith(request) && ++count === (request === "put p/t.arrows" ? 1 : 2)
      ) {
        throw new FlightError("RESOURCE_EXHAUSTED", "no room");
      }
    };
    await assertFlightError(() => putSample(store, LARGE), "RESOURCE_EXHAUSTED");
    assertEquals([keysOf(bucket), bucket.uploads.size], [["p/t.arrows"], 0], request);
    await assertHas(store, small);
  }
});

Deno.test("A get from a BucketStore goes on with its pieces when the table is replaced", async () => {
  const store = storeOf(new MemoryBucket());
  await putSample(store, LARGE);
  const messages = [];
  for await (const message of (await getTable(store, "t")).messages()) {
    if (messages.push(message) === 1) await putSample(store, await sampleTable("t", 3));
    if (messages.length === 2) await store.drop("t");
  }
  assertSameMessages(messages, LARGE);
});

Deno.test("A get from a BucketStore is DATA_LOSS when a piece is missing", async () => {
  const bucket = new MemoryBucket();
  const store = storeOf(bucket);
  const { pieces = [] } = await putSample(store, LARGE);
  bucket.objects.delete(`p/t.arrows.pieces/${pieces[1].id}.arrows`);
  const table = await getTable(store, "t");
  const error = await assertFlightError(
    () => Array.fromAsync(table.messages()),
    "DATA_LOSS",
  );
  assert(error.message.includes("its file lacks one of its pieces"), error.message);
});

Deno.test("StalePieces removes pieces that are in no table for long enough, and no others", async () => {
  const bucket = new MemoryBucket();
  const store = storeOf(bucket);
  await putSample(store, LARGE);
  const old = keysOf(bucket).length;
  const { pieces = [] } = await putSample(store, LARGE);
  await putSample(store, { ...LARGE, name: "u" });
  await store.drop("u");
  bucket.objects.set("p/other/x", { bytes: new Uint8Array(1), etag: "x" });
  assertEquals(bucket.objects.size, 1 + 3 + 3 + 3 + 1);
  const inUse = pieces.map(({ id }) => `p/t.arrows.pieces/${id}.arrows`);
  const piecesOf = (key: string) =>
    Promise.resolve(new Set(key === "p/t.arrows" ? inUse : []));
  const hour = new StalePieces(bucket, "p/", { piecesOf, keptFor: 3_600_000 });
  for (let time = 0; time < 2; time++) await hour.sweep();
  assertEquals(bucket.objects.size, 11);
  await new StalePieces(bucket, "p/", { piecesOf, keptFor: 0 }).sweep();
  assertEquals(keysOf(bucket).length, old + 1);
  await assertHas(store, LARGE);
});

Deno.test("BucketStore.sweep() keeps the pieces of its tables", async () => {
  const bucket = new MemoryBucket();
  const store = storeOf(bucket);
  await putSample(store, LARGE);
  await store.start();
  await store.sweep();
  await assertHas(store, LARGE);
});
