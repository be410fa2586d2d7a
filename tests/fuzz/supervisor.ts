/**
 * Runs all cases of a target, with a new worker after each that one of them has
 * ended.
 *
 * @module
 */
import { type Failure, MAX_FAILURES, type Totals } from "./run_cases.ts";
import { openTarget } from "./targets.ts";
import { runWorker, type Work } from "./watch.ts";

/** A failure, and how many cases have to be run to see it. */
export interface RepeatableFailure extends Failure {
  readonly count: number;
}

/** What became of a target's cases. */
export interface TargetReport {
  readonly target: string;
  readonly accepted: number;
  readonly refused: number;
  readonly failures: readonly RepeatableFailure[];
}

/** What ends a process may come from a case before the one that was running. */
const CASES_BEFORE = 10;

/** Sees to the cases of one target. */
export class Supervisor {
  readonly #work: Work;
  readonly #totals: Totals = { accepted: 0, refused: 0, failures: [] };
  readonly #deaths: RepeatableFailure[] = [];

  /** A supervisor of these cases. */
  constructor(work: Work) {
    this.#work = work;
  }

  /** Runs them. */
  async run(): Promise<TargetReport> {
    const { target, first, count, seconds } = this.#work;
    const end = performance.now() + 1000 * seconds;
    let next = first;
    while (this.#deaths.length < MAX_FAILURES && next < first + count) {
      const left = (end - performance.now()) / 1000;
      if (left <= 0) break;
      const rest = { first: next, count: first + count - next, seconds: left };
      const ending = await runWorker({ ...this.#work, ...rest });
      this.#totals.accepted += ending.accepted;
      this.#totals.refused += ending.refused;
      this.#totals.failures.push(...ending.failures);
      if (ending.death === undefined) break;
      const { index, reason } = ending.death;
      this.#deaths.push(await this.#repeatable(index, reason));
      next = Math.max(next, index) + 1;
    }
    const { accepted, refused, failures } = this.#totals;
    const once = failures.map((failure) => ({ ...failure, count: 1 }));
    return { target, accepted, refused, failures: [...once, ...this.#deaths] };
  }

  /** The failure with as few cases as show it again. */
  async #repeatable(index: number, reason: string): Promise<RepeatableFailure> {
    const { target, seed, first } = this.#work;
    if (index < 0) return { index: first, count: 1, what: "the start", error: reason };
    await using opened = await openTarget(target, seed);
    const what = opened.prepare(index).describe();
    const diesOf = async (first: number, count: number): Promise<boolean> => {
      const ending = await runWorker({ target, seed, first, count, seconds: Infinity });
      return ending.death !== undefined;
    };
    if (await diesOf(index, 1)) return { index, count: 1, what, error: reason };
    const before = Math.max(first, index - CASES_BEFORE);
    const count = index - before + 1;
    const error = await diesOf(before, count)
      ? reason
      : `${reason}\n(it did not happen again)`;
    return { index: before, count, what: `up to ${what}`, error };
  }
}
