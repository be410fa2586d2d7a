/**
 * Puts and drops with a condition.
 *
 * @module
 */
import assert from "node:assert/strict";
import { FlightError } from "../../flight/errors.ts";
import type { TableStore } from "../store.ts";
import type { StoreCase } from "./store_case.ts";
import { assertHas, incoming, putSample, type Sample, sampleTable } from "./samples.ts";

/** The tests of conditions, which pass, too, where a put with one is UNIMPLEMENTED. */
export const CONDITION_CASES: readonly StoreCase[] = [
  {
    name: "put() with `replaces: null` puts a new table, and replaces none",
    async run({ store }) {
      const [one, other] = await samples();
      const puts = await putIf(store, one, null);
      if (puts === undefined) return;
      assert.deepEqual(puts, { replaced: undefined });
      await assertPrecondition(store, other, null);
      await assertHas(store, one);
    },
  },
  {
    name: "put() with `replaces` replaces that version, and no other",
    async run({ store }) {
      const [one, other] = await samples();
      const first = await putSample(store, one);
      const put = await putIf(store, other, first.revision);
      if (put === undefined) return;
      assert.deepEqual(put, { replaced: first.revision });
      await assertPrecondition(store, one, first.revision);
      await assertHas(store, other);
      await store.drop("t");
      await assertPrecondition(store, one, first.revision);
      assert.equal(await store.get("t"), undefined);
    },
  },
  {
    name: "of several puts that would replace the same version, one succeeds",
    async run({ store, other = store }) {
      const [old] = await samples();
      const values = [1, 2, 3, 4, 5, 6];
      const next = await Promise.all(values.map((value) => sampleTable("t", value)));
      for (const isThere of [false, true]) {
        const revision = isThere ? (await putSample(store, old)).revision : null;
        const puts = await Promise.allSettled(
          next.map((sample, at) => putIf(at % 2 ? store : other, sample, revision)),
        );
        const done = puts.filter(({ status }) => status === "fulfilled");
        const isSupported = done.every((put) => "value" in put && put.value);
        if (!isSupported) return;
        assert.equal(done.length, 1);
        for (const put of puts) {
          if (put.status === "rejected") assertCode(put.reason, "FAILED_PRECONDITION");
        }
        await assertHas(store, next[puts.indexOf(done[0])]);
        await store.drop("t");
      }
    },
  },
  {
    name: "drop() with a revision drops that version, and no other",
    async run({ store }) {
      const [one, other] = await samples();
      const first = await putSample(store, one);
      const second = await putSample(store, other);
      assert.equal(await store.drop("t", { revision: first.revision }), false);
      await assertHas(store, other);
      assert.equal(await store.drop("t", { revision: second.revision }), true);
      assert.equal(await store.get("t"), undefined);
      assert.equal(await store.drop("t", { revision: second.revision }), false);
    },
  },
];

async function samples(): Promise<Sample[]> {
  return [await sampleTable("t", 1), await sampleTable("t", 2)];
}

/** What the put has replaced; undefined when the store takes no condition. */
async function putIf(
  store: TableStore,
  sample: Sample,
  replaces: string | null,
): Promise<{ replaced: string | undefined } | undefined> {
  const { name, descriptor } = sample;
  try {
    const put = await store.put(name, descriptor, incoming(sample), { replaces });
    return { replaced: put.replaced };
  } catch (error) {
    if (error instanceof FlightError && error.code === "UNIMPLEMENTED") {
      return undefined;
    }
    throw error;
  }
}

async function assertPrecondition(
  store: TableStore,
  sample: Sample,
  replaces: string | null,
): Promise<void> {
  await assert.rejects(
    putIf(store, sample, replaces),
    (error) => assertCode(error, "FAILED_PRECONDITION"),
  );
}

function assertCode(error: unknown, code: string): boolean {
  assert(error instanceof FlightError, String(error));
  assert.equal(error.code, code);
  return true;
}
