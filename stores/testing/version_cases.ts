/**
 * A table is replaced and dropped as a whole.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { StoredTable, TableMessage } from "../store.ts";
import { readTable } from "../table_reading.ts";
import { FlightError } from "../../flight/errors.ts";
import { allOf } from "./all_of.ts";
import type { StoreCase } from "./store_case.ts";
import {
  assertHas,
  assertSameMessages,
  getTable,
  listNames,
  putSample,
  type Sample,
  sampleTable,
} from "./samples.ts";

/** The tests of a table's versions. */
export const VERSION_CASES: readonly StoreCase[] = [
  {
    name: "put() replaces a table, and tells which version it has replaced",
    async run({ store }) {
      const [old, next] = await versions("t", 2);
      const first = await putSample(store, old);
      assert.equal(first.replaced, undefined);
      const second = await putSample(store, next);
      assert.equal(second.replaced, first.revision);
      await assertHas(store, next);
      assert.deepEqual(await listNames(store), ["t"]);
    },
  },
  {
    name: "a version has one revision wherever it is told, which no other has",
    async run({ store }) {
      const revisions = new Set<string>();
      for (const sample of [...await versions("t", 5), ...await versions("u", 5)]) {
        const { revision } = await putSample(store, sample);
        assert.equal((await getTable(store, sample.name)).revision, revision);
        for await (const entry of store.list(sample.name)) {
          assert.equal(entry.revision, revision);
        }
        revisions.add(revision);
      }
      const [same] = await versions("t", 1);
      revisions.add((await putSample(store, same)).revision);
      await store.drop("t");
      revisions.add((await putSample(store, same)).revision);
      assert.equal(revisions.size, 12);
    },
  },
  {
    name: "`modified` tells when a table was put",
    async run({ store }) {
      const [sample] = await versions("t", 1);
      const { modified } = await putSample(store, sample);
      const hour = 60 * 60 * 1000;
      assert(Math.abs(modified.getTime() - Date.now()) < hour, modified.toString());
      const found = await getTable(store, "t");
      assert.equal(found.modified.getTime(), modified.getTime());
    },
  },
  {
    name: "put() shows nothing of a table before its messages have ended",
    async run({ store }) {
      const [old, next] = await versions("t", 2);
      async function* watched(isFirst: boolean): AsyncGenerator<TableMessage> {
        for (const message of next.messages) {
          yield message;
          if (isFirst) assert.equal(await store.get("t"), undefined);
          else await assertHas(store, old);
          assert.deepEqual(await listNames(store), isFirst ? [] : ["t"]);
        }
      }
      await store.put("t", next.descriptor, watched(true));
      await putSample(store, old);
      await store.put("t", next.descriptor, watched(false));
      await assertHas(store, next);
    },
  },
  {
    name: "put() rejects with what its messages throw, and changes nothing",
    async run({ store }) {
      const [old, next] = await versions("t", 2);
      for (const count of [0, 1, next.messages.length]) {
        for (const isThere of [false, true]) {
          if (isThere) await putSample(store, old);
          else await store.drop("t");
          const thrown = new RangeError(`after ${count}`);
          const put = store.put("t", next.descriptor, failing(next, count, thrown));
          await assert.rejects(put, (error) => error === thrown);
          if (isThere) await assertHas(store, old);
          else assert.equal(await store.get("t"), undefined);
        }
      }
    },
  },
  {
    name: "reading goes on to its end when the table is replaced, or dropped",
    async run({ store }) {
      const [old, next] = await versions("t", 2, { batches: 30, rows: 40_000 });
      await putSample(store, old);
      const oldMessages = await begin(await getTable(store, "t"));
      await putSample(store, next);
      const nextMessages = await begin(await getTable(store, "t"));
      assert.equal(await store.drop("t"), true);
      assertSameMessages(await oldMessages.rest(), old);
      assertSameMessages(await nextMessages.rest(), next);
    },
  },
  {
    name: "a version that is gone before it is read is read all the same, or ABORTED",
    async run({ store }) {
      const [old, next] = await versions("t", 2, { batches: 30, rows: 40_000 });
      await putSample(store, old);
      const replaced = await getTable(store, "t");
      await putSample(store, next);
      const dropped = await getTable(store, "t");
      await store.drop("t");
      await assertWholeOrAborted(replaced, old);
      await assertWholeOrAborted(dropped, next);
    },
  },
  {
    name: "several puts of a name at once leave one of them, whole",
    async run({ store }) {
      const samples = await versions("t", 8, { batches: 10, rows: 5000 });
      const puts = await allOf(...samples.map((sample) => putSample(store, sample)));
      const table = await getTable(store, "t");
      const last = puts.findIndex(({ revision }) => revision === table.revision);
      await assertHas(store, samples[last]);
    },
  },
  {
    name: "a reader beside puts and drops of a table sees whole versions only",
    async run({ store }) {
      const samples = await versions("t", 12, { batches: 6, rows: 3000 });
      let isOver = false;
      const change = async () => {
        try {
          for (const [index, sample] of samples.entries()) {
            await putSample(store, sample);
            if (index % 4 === 3) await store.drop("t");
          }
        } finally {
          isOver = true;
        }
      };
      const read = async () => {
        while (!isOver) {
          const table = await store.get("t");
          if (table !== undefined) await assertOneOf(table, samples);
          // Without a turn of the event loop, memory would leave none for the puts.
          await new Promise((resolve) => setTimeout(resolve, 0));
        }
      };
      await allOf(change(), read(), read());
    },
  },
  {
    name:
      "a server's reader beside puts of a table reads whole versions, and never fails",
    async run({ store, other = store }) {
      const samples = await versions("t", 10, { batches: 6, rows: 3000 });
      await putSample(store, samples[0]);
      let isOver = false;
      const change = async () => {
        try {
          for (const sample of samples) await putSample(other, sample);
        } finally {
          isOver = true;
        }
      };
      const read = async () => {
        while (!isOver) {
          await using reading = await readTable(store, "t");
          assert(reading !== undefined);
          const found = await Array.fromAsync(reading.messages());
          assertIsOneOf(found, samples);
          assert.equal(reading.entry.name, "t");
          await new Promise((resolve) => setTimeout(resolve, 0));
        }
      };
      await allOf(change(), read(), read());
      assert.equal(await readTable(store, "nothing"), undefined);
    },
  },
  {
    name: "drop() forgets a table, and tells whether there was one",
    async run({ store }) {
      const [sample, again] = await versions("t", 2);
      assert.equal(await store.drop("t"), false);
      await putSample(store, sample);
      assert.equal(await store.drop("t"), true);
      assert.equal(await store.get("t"), undefined);
      assert.deepEqual(await listNames(store), []);
      assert.equal(await store.drop("t"), false);
      const { replaced } = await putSample(store, again);
      assert.equal(replaced, undefined);
      await assertHas(store, again);
    },
  },
];

