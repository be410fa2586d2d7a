/**
 * What another process does in the same place is seen by the next call.
 *
 * @module
 */
import assert from "node:assert/strict";
import { allOf } from "./all_of.ts";
import type { StoreCase } from "./store_case.ts";
import { assertHas, listNames, putSample, sampleTable } from "./samples.ts";

/** The tests of two stores at one place; they pass where there is only one. */
export const OTHER_CASES: readonly StoreCase[] = [
  {
    name: "what one process has put, replaced or dropped, another sees at once",
    async run({ store, other = store }) {
      for (let round = 0; round < 10; round++) {
        const first = await sampleTable("t", round);
        const put = await putSample(store, first);
        await assertHas(other, first);
        assert.deepEqual(await listNames(other), ["t"]);
        const second = await sampleTable("t", -round);
        const replacement = await putSample(other, second);
        assert.equal(replacement.replaced, put.revision);
        await assertHas(store, second);
        for await (const { revision } of store.list("")) {
          assert.equal(revision, replacement.revision);
        }
        assert.equal(await store.drop("t"), true);
        assert.equal(await other.get("t"), undefined);
        assert.deepEqual(await listNames(other), []);
      }
    },
  },
  {
    name: "two processes that put and drop at once leave whole tables",
    async run({ store, other = store }) {
      const names = ["a", "b", "c"];
      const work = async (own: typeof store, value: number) => {
        for (let round = 0; round < 6; round++) {
          for (const name of names) {
            await putSample(own, await sampleTable(name, value));
            if (round === value % 6) await own.drop(name);
          }
        }
      };
      await allOf(work(store, 1), work(other, 2), work(other, 3));
      const found = await listNames(store);
      assert.deepEqual(await listNames(other), found);
      for (const name of found) {
        const table = await other.get(name);
        assert(table !== undefined);
        const [, first, second] = await Array.fromAsync(table.messages());
        assert.deepEqual(first.body, second.body);
      }
    },
  },
];
