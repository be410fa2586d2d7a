/** A short storm; `deno task soak` has long ones. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { Table } from "apache-arrow";
import { storm, type StormCounts } from "./storm.ts";
import { versionedBatches, versionOf } from "./versions.ts";

Deno.test("a server is as it was after a storm of clients, some of them killed", async () => {
  // A busy machine needs more than the five seconds.
  const isEnough = ({ done, kills, halfOpen }: StormCounts) => {
    const count = (what: string) => done[what] ?? 0;
    const reads = count("get") + count("read");
    return count("put") > 5 && reads > 5 && kills > 2 && halfOpen > 5;
  };
  const report = await storm({ seed: 20261123, seconds: 5, clients: 2, isEnough });
  assertEquals(report.faults, []);
  assert(isEnough(report), JSON.stringify(report));
});

Deno.test("versionOf() tells a table of two versions from one of one", () => {
  const [one, two] = [versionedBatches(10), versionedBatches(19)];
  assertEquals(versionOf(new Table(one)), 10);
  assertThrows(
    () => versionOf(new Table([...one.slice(1), two[0]])),
    Error,
    "version 10",
  );
  assertThrows(() => versionOf(new Table(one.slice(1))), Error, "rows");
});
