/** A short run of the fuzzer, and what it says when something is wrong. */
import { assert, assertEquals } from "@std/assert";
import { Random } from "../helpers/random.ts";
import { runCases, type Totals } from "./run_cases.ts";
import type { Target } from "./target.ts";
import { openTarget } from "./targets.ts";
import { runWorker, type WatchOptions, type Work } from "./watch.ts";

const SEED = 20260731;

/** How many cases are run, every which of them, and how many at least are taken and refused. */
interface Share {
  readonly cases: number;
  readonly step?: number;
  readonly accepted: number;
  readonly refused: number;
}

const shares: Readonly<Record<string, Share>> = {
  "stream": { cases: 700, accepted: 100, refused: 300 },
  "byte:unions": { cases: 600, step: 541, accepted: 50, refused: 300 },
  "byte:dictionaries": { cases: 400, step: 2473, accepted: 30, refused: 200 },
  "put": { cases: 70, accepted: 5, refused: 30 },
  "rpc": { cases: 250, accepted: 10, refused: 150 },
  "http": { cases: 25, accepted: 1, refused: 10 },
  "answer": { cases: 150, accepted: 20, refused: 60 },
  "http-answer": { cases: 60, accepted: 1, refused: 30 },
  "server-wire": { cases: 25, accepted: 0, refused: 15 },
  "server-memory": { cases: 800, accepted: 250, refused: 150 },
  "client-memory": { cases: 300, accepted: 60, refused: 60 },
  "hpack": { cases: 3000, accepted: 800, refused: 800 },
  "client-wire": { cases: 20, accepted: 0, refused: 10 },
};

for (const [name, share] of Object.entries(shares)) {
  const { cases, step = 1 } = share;
  Deno.test(`nothing that is sent does harm: ${cases} cases of ${name}`, async () => {
    await using target = await openTarget(name, SEED);
    const indices = Array.from({ length: cases }, (_, index) => step * index);
    checkTotals(await runCases(target, indices), share);
  });
}

function checkTotals(totals: Totals, { cases, accepted, refused }: Share): void {
  assertEquals(totals.failures, []);
  assertEquals(totals.accepted + totals.refused, cases);
  assert(totals.accepted >= accepted, `${totals.accepted} were accepted`);
  assert(totals.refused >= refused, `${totals.refused} were refused`);
}

/** In a process where freed memory is spoiled, as there a fault of the runtime shows. */
const frames: Readonly<Record<string, Share>> = {
  "server-http2": { cases: 60, accepted: 3, refused: 20 },
  "client-http2": { cases: 60, accepted: 10, refused: 10 },
};
for (const [target, share] of Object.entries(frames)) {
  const { cases } = share;
  Deno.test(`no frames end the process: ${cases} cases of ${target}`, async () => {
    const work = { target, seed: SEED, first: 0, count: cases, seconds: Infinity };
    const { death, ...totals } = await runWorker(work);
    assertEquals(death, undefined);
    checkTotals(totals, share);
  });
}

Deno.test("a case is the same one each time", async () => {
  const describe = async () => {
    await using target = await openTarget("stream", SEED);
    return Array.from({ length: 50 }, (_, index) => target.prepare(index).describe());
  };
  const cases = await describe();
  assertEquals(cases, await describe());
  assert(new Set(cases).size > 30);
  const numbers = new Random(SEED, "x");
  const counts = [0, 0, 0, 0];
  for (let index = 0; index < 4000; index++) counts[numbers.below(4)]++;
  assert(Math.min(...counts) > 900, counts.join());
});

Deno.test("runCases() tells of cases that fail, and of what fails after them", async () => {
  const target: Target = {
    count: 10,
    prepare: (index) => ({
      describe: () => `case ${index}`,
      run() {
        if (index === 3) throw new TypeError("it is undefined");
        return "accepted";
      },
    }),
    check: () => Promise.reject(new Error("it is gone")),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const { accepted, failures } = await runCases(target, [2, 3, 4]);
  assertEquals(accepted, 2);
  const [thrown, checked] = failures;
  assertEquals([thrown.index, thrown.what], [3, "case 3"]);
  assert(thrown.error.includes("TypeError: it is undefined"));
  assertEquals([checked.index, checked.what], [4, "what holds after the last case"]);
});

const work: Work = { target: "stream", seed: SEED, first: 0, count: 20, seconds: 60 };
const FAILURE = { index: 6, what: "a case", error: "its error" };
/** A worker that has come to case 7, with a failure before, and then does this. */
function worker(then: string): string {
  const write = `console.log('${JSON.stringify(FAILURE)}');` +
    "Deno.writeFileSync(Deno.args.at(-1), " +
    "new Uint8Array(new Float64Array([7, 5, 2]).buffer));";
  return `data:application/javascript,${encodeURIComponent(write + then)}`;
}

Deno.test("runWorker() gives the totals of a worker", async () => {
  const { death, failures, accepted, refused } = await runWorker(work);
  assertEquals([death, failures], [undefined, []]);
  assertEquals(accepted + refused, 20);
});

const deaths: readonly (readonly [string, string, WatchOptions, RegExp])[] = [
  ["hangs", "while (true);", { longestCase: 500 }, /hangs for 0.5 seconds/],
  ["dies", "throw new Error('undone')", {}, /died \(exit code 1\).*undone/s],
  [
    "takes all memory",
    "const all = []; setInterval(() => all.push(new Uint8Array(2 ** 22).fill(1)), 10);",
    { mostMemory: 2 ** 28 },
    /takes \d+ MiB of memory/,
  ],
];
for (const [what, then, options, reason] of deaths) {
  Deno.test({
    name: `runWorker() tells in which case a worker ${what}`,
    // Elsewhere the system does not tell of another process's memory in this way.
    ignore: what === "takes all memory" && Deno.build.os !== "linux",
    async fn() {
      const { death, ...totals } = await runWorker(work, {
        script: worker(then),
        ...options,
      });
      assertEquals(totals, { accepted: 5, refused: 2, failures: [FAILURE] });
      assertEquals(death?.index, 7);
      assert(reason.test(death!.reason), death!.reason);
    },
  });
}
