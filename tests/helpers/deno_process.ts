/**
 * Programs in a process of their own, started as a user would start them.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

/** The folder of deno.json. */
export const ROOT: string = fileURLToPath(new URL("../../", import.meta.url));

/**
 * What makes the C library of most Linux systems overwrite memory when it is freed, and
 * keep none of it back: whoever uses it then fails at once, and not once in thousands
 * of times.
 */
export const SPOIL_FREED_MEMORY: Readonly<Record<string, string>> = {
  MALLOC_PERTURB_: "165",
  GLIBC_TUNABLES: "glibc.malloc.tcache_count=0",
};

/** No program of the tests takes as long as this, in milliseconds. */
const LONGEST = 120_000;

/** What a process has left when it has ended. */
export interface Ended {
  readonly code: number;
  /** Its standard output, apart from the lines that were read before. */
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `deno` with these arguments to its end. */
export async function runDeno(...args: string[]): Promise<Ended> {
  await using process = new DenoProcess(...args);
  return await process.ended();
}

/** A `deno` that runs, and is ended when it is disposed of. */
export class DenoProcess implements AsyncDisposable {
  #child: Deno.ChildProcess;
  #output: ReadableStreamDefaultReader<string>;
  #stderr: Promise<string>;
  #unread = "";
  #timer: ReturnType<typeof setTimeout>;

  /** Starts it in the folder of deno.json, without colours. */
  constructor(...args: string[]) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args,
      cwd: ROOT,
      env: { NO_COLOR: "1", ...SPOIL_FREED_MEMORY },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#output = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    this.#stderr = new Response(this.#child.stderr).text();
    this.#timer = setTimeout(() => this.kill("SIGKILL"), LONGEST);
  }

  /** Its number for the system. */
  get pid(): number {
    return this.#child.pid;
  }

  /** The next line of standard output; undefined when there is none any more. */
  async readLine(): Promise<string | undefined> {
    while (!this.#unread.includes("\n")) {
      const { value, done } = await this.#output.read();
      if (done) return undefined;
      this.#unread += value;
    }
    const end = this.#unread.indexOf("\n");
    const line = this.#unread.slice(0, end);
    this.#unread = this.#unread.slice(end + 1);
    return line;
  }

  /** Sends it a signal. */
  kill(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Waits until it has ended. */
  async ended(): Promise<Ended> {
    let line: string | undefined;
    const lines: string[] = [];
    while ((line = await this.readLine()) !== undefined) lines.push(`${line}\n`);
    const { code } = await this.#child.status;
    return { code, stdout: lines.join("") + this.#unread, stderr: await this.#stderr };
  }

  /** Ends it, if it has not ended, and waits until it has. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      // Unlike SIGKILL, this reaches what a `deno task` has started.
      this.kill("SIGTERM");
    } catch (error) {
      const hasEnded = error instanceof TypeError ||
        error instanceof Deno.errors.NotFound;
      if (!hasEnded) throw error;
    }
    await this.ended();
    clearTimeout(this.#timer);
  }
}
