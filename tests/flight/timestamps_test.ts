/** Moments in time. */
import { assertEquals, assertThrows } from "@std/assert";
import { dateOf, timestampOf } from "../../flight/protocol/timestamps.ts";

Deno.test("timestampOf() and dateOf() are each other's inverse", () => {
  for (const milliseconds of [0, 1, 999, 1000, -1, -1000, 1_795_000_000_123, 8.64e15]) {
    const date = new Date(milliseconds);
    assertEquals(dateOf(timestampOf(date)), date);
  }
  assertEquals(timestampOf(new Date(-1)), { seconds: -1n, nanos: 999_000_000 });
});

Deno.test("dateOf() drops what is beyond milliseconds", () => {
  assertEquals(dateOf({ seconds: 1n, nanos: 999_999_999 }), new Date(1999));
  assertEquals(dateOf({ seconds: -1n, nanos: 1 }), new Date(-1000));
});

Deno.test("timestampOf() refuses an invalid date", () => {
  assertThrows(() => timestampOf(new Date(NaN)), RangeError, "invalid");
});
