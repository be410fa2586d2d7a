/** Header compression beside another implementation of it, Python's hpack. */
import { assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { HpackDecoder } from "../../../wire/hpack/hpack_decoder.ts";
import { HpackEncoder } from "../../../wire/hpack/hpack_encoder.ts";
import type { HeaderField } from "../../../wire/hpack/hpack_table.ts";
import { Random } from "../../helpers/random.ts";
import { runPython } from "../python/python.ts";

const SCRIPT = fileURLToPath(new URL("hpack_python.py", import.meta.url));
const SEED = 7541;
const LISTS = 3000;
const ROOM = 2 ** 20;
const TABLE_SIZES = [0, 33, 100, 1000, 4096];

const NAMES = [
  ":status",
  ":path",
  "content-type",
  "grpc-timeout",
  "authorization",
  "cookie",
  "user-agent",
  "x-a",
  "x-b-bin",
  "x-token",
];
/** The names that our encoder tells others never to keep. */
const SENSITIVE = new Set(["authorization", "cookie", "x-token"]);

function makeField(random: Random): HeaderField {
  const name = random.oneIn(20) ? `x-${random.below(1000)}` : random.pick(NAMES);
  const values = [
    () => random.pick(["", "200", "/", "application/grpc", "trailers"]),
    () => `${random.below(50)}m`,
    () => String.fromCharCode(...random.bytes(random.below(30))),
    () => "v".repeat(random.below(5000)),
  ];
  // Without a value, a sensitive field is one of the static table, and has no flag.
  const value = random.pick(values)();
  return [name, value === "" && SENSITIVE.has(name) ? "none" : value];
}

/** Lists of fields, each after the largest table that is allowed from it on. */
function makeLists(seed: string): { tableSize: number; list: HeaderField[] }[] {
  const random = new Random(SEED, seed);
  let tableSize = 4096;
  return Array.from({ length: LISTS }, () => {
    if (random.oneIn(30)) tableSize = random.pick(TABLE_SIZES);
    const list = Array.from({ length: random.below(12) }, () => makeField(random));
    return { tableSize, list };
  });
}

/** What Python makes of these steps. */
async function runSteps(action: string, steps: readonly object[]): Promise<unknown[]> {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(
      path,
      steps.map((step) => JSON.stringify(step)).join("\n"),
    );
    const output = await runPython(SCRIPT, action, path);
    return output.trimEnd().split("\n").map((line) => JSON.parse(line));
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("Python's hpack decodes what HpackEncoder writes", async () => {
  const lists = makeLists("encode");
  const encoder = new HpackEncoder();
  const steps = lists.map(({ tableSize, list }) => {
    encoder.setMaxTableSize(tableSize);
    return { tableSize, block: encoder.encode(list).toHex() };
  });
  const expected = lists.map(({ list }) =>
    list.map(([name, value]) => [name, value, SENSITIVE.has(name)])
  );
  assertEquals(await runSteps("decode", steps), expected);
});

Deno.test("HpackDecoder decodes what Python's hpack writes", async () => {
  const lists = makeLists("decode");
  const random = new Random(SEED, "huffman");
  const steps = lists.map(({ tableSize, list }) => ({
    tableSize,
    fields: list.map(([name, value]) => [name, value, SENSITIVE.has(name)]),
    huffman: random.oneIn(2),
  }));
  const decoder = new HpackDecoder();
  for (const [index, block] of (await runSteps("encode", steps)).entries()) {
    const { headers } = decoder.decode(Uint8Array.fromHex(block as string), ROOM);
    assertEquals(headers, lists[index].list, `list ${index}`);
  }
});
