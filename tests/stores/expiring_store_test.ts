/** Tables that are forgotten some time after they were put. */
import { assertEquals } from "@std/assert";
import { ExpiringStore, MemoryStore, type TableEntry } from "../../stores/mod.ts";
import { testStore } from "../../stores/testing/mod.ts";
import {
  assertHas,
  incoming,
  listNames,
  putSample,
  type Sample,
  sampleTable,
} from "../../stores/testing/samples.ts";

const DAY = 24 * 60 * 60 * 1000;

/** A memory store of tables that seem to be older than they are. */
class OldStore extends MemoryStore {
  age = 2 * DAY;
  /** Called before a table is dropped. */
  beforeDrop: () => Promise<void> = () => Promise.resolve();

  override async get(name: string) {
    const table = await super.get(name);
    return table && { ...table, ...this.#aged(table) };
  }

  override *list(prefix: string): Generator<TableEntry> {
    for (const entry of super.list(prefix)) yield this.#aged(entry);
  }

  override async drop(...args: Parameters<MemoryStore["drop"]>) {
    await this.beforeDrop();
    return await super.drop(...args);
  }

  #aged(entry: TableEntry): TableEntry {
    return { ...entry, modified: new Date(entry.modified.getTime() - this.age) };
  }
}

testStore(
  () => {
    const store = new ExpiringStore(new MemoryStore(), { timeToLive: DAY });
    return { store, [Symbol.asyncDispose]: () => Promise.resolve(store.close()) };
  },
  (name, run) => Deno.test(`ExpiringStore: ${name}`, run),
);

/** A store of tables for a day, and what has expired. */
async function expiring(...samples: Sample[]) {
  const inner = new OldStore();
  for (const sample of samples) await putSample(inner, sample);
  const expired: string[] = [];
  const store = new ExpiringStore(inner, {
    timeToLive: DAY,
    onExpire: ({ name }) => expired.push(name),
  });
  return { inner, store, expired, [Symbol.dispose]: () => store.close() };
}

Deno.test("ExpiringStore drops tables whose time is over, tells and counts them", async () => {
  const [a, b] = [await sampleTable("a", 1), await sampleTable("b", 1)];
  using all = await expiring(a, b);
  const { inner, store, expired } = all;
  assertEquals(await store.get("a"), undefined);
  assertEquals([expired, await listNames(inner)], [["a"], ["b"]]);
  assertEquals(await listNames(store), []);
  assertEquals([expired, store.expired, await listNames(inner)], [["a", "b"], 2, []]);
});

Deno.test("ExpiringStore gives a table until its time is over", async () => {
  const a = await sampleTable("a", 1);
  using all = await expiring(a);
  all.inner.age = DAY - 60_000;
  await assertHas(all.store, a);
  assertEquals(await listNames(all.store), ["a"]);
  assertEquals(all.expired, []);
});

Deno.test("ExpiringStore drops no table that was put again meanwhile", async () => {
  const [old, next] = [await sampleTable("a", 1), await sampleTable("a", 2)];
  using all = await expiring(old);
  const { inner, store } = all;
  inner.beforeDrop = async () => {
    inner.beforeDrop = () => Promise.resolve();
    inner.age = 0;
    await store.put("a", next.descriptor, incoming(next));
  };
  await assertHas(store, next);
  assertEquals(all.expired, []);
});

Deno.test("ExpiringStore looks at all tables from time to time", async () => {
  const inner = new OldStore();
  await putSample(inner, await sampleTable("a", 1));
  const swept = Promise.withResolvers<string>();
  using _ = new ExpiringStore(inner, {
    timeToLive: DAY,
    sweepEvery: 1,
    onExpire: ({ name }) => swept.resolve(name),
  });
  assertEquals(await swept.promise, "a");
  assertEquals(await listNames(inner), []);
});

Deno.test("ExpiringStore tells what goes wrong when it looks at all tables", async () => {
  const inner = new OldStore();
  await putSample(inner, await sampleTable("a", 1));
  inner.beforeDrop = () => Promise.reject(new RangeError("disk 7 is on fire"));
  const told = Promise.withResolvers<unknown>();
  using _ = new ExpiringStore(inner, {
    timeToLive: DAY,
    sweepEvery: 1,
    onError: told.resolve,
  });
  assertEquals(String(await told.promise), "RangeError: disk 7 is on fire");
});
