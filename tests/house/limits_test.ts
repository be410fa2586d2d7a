/** The table of limits in docs/operations.md, beside what the code says of them. */
import { assertEquals } from "@std/assert";
import { type Limit, SERVER_LIMITS } from "../../flight/server/limits.ts";
import { TABLE_LIMITS } from "../../tables/limits.ts";

const LIMITS: Readonly<Record<string, Limit>> = { ...SERVER_LIMITS, ...TABLE_LIMITS };
/** Whose default depends on another option. */
const DEPENDENT: Readonly<Record<string, string>> = {
  maxArrivingBytes: "2 × maxMessageBytes",
};
/** Those of a MemoryStore, which knows no server. */
const OF_THE_STORE = ["maxBytes", "maxTables"];

/** A limit's default as the page writes it. */
function showDefault({ default: value, unit }: Limit): string {
  if (value === undefined) return "none";
  if (unit === "milliseconds") return `${value / 60_000} minutes`;
  if (unit !== "bytes") return `${value}`;
  const power = Math.floor(Math.log2(value) / 10);
  return `${value / 1024 ** power} ${["bytes", "KiB", "MiB", "GiB"][power]}`;
}

Deno.test("docs/operations.md says of limits what the code says", async () => {
  const page = new URL("../../docs/operations.md", import.meta.url);
  const text = await Deno.readTextFile(page);
  const rows = [...text.matchAll(/^\| `(max\w+)` +\| (.+?) +\| (.+?) +\|$/gm)]
    .map(([, name, byDefault, bounds]) => ({ name, byDefault, bounds }))
    .filter(({ name }) => !OF_THE_STORE.includes(name));
  const expected = Object.entries(LIMITS).map(([name, limit]) => ({
    name,
    byDefault: DEPENDENT[name] ?? showDefault(limit),
    bounds: limit.bounds,
  }));
  assertEquals(rows, expected);
});

Deno.test("a refusal names the limit and its value", () => {
  for (const [name, { refusal }] of Object.entries(LIMITS)) {
    const sentence = refusal?.(1234, 5678);
    if (sentence === undefined) continue;
    assertEquals(
      sentence.includes("1234") && sentence.includes(`(${name})`),
      true,
      name,
    );
  }
});
