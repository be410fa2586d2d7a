/** Memory in front of another store. */
import { assertEquals } from "@std/assert";
import { CacheStore, type Eviction, MemoryStore } from "../../stores/mod.ts";
import { DirectoryStore } from "../../stores/directory/mod.ts";
import { testStore } from "../../stores/testing/mod.ts";
import {
  assertHas,
  assertMessages,
  getTable,
  listNames,
  putSample,
  sampleTable,
} from "../../stores/testing/samples.ts";

/** A memory store that counts how often its tables are read. */
class CountingStore extends MemoryStore {
  gets = 0;
  reads = 0;

  override async get(name: string) {
    this.gets++;
    const table = await super.get(name);
    return table && {
      ...table,
      messages: () => {
        this.reads++;
        return table.messages();
      },
    };
  }
}

testStore(
  () => {
    const store = new MemoryStore();
    return { store: new CacheStore(store), other: new CacheStore(store) };
  },
  (name, run) => Deno.test(`CacheStore: ${name}`, run),
);

testStore(
  async () => {
    const folder = await Deno.makeTempDir();
    return {
      store: new CacheStore(await DirectoryStore.open(folder), { maxBytes: 100_000 }),
      other: await DirectoryStore.open(folder),
      [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
    };
  },
  (name, run) => Deno.test(`A small CacheStore over files: ${name}`, run),
);

Deno.test("CacheStore reads a table once, and then from memory", async () => {
  const inner = new CountingStore();
  const sample = await sampleTable("t", 1);
  await putSample(inner, sample);
  const store = new CacheStore(inner);
  for (let time = 0; time < 4; time++) await assertHas(store, sample);
  assertEquals([inner.reads, inner.gets], [1, 4]);
  const { hits, misses, tables, bytes } = store.stats;
  assertEquals([hits, misses, tables], [3, 1, 1]);
  await store.drop("t");
  assertEquals([store.stats.tables, store.stats.bytes, bytes > 3000], [0, 0, true]);
});

Deno.test("CacheStore has what was put through it in memory", async () => {
  const inner = new CountingStore();
  const store = new CacheStore(inner);
  const sample = await sampleTable("t", 1);
  await putSample(store, sample);
  await assertHas(store, sample);
  assertEquals([inner.reads, store.stats.hits, store.stats.misses], [0, 1, 0]);
});

Deno.test("CacheStore sees what others have put and dropped behind it", async () => {
  const inner = new CountingStore();
  const store = new CacheStore(inner);
  const [old, next] = [await sampleTable("t", 1), await sampleTable("t", 2)];
  await putSample(store, old);
  await putSample(inner, next);
  await assertHas(store, next);
  await assertHas(store, next);
  assertEquals([inner.reads, store.stats.tables], [1, 1]);
  await inner.drop("t");
  assertEquals(await store.get("t"), undefined);
  assertEquals(store.stats.bytes, 0);
});

Deno.test("CacheStore asks nothing for as long as maxStaleness", async () => {
  const inner = new CountingStore();
  const store = new CacheStore(inner, { maxStaleness: 1_000_000 });
  const [old, next] = [await sampleTable("t", 1), await sampleTable("t", 2)];
  await putSample(store, old);
  await putSample(inner, next);
  await assertHas(store, old);
  assertEquals(inner.gets, 0);
  await putSample(store, old);
  await assertHas(store, old);
});

Deno.test("CacheStore lets the least recently read tables leave, tells and counts them", async () => {
  const evicted: Eviction[] = [];
  const store = new CacheStore(new CountingStore(), {
    maxBytes: 30_000,
    onEvict: (eviction) => evicted.push(eviction),
  });
  const names = ["a", "b", "c"];
  for (const name of names) await putSample(store, await sampleTable(name, 1, SIZE));
  const [a, d] = [await sampleTable("a", 1, SIZE), await sampleTable("d", 1, SIZE)];
  await assertHas(store, a);
  await putSample(store, d);
  assertEquals(evicted.map(({ name }) => name), ["b"]);
  await assertHas(store, a);
  assertEquals([store.stats.hits, store.stats.misses], [2, 0]);
  assertEquals([store.stats.evictions, store.stats.tables], [1, 3]);
  assertEquals(await listNames(store), ["a", "b", "c", "d"]);
  await assertHas(store, await sampleTable("b", 1, SIZE));
  assertEquals(evicted.map(({ name }) => name), ["b", "c"]);
});

/** Three tables of this size have room in 30 kB, and four have not. */
const SIZE = { batches: 4, rows: 200 };

Deno.test("CacheStore keeps no table that takes more than half of its room", async () => {
  const store = new CacheStore(new CountingStore(), { maxBytes: 30_000 });
  const small = await sampleTable("small", 1);
  const large = await sampleTable("large", 1, { batches: 20, rows: 100 });
  await putSample(store, small);
  await putSample(store, large);
  await assertHas(store, large);
  await assertHas(store, small);
  const { tables, evictions, hits, misses } = store.stats;
  assertEquals([tables, evictions, hits, misses], [1, 0, 1, 1]);
});

Deno.test("CacheStore keeps nothing of a table that was not read or put to its end", async () => {
  const inner = new CountingStore();
  const store = new CacheStore(inner);
  const sample = await sampleTable("t", 1);
  await putSample(inner, sample);
  for await (const _ of (await getTable(store, "t")).messages()) break;
  const failing = store.put(
    "u",
    sample.descriptor,
    async function* () {
      yield* sample.messages;
      await Promise.reject(new Error("the client went away"));
    }(),
  );
  await failing.catch(() => {});
  assertEquals([store.stats.tables, store.stats.bytes], [0, 0]);
  await assertHas(store, sample);
  assertEquals(store.stats.tables, 1);
});

Deno.test("CacheStore reads a table for one of several readers into memory", async () => {
  const inner = new CountingStore();
  const store = new CacheStore(inner);
  const sample = await sampleTable("t", 1, { batches: 10 });
  await putSample(inner, sample);
  const tables = await Promise.all([1, 2, 3].map(() => getTable(store, "t")));
  await Promise.all(tables.map((table) => assertMessages(table, sample)));
  const one = store.stats.bytes;
  await store.drop("t");
  await putSample(store, sample);
  assertEquals([store.stats.bytes, inner.reads], [one, 3]);
});
