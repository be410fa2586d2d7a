/** A short storm; `deno task soak` has long ones. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { Table } from "apache-arrow";
import { storm } from "./storm.ts";
import { versionedBatches, versionOf } from "./versions.ts";

Deno.test("a server is as it was after a storm of clients, some of them killed", async () => {
  const report = await storm({ seed: 20261123, seconds: 5, clients: 2 });
  assertEquals(report.faults, []);
  const count = (what: string) => report.done[what] ?? 0;
  assert(
    count("put") > 5 && count("get") + count("read") > 5,
    JSON.stringify(report.done),
  );
  assert(report.kills > 2 && report.halfOpen > 5);
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
