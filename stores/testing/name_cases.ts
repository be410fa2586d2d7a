/**
 * Every name is safe, and the list has all of them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { allOf } from "./all_of.ts";
import type { StoreCase } from "./store_case.ts";
import { assertHas, listNames, putSample, sampleTable } from "./samples.ts";

/** Names that are trouble for file systems, URLs, or whoever joins and cuts texts. */
const ODD_NAMES: readonly string[] = [
  ".",
  "..",
  "../up",
  "/",
  "//",
  "/etc/passwd",
  "a/b",
  "a",
  "A",
  "ä",
  "a\u0308",
  "a\\b",
  "a b",
  " ",
  "a ",
  "a.",
  "a%2Fb",
  "%",
  "%2e",
  "\0",
  "a\0b",
  "\n",
  "\u{1f30b}",
  "\ufeffbom",
  "con",
  "NUL",
  "com1",
  ".hidden",
  ".tinyflight",
  "-rf",
  "~",
  "*?",
  "a:b",
  "$(x)",
  '"',
  "'",
  "<b>",
  "constructor",
  "__proto__",
  "x".repeat(255),
  "x".repeat(256),
  "X".repeat(256),
  "long".repeat(2500),
  "long".repeat(2500) + "er",
  "Ö".repeat(8192),
];

/** The tests of names, and of lists. */
export const NAME_CASES: readonly StoreCase[] = [
  {
    name: "any name is safe, and is no other",
    async run({ store }) {
      const samples = await Promise.all(
        ODD_NAMES.map((name, value) => sampleTable(name, value)),
      );
      for (const sample of samples) {
        assert.equal((await putSample(store, sample)).replaced, undefined);
      }
      for (const sample of samples) await assertHas(store, sample);
      assert.deepEqual(await listNames(store), [...ODD_NAMES].sort());
      for (const [index, name] of ODD_NAMES.entries()) {
        assert.equal(await store.drop(name), true, JSON.stringify(name));
        assert.equal(await store.get(name), undefined);
        const after = samples[index + 1];
        if (after !== undefined) await assertHas(store, after);
      }
      assert.deepEqual(await listNames(store), []);
    },
  },
  {
    name: "list() gives the tables whose names begin with the prefix, by name",
    async run({ store }) {
      for (const name of ODD_NAMES) await putSample(store, await sampleTable(name, 0));
      const longer = "long".repeat(2499);
      const prefixes = ["", "a", "A", "a%", ".", "/", "c", "nu", "x", longer, "none"];
      for (const prefix of prefixes) {
        const names = ODD_NAMES.filter((name) => name.startsWith(prefix)).sort();
        assert.deepEqual(await listNames(store, prefix), names, prefix);
      }
    },
  },
  {
    name: "list() gives hundreds of tables, and can be left early",
    async run({ store }) {
      const names = Array.from({ length: 250 }, (_, index) => `t${index}`);
      const sample = await sampleTable("t", 1, { batches: 1, rows: 1 });
      const each = (name: string) => putSample(store, { ...sample, name });
      for (let at = 0; at < names.length; at += 25) {
        await allOf(...names.slice(at, at + 25).map(each));
      }
      for await (const { name } of store.list("")) {
        assert.equal(name, "t0");
        break;
      }
      assert.deepEqual(await listNames(store), names.sort());
    },
  },
  {
    name: "list() goes on beside puts and drops, with every table that stays",
    async run({ store }) {
      const names = ["a", "b", "c", "d", "e", "f"];
      for (const name of names) await putSample(store, await sampleTable(name, 1));
      const listed: string[] = [];
      for await (const { name } of store.list("")) {
        listed.push(name);
        if (name === "b") {
          await store.drop("c");
          await putSample(store, await sampleTable("d", 2));
          await putSample(store, await sampleTable("cc", 3));
        }
      }
      const stayed = ["a", "b", "d", "e", "f"];
      assert.deepEqual(listed.filter((name) => stayed.includes(name)), stayed);
    },
  },
];