/** Tables of one name, each with a value of its own. */
async function versions(
  name: string,
  count: number,
  size: Parameters<typeof sampleTable>[2] = {},
): Promise<Sample[]> {
  const values = Array.from({ length: count }, (_, value) => value);
  return await Promise.all(values.map((value) => sampleTable(name, value, size)));
}

/** As many messages of the sample, and then an error. */
async function* failing(
  { messages }: Sample,
  count: number,
  thrown: Error,
): AsyncGenerator<TableMessage> {
  yield* messages.slice(0, count);
  await Promise.resolve();
  throw thrown;
}

/** Reads the first message; the rest, with the first, is read later. */
async function begin(table: StoredTable) {
  const found: TableMessage[] = [];
  async function* all(): AsyncGenerator<TableMessage> {
    yield* table.messages();
  }
  const iterator = all();
  const { value } = await iterator.next();
  assert(value !== undefined);
  found.push(value);
  return {
    async rest(): Promise<TableMessage[]> {
      for await (const message of iterator) found.push(message);
      return found;
    },
  };
}

async function assertWholeOrAborted(table: StoredTable, sample: Sample) {
  const found = await readUnlessAborted(table);
  if (found !== undefined) assertSameMessages(found, sample);
}

/** Fails unless what is read is one of the samples, whole. */
async function assertOneOf(table: StoredTable, samples: readonly Sample[]) {
  const found = await readUnlessAborted(table);
  if (found !== undefined) assertIsOneOf(found, samples);
}

function assertIsOneOf(found: readonly TableMessage[], samples: readonly Sample[]) {
  const value = new DataView(found[1].body.buffer, found[1].body.byteOffset);
  assertSameMessages(found, samples[value.getFloat64(0, true)]);
}

async function readUnlessAborted(
  table: StoredTable,
): Promise<TableMessage[] | undefined> {
  const found: TableMessage[] = [];
  try {
    for await (const message of table.messages()) found.push(message);
  } catch (error) {
    const isGone = error instanceof FlightError && error.code === "ABORTED";
    if (!isGone || found.length > 0) throw error;
    return undefined;
  }
  return found;
}
