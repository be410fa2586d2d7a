/**
 * Runs cases one after the other, and gathers what became of them.
 *
 * @module
 */
import { Fault, type Target } from "./target.ts";

/** A case that did what it must not do. */
export interface Failure {
  readonly index: number;
  /** What the case is, in words. */
  readonly what: string;
  /** What it did. */
  readonly error: string;
}

/** What became of cases. */
export interface Totals {
  accepted: number;
  refused: number;
  /** The first failures; when there are as many as this, no more cases are run. */
  readonly failures: Failure[];
}

/** How {@linkcode runCases} runs. */
export interface RunOptions {
  /** Told of each case before it is run, and of what became of those before. */
  onCase?(index: number, totals: Totals): void;
  /** Told of each failure at once. */
  onFailure?(failure: Failure): void;
  /** Asked before each case; false ends the run. @default always true */
  goesOn?(): boolean;
}

/** After so many cases the target is checked, and the memory. */
const CHECKED_EVERY = 50;
/** After so many failures a run ends. */
export const MAX_FAILURES: number = 5;
/** How much memory the process may have, in bytes. */
const MAX_MEMORY = 1.5 * 2 ** 30;

/** Runs the cases of these numbers on a target. */
export async function runCases(
  target: Target,
  indices: Iterable<number>,
  { onCase, onFailure, goesOn = () => true }: RunOptions = {},
): Promise<Totals> {
  const totals: Totals = { accepted: 0, refused: 0, failures: [] };
  const run = async (index: number, what: () => string, run: () => Promise<void>) => {
    try {
      await run();
    } catch (error) {
      const failure = { index, what: what(), error: wordsOf(error) };
      totals.failures.push(failure);
      onFailure?.(failure);
    }
  };
  let count = 0;
  let last = 0;
  for (const index of indices) {
    if (!goesOn() || totals.failures.length >= MAX_FAILURES) break;
    onCase?.(index, totals);
    last = index;
    const prepared = target.prepare(index);
    await run(index, prepared.describe, async () => {
      totals[await prepared.run()]++;
    });
    if (++count % CHECKED_EVERY > 0) continue;
    await run(index, () => "what holds after this case", () => checkAll(target));
  }
  await run(last, () => "what holds after the last case", () => checkAll(target));
  return totals;
}

async function checkAll(target: Target): Promise<void> {
  await target.check?.();
  const { rss } = Deno.memoryUsage();
  if (rss > MAX_MEMORY) {
    throw new Fault(`the process has ${Math.round(rss / 2 ** 20)} MiB of memory`);
  }
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : `\ncaused by ${wordsOf(error.cause)}`;
  return `${error.stack ?? error}${cause}`;
}
