/**
 * What the fuzzer's parts have in common.
 *
 * @module
 */

/** What became of a case, as far as everything is in order. */
export type Outcome = "accepted" | "refused";

/** Something to try. */
export interface Case {
  /** What it is, in words. */
  describe(): string;
  /** Tries it. Whatever it throws is a fault. */
  run(): Outcome | Promise<Outcome>;
}

/** Something to try many cases on. */
export interface Target extends AsyncDisposable {
  /** How many cases there are; Infinity when they are made up. */
  readonly count: number;
  /** The case of this number, which is the same one each time. */
  prepare(index: number): Case;
  /** Throws unless all is well, whatever was tried before. */
  check?(): Promise<void>;
}

/** What a case must not do. */
export class Fault extends Error {
  /** A fault, with the error that shows it. */
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "Fault";
  }
}

/** What is thrown when something took longer than it may. */
export function checkDuration(started: number, most: number, what: string): void {
  const taken = performance.now() - started;
  if (taken > most) throw new Fault(`${what} took ${Math.round(taken)} ms`);
}
