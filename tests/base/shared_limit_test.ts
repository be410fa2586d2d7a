/** What calls take together. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { tableFromArrays } from "apache-arrow";
import { SharedLimit } from "../../base/shared_limit.ts";
import { encode } from "../../flight/mod.ts";
import { field, message, table, Type } from "../helpers/tables/flat_builder.ts";
import { assertFlightError, collect, serving } from "../helpers/serving.ts";

Deno.test("SharedLimit counts what all shares hold, and gives it back", () => {
  const limit = new SharedLimit(
    10,
    (amount, most) => new RangeError(`${amount} of ${most}`),
  );
  const one = limit.open();
  const other = limit.open();
  one.hold(6);
  other.hold(4);
  assertThrows(() => other.hold(5), RangeError, "5 of 10");
  // The one that was refused holds nothing now.
  one.hold(10);
  one[Symbol.dispose]();
  other.hold(10);
  other.hold(3);
  // What is disposed of takes nothing any more, whoever goes on with it.
  one.hold(8);
  limit.open().hold(7);
});

Deno.test("puts whose schemas have too many fields together are refused, until others end", async () => {
  await using both = await serving();
  const one = field("", Type.Null);
  const fields = { refs: Array(200_000).fill(one) };
  const filler = " ".repeat(8_000_000);
  const wide = message(1, table(undefined, fields, undefined, undefined, filler));
  const released = Promise.withResolvers<void>();
  const put = (name: string) =>
    collect(both.client.flight.doPut((async function* () {
      const cmd = new TextEncoder().encode(name);
      yield { flightDescriptor: { type: "CMD", cmd }, dataHeader: wide };
      await released.promise;
    })()));
  const puts = Array.from({ length: 14 }, (_, index) => put(`wide ${index}`));
  const refused = await assertFlightError(
    () => Promise.race(puts),
    "RESOURCE_EXHAUSTED",
  );
  assertEquals(refused.message.includes("more than 2000000 fields"), true);
  released.resolve();
  const outcomes = await Promise.allSettled(puts);
  const kept = outcomes.filter(({ status }) => status === "fulfilled").length;
  // Some may have come when others had ended.
  assert(kept >= 10 && kept < puts.length, `${kept} of ${puts.length}`);
  await put("again");
});

Deno.test("of a descriptor only what names the table is kept", async () => {
  await using both = await serving();
  const descriptor = {
    type: "PATH" as const,
    path: ["t"],
    cmd: new Uint8Array(1_000_000),
  };
  const points = tableFromArrays({ x: [1] });
  await collect(both.client.flight.doPut(encode(points, { descriptor })));
  const [info] = await collect(both.client.flight.listFlights());
  assertEquals(info.flightDescriptor, {
    type: "PATH",
    path: ["t"],
    cmd: new Uint8Array(0),
  });
});
