/**
 * Targets whose cases are tried on a server, or on a client.
 *
 * @module
 */
import type { AttackedServer } from "../calls/attacked_server.ts";
import type { Mutated } from "../mutate_bytes.ts";
import { checkDuration, type Outcome, type Target } from "../target.ts";

/** How long a case may take, in milliseconds. */
const MAX_TIME = 5000;

/** What is done with what a case says. */
export interface Attack<T> {
  run(said: T): Promise<Outcome>;
  /** The server that is attacked; a client is made anew for each case. */
  readonly attacked?: AttackedServer;
}

/** A target with a case for each number, made up out of nothing else. */
export function attackTarget<T>(
  make: (index: number) => Mutated<T>,
  { run, attacked }: Attack<T>,
): Target {
  return {
    count: Infinity,
    prepare(index) {
      const { result, what } = make(index);
      return {
        describe: () => what,
        async run() {
          const started = performance.now();
          const outcome = await run(result);
          checkDuration(started, MAX_TIME, "the case");
          return outcome;
        },
      };
    },
    check: () => attacked?.check() ?? Promise.resolve(),
    [Symbol.asyncDispose]: () => attacked?.[Symbol.asyncDispose]() ?? Promise.resolve(),
  };
}
