/**
 * Runs a worker, and sees to it that it neither hangs, dies nor grows.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { ROOT, SPOIL_FREED_MEMORY } from "../helpers/processes/deno_process.ts";
import type { Failure, Totals } from "./run_cases.ts";

/** Which cases a worker is to run. */
export interface Work {
  readonly target: string;
  readonly seed: number;
  readonly first: number;
  readonly count: number;
  /** After so many seconds no new case is begun. */
  readonly seconds: number;
}

/** What a worker has done before its end. */
export interface Ending extends Totals {
  /** In which case it has ended before it should, and why. */
  readonly death: { readonly index: number; readonly reason: string } | undefined;
}

const DEFAULTS: Required<WatchOptions> = {
  script: fileURLToPath(new URL("worker.ts", import.meta.url)),
  longestCase: 20_000,
  mostMemory: 2 * 2 ** 30,
};
/**
 * The targets for which freed memory is spoiled. For the others it is not, as large
 * memory that is had and never used would be filled, too.
 */
const SPOILT = /-(wire|http2)$/;
const LOOK_MS = 250;
/** A start that takes longer than this hangs. */
const MAX_START_MS = 60_000;
/** V8 ends a process that wants more, before it takes all memory of the machine. */
const MAX_HEAP_MIB = 768;
const PAGE = 4096;
/** How much of what a worker says on its way out is of interest. */
const LAST_WORDS = 1500;

/** What a worker is, and how long it may take. */
export interface WatchOptions {
  /** The module that it runs. @default worker.ts */
  script?: string;
  /** How long a case may take, in milliseconds. @default 20000 */
  longestCase?: number;
  /** How much memory it may have, in bytes. @default 2 GiB */
  mostMemory?: number;
}

/** Runs a worker to its end, whatever that is. */
export function runWorker(work: Work, options: WatchOptions = {}): Promise<Ending> {
  return new Watch(work, options).run();
}

class Watch {
  readonly #work: Work;
  readonly #options: Required<WatchOptions>;
  readonly #progressFile = Deno.makeTempFileSync();
  /** The case that runs, and how many were accepted and refused. */
  #progress: readonly number[] = [-1, 0, 0];
  #since = performance.now();

  constructor(work: Work, options: WatchOptions) {
    this.#work = work;
    this.#options = { ...DEFAULTS, ...options };
  }

  async run(): Promise<Ending> {
    const { target, seed, first, count, seconds } = this.#work;
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        `--v8-flags=--max-old-space-size=${MAX_HEAP_MIB}`,
        this.#options.script,
        target,
        ...[seed, first, count, seconds].map(String),
        this.#progressFile,
      ],
      cwd: ROOT,
      env: {
        NO_COLOR: "1",
        ...SPOILT.test(target) ? SPOIL_FREED_MEMORY : {},
      },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const output = Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    let reason: string | undefined;
    const timer = setInterval(() => {
      reason ??= this.#look(child.pid);
      if (reason !== undefined) child.kill("SIGKILL");
    }, LOOK_MS);
    const { success, code, signal } = await child.status;
    clearInterval(timer);
    const [stdout, stderr] = await output;
    this.#readProgress();
    Deno.removeSync(this.#progressFile);
    const [index, accepted, refused] = this.#progress;
    const failures = stdout.split("\n").filter((line) => line !== "")
      .map((line): Failure => JSON.parse(line));
    if (success) return { accepted, refused, failures, death: undefined };
    reason ??= `the process has died (${signal ?? `exit code ${code}`}): ${
      stderr.trim().slice(0, LAST_WORDS)
    }`;
    return { accepted, refused, failures, death: { index, reason } };
  }

  /** Why the worker has to be ended, if it has to be. */
  #look(pid: number): string | undefined {
    this.#readProgress();
    const longest = this.#progress[0] < 0 ? MAX_START_MS : this.#options.longestCase;
    if (performance.now() - this.#since > longest) {
      return `it hangs for ${longest / 1000} seconds`;
    }
    const memory = memoryOf(pid);
    return memory > this.#options.mostMemory
      ? `it takes ${Math.round(memory / 2 ** 20)} MiB of memory`
      : undefined;
  }

  #readProgress(): void {
    const bytes = Deno.readFileSync(this.#progressFile);
    if (bytes.length === 0) return;
    const progress = [...new Float64Array(bytes.buffer)];
    if (progress[0] !== this.#progress[0]) this.#since = performance.now();
    this.#progress = progress;
  }
}

/** The memory of a process, in bytes; 0 where the system does not tell in this way. */
function memoryOf(pid: number): number {
  try {
    return PAGE * Number(Deno.readTextFileSync(`/proc/${pid}/statm`).split(" ")[1]);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}
