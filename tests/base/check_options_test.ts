/** Options that are checked at once. */
import { assertEquals, assertThrows } from "@std/assert";
import { checkOptions, type OptionSet } from "../../base/check_options.ts";
import * as kinds from "../../base/value_kinds.ts";

interface MarketOptions {
  port?: number;
  maxBytes?: number;
  timeout?: number;
  name?: string;
  isOpen?: boolean;
  level?: "low" | "high";
  signal?: AbortSignal;
  key?: Uint8Array;
  steps?: readonly (() => void)[];
  store?: { get(): void };
}

const OPTIONS: OptionSet<MarketOptions> = {
  of: "Market",
  example: "{ port: 80 }",
  kinds: {
    port: kinds.wholeNumber(0, 65535),
    maxBytes: kinds.wholeNumber(1, Number.MAX_SAFE_INTEGER),
    timeout: kinds.MILLISECONDS,
    name: kinds.text("Suva"),
    isOpen: kinds.FLAG,
    level: kinds.oneOf("low", "high"),
    signal: kinds.SIGNAL,
    key: kinds.BYTES,
    steps: kinds.arrayOf(kinds.functionLike("() => {}"), "an array of functions"),
    store: kinds.objectWith(
      ["get"],
      (value) => typeof value === "string" ? `new Store("${value}")` : "a Store",
    ),
  },
};

function check(options: unknown): void {
  checkOptions(OPTIONS, options as MarketOptions);
}

Deno.test("checkOptions() accepts what fits, and counts undefined as left out", () => {
  check({});
  check({ port: undefined, unknown: undefined });
  check({
    port: 0,
    maxBytes: 2 ** 40,
    timeout: Infinity,
    name: "",
    isOpen: false,
    level: "low",
    signal: AbortSignal.timeout(0),
    key: new Uint8Array(0),
    steps: [() => {}],
    store: new Map(),
  });
});

for (
  const [options, message] of [
    [
      5678,
      "Cannot use 5678 as the options of Market: they have to be an object, such as { port: 80 }",
    ],
    [
      null,
      "Cannot use null as the options of Market: they have to be an object, such as { port: 80 }",
    ],
    [
      [1],
      "Cannot use [1] as the options of Market: they have to be an object, such as { port: 80 }",
    ],
    [
      { port: "5678" },
      'Cannot use the port "5678": it has to be a whole number from 0 to 65535',
    ],
    [
      { port: null },
      "Cannot use the port null: it has to be a whole number from 0 to 65535",
    ],
    [
      { port: 80n },
      "Cannot use the port 80n: it has to be a whole number from 0 to 65535",
    ],
    [
      { timeout: "5s" },
      'Cannot use the timeout "5s": it has to be a number of milliseconds, 0 or more',
    ],
    [{ name: 5 }, 'Cannot use the name 5: it has to be a text, such as "Suva"'],
    [{ isOpen: 1 }, "Cannot use the isOpen 1: it has to be true or false"],
    [{ level: 1 }, 'Cannot use the level 1: it has to be "low" or "high"'],
    [
      { signal: true },
      "Cannot use the signal true: it has to be an AbortSignal, such as AbortSignal.timeout(1000)",
    ],
    [{ key: [1] }, "Cannot use the key [1]: it has to be a Uint8Array"],
    [
      { steps: () => {} },
      "Cannot use the steps a function: it has to be an array of functions",
    ],
    [
      { steps: [() => {}, 1] },
      "Cannot use the steps [a function, 1]: it has to be an array of functions",
    ],
    [{ store: "dir" }, 'Cannot use the store "dir": it has to be new Store("dir")'],
    [{ store: {} }, "Cannot use the store {}: it has to be a Store"],
    [
      { maxByte: 1 },
      'Cannot use the option "maxByte": Market does not have it; perhaps you mean maxBytes',
    ],
    [
      { toString: 1 },
      'Cannot use the option "toString": Market does not have it; its options are port, maxBytes, timeout, name, isOpen, level, signal, key, steps, store',
    ],
  ] as const
) {
  Deno.test(`checkOptions() throws a TypeError: ${message}`, () => {
    assertEquals(assertThrows(() => check(options), TypeError).message, message);
  });
}

for (
  const [options, message] of [
    [
      { port: 65536 },
      "Cannot use the port 65536: it has to be a whole number from 0 to 65535",
    ],
    [
      { port: 1.5 },
      "Cannot use the port 1.5: it has to be a whole number from 0 to 65535",
    ],
    [
      { maxBytes: Infinity },
      "Cannot use the maxBytes Infinity: it has to be a whole number, 1 or more",
    ],
    [
      { timeout: -1 },
      "Cannot use the timeout -1: it has to be a number of milliseconds, 0 or more",
    ],
    [
      { timeout: NaN },
      "Cannot use the timeout NaN: it has to be a number of milliseconds, 0 or more",
    ],
    [
      { level: "middle" },
      'Cannot use the level "middle": it has to be "low" or "high"',
    ],
  ] as const
) {
  Deno.test(`checkOptions() throws a RangeError: ${message}`, () => {
    assertEquals(assertThrows(() => check(options), RangeError).message, message);
  });
}
