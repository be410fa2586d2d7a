/**
 * A table comes back as it was put.
 *
 * @module
 */
import assert from "node:assert/strict";
import { allOf } from "./all_of.ts";
import type { StoreCase } from "./store_case.ts";
import {
  assertEntry,
  assertHas,
  assertMessages,
  assertSameMessages,
  getTable,
  putSample,
  sampleTable,
} from "./samples.ts";

/** The tests of what a table has in it. */
export const CONTENT_CASES: readonly StoreCase[] = [
  {
    name: "get() gives the messages that were put, and what is known of them",
    async run({ store }) {
      const sample = await sampleTable("quakes", 1);
      assertEntry(await putSample(store, sample), sample);
      await assertHas(store, sample);
      for await (const entry of store.list("")) assertEntry(entry, sample);
    },
  },
  {
    name: "get() gives undefined for a name that nobody has put",
    async run({ store }) {
      assert.equal(await store.get("nothing"), undefined);
    },
  },
  {
    name: "put() takes a schema alone, and batches without rows",
    async run({ store }) {
      const bare = await sampleTable("bare", 0, { batches: 0 });
      const rowless = await sampleTable("rowless", 0, { rows: 0 });
      for (const sample of [bare, rowless]) await putSample(store, sample);
      for (const sample of [bare, rowless]) await assertHas(store, sample);
    },
  },
  {
    name: "put() takes messages of a header alone, in the middle of a table",
    async run({ store }) {
      const sample = await sampleTable("headers", 1);
      const [schema, batch] = sample.messages;
      const bare = { header: batch.header, body: new Uint8Array(0), rows: 7 };
      const messages = [schema, bare, batch, bare];
      await putSample(store, { ...sample, messages });
      await assertHas(store, { ...sample, messages });
    },
  },
  {
    name: "put() takes thousands of small messages",
    async run({ store }) {
      const sample = await sampleTable("small", 2, { batches: 5000, rows: 3 });
      await putSample(store, sample);
      await assertHas(store, sample);
    },
  },
  {
    name: "put() takes messages of many megabytes, between small ones",
    async run({ store }) {
      const small = await sampleTable("large", 3);
      const large = await sampleTable("large", 3, { batches: 2, rows: 2 ** 21 });
      const messages = [...small.messages, ...large.messages.slice(1)];
      messages.push(...small.messages.slice(1));
      await putSample(store, { ...small, messages });
      await assertHas(store, { ...small, messages });
    },
  },
  {
    name: "put() keeps the descriptor as it is",
    async run({ store }) {
      const sample = await sampleTable("a%2Fb/c", 1);
      const path = ["a/b", "c", "ü", "\0"];
      const descriptor = { type: "PATH", cmd: new Uint8Array(0), path } as const;
      await putSample(store, { ...sample, descriptor });
      await assertHas(store, { ...sample, descriptor });
    },
  },
  {
    name: "put() changes no byte that it was given",
    async run({ store }) {
      const sample = await sampleTable("kept", 4);
      const copy = sample.messages.map(({ header, body, rows }) => {
        return { header: header.slice(), body: body.slice(), rows };
      });
      await putSample(store, sample);
      assertSameMessages(sample.messages, { ...sample, messages: copy });
    },
  },
  {
    name: "messages() can be called several times, at the same time, and left early",
    async run({ store }) {
      const sample = await sampleTable("again", 5, { batches: 20, rows: 20_000 });
      await putSample(store, sample);
      const table = await getTable(store, "again");
      for await (const { rows } of table.messages()) if (rows > 0) break;
      await allOf(
        assertMessages(table, sample),
        assertMessages(table, sample),
        assertHas(store, sample),
      );
    },
  },
  {
    name: "messages() may be asked for and never read",
    async run({ store }) {
      const sample = await sampleTable("unread", 5);
      await putSample(store, sample);
      (await getTable(store, "unread")).messages();
      await getTable(store, "unread");
      await assertHas(store, sample);
    },
  },
];
