/** Values in messages. */
import { assertEquals } from "@std/assert";
import { showKind, showValue } from "../../base/show_value.ts";

class Market {}

for (
  const [value, shown] of [
    ["5s", '"5s"'],
    ['a "b"\n', '"a \\"b\\"\\n"'],
    ["x".repeat(100), `"${"x".repeat(60)}"... (100 characters)`],
    [5678, "5678"],
    [-0, "-0"],
    [NaN, "NaN"],
    [5n, "5n"],
    [true, "true"],
    [null, "null"],
    [undefined, "undefined"],
    [Symbol("a"), "Symbol(a)"],
    [() => true, "a function"],
    [Market, "a function"],
    [new Market(), "a Market"],
    [new Map(), "a Map"],
    [new (class {})(), "{}"],
    [new Uint8Array(3), "a Uint8Array of 3 bytes"],
    [new ArrayBuffer(8), "an ArrayBuffer of 8 bytes"],
    [Promise.resolve(1), "a Promise"],
    [{}, "{}"],
    [{ __proto__: null, a: 1 }, "{ a: 1 }"],
    [{ port: 5678, "x-y": "z" }, '{ port: 5678, "x-y": "z" }'],
    [{ city: ["Suva", "Nadi"] }, '{ city: ["Suva", "Nadi"] }'],
    [{ a: 1, b: 2, c: 3, d: 4, e: 5 }, "{ a: 1, b: 2, c: 3, d: 4, ... }"],
    [[1, 2, 3, 4, 5], "[1, 2, 3, 4, ...]"],
    [[[[1]]], "[[[...]]]"],
    [{ a: { b: { c: 1 } } }, "{ a: { b: { ... } } }"],
    [{
      get secret(): string {
        throw new Error("it was read");
      },
    }, "{ secret: ... }"],
  ] as const
) {
  Deno.test(`showValue() shows ${shown}`, () => assertEquals(showValue(value), shown));
}

for (
  const [value, shown] of [
    [null, "null"],
    [undefined, "undefined"],
    ["secret", "a text"],
    [1234, "a number"],
    [true, "a boolean"],
    [() => "secret", "a function"],
    [["secret"], "an array"],
    [{ password: "secret" }, "an object"],
    [new Uint8Array(3), "a Uint8Array of 3 bytes"],
  ] as const
) {
  Deno.test(`showKind() shows ${shown}, and nothing of what it holds`, () => {
    assertEquals(showKind(value), shown);
  });
}
