/**
 * The fuzzer.
 *
 *     deno task fuzz [--seed N] [--seconds N] [--only TARGET]
 *     deno task fuzz --every-byte [--only byte:NAME]
 *     deno task fuzz --corpus FOLDER
 *     deno task fuzz --only TARGET --seed N --case N [--count N]
 *
 * The first makes cases up, out of valid streams and messages and from nothing; the
 * second tries every one-byte change of the small streams in tests/data; the third
 * reads files, such as those of github.com/apache/arrow-testing. The last repeats a
 * case. Each target's cases run in a process of their own, as they may end it.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { Supervisor, type TargetReport } from "./supervisor.ts";
import { byteTargets, corpusOf, TARGETS } from "./targets.ts";

/** Larger streams have every one-byte change of a smaller one, and take hours. */
const SMALL_STREAM = 4000;

const { values } = parseArgs({
  options: {
    "seed": { type: "string" },
    "seconds": { type: "string", default: "60" },
    "only": { type: "string" },
    "case": { type: "string" },
    "count": { type: "string", default: "1" },
    "every-byte": { type: "boolean", default: false },
    "corpus": { type: "string" },
    "jobs": { type: "string", default: String(navigator.hardwareConcurrency) },
  },
});

const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const jobs = Number(values.jobs);
const isFinite = values["every-byte"] || values.corpus !== undefined;
const targets = values.only !== undefined
  ? [values.only]
  : values.corpus !== undefined
  ? [corpusOf(values.corpus)]
  : values["every-byte"]
  ? byteTargets(SMALL_STREAM)
  : [...TARGETS];
const seconds = isFinite || values.case !== undefined
  ? Infinity
  : Number(values.seconds) * Math.min(jobs, targets.length) / targets.length;
const work = {
  seed,
  seconds,
  first: Number(values.case ?? 0),
  count: values.case === undefined ? Infinity : Number(values.count),
};

console.log(`seed ${seed}, ${targets.length} targets, ${jobs} at a time`);
const started = performance.now();
const reports: TargetReport[] = [];
const waiting = [...targets];
await Promise.all(Array.from({ length: jobs }, async () => {
  for (let target = waiting.shift(); target !== undefined; target = waiting.shift()) {
    const report = await new Supervisor({ ...work, target }).run();
    reports.push(report);
    print(report);
  }
}));

const sum = (pick: (report: TargetReport) => number) =>
  reports.reduce((total, report) => total + pick(report), 0);
const failures = sum((report) => report.failures.length);
console.log(
  `in all ${sum((report) => report.accepted + report.refused)} cases in ` +
    `${Math.round((performance.now() - started) / 1000)} s: ` +
    `${sum((report) => report.accepted)} accepted, ` +
    `${sum((report) => report.refused)} refused, ${failures} failures`,
);
Deno.exit(failures === 0 ? 0 : 1);

function print({ target, accepted, refused, failures }: TargetReport): void {
  console.log(`${target}: ${accepted} accepted, ${refused} refused`);
  for (const { index, count, what, error } of failures) {
    const more = count === 1 ? "" : ` --count ${count}`;
    console.log(`\nFAILED ${target} ${index}: ${what}\n${error}`);
    console.log(
      `repeat it: deno task fuzz --only ${target} --seed ${seed} --case ${index}${more}\n`,
    );
  }
}
