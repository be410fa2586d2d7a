/**
 * The process in which cases are run: it may hang or die of them, and whoever has
 * started it finds out which case it was.
 *
 *     worker.ts TARGET SEED FIRST COUNT SECONDS PROGRESS_FILE
 *
 * It prints failures as lines of JSON, and writes to the file, as numbers of 64 bits,
 * which case it has come to, and how many were accepted and refused.
 *
 * @module
 */
import { runCases, type Totals } from "./run_cases.ts";
import { openTarget } from "./targets.ts";

const [name, seed, first, count, seconds, progressFile] = Deno.args;
const end = performance.now() + 1000 * Number(seconds);
using file = Deno.openSync(progressFile, { write: true });
const progress = new Float64Array(3);
const bytes = new Uint8Array(progress.buffer);

await using target = await openTarget(name, Number(seed));
const last = Math.min(Number(first) + Number(count), target.count);
const totals = await runCases(target, numbers(Number(first), last), {
  onCase: write,
  onFailure: (failure) => console.log(JSON.stringify(failure)),
  goesOn: () => performance.now() < end,
});
write(last, totals);

function write(index: number, { accepted, refused }: Totals): void {
  progress.set([index, accepted, refused]);
  file.seekSync(0, Deno.SeekMode.Start);
  file.writeSync(bytes);
}

function* numbers(from: number, to: number): Generator<number> {
  for (let index = from; index < to; index++) yield index;
}
