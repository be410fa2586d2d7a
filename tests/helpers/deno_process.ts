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

/** A program that runs, and is ended when it is disposed of. */
class Process implements AsyncDisposable {
  #child: Deno.ChildProcess;
  #input: WritableStreamDefaultWriter<Uint8Array> | undefined;
  #output: ReadableStreamDefaultReader<string>;
  #stderr: Promise<string>;
  #unread = "";
  #timer: ReturnType<typeof setTimeout>;

  /** Starts it in the folder of deno.json, without colours. */
  constructor(command: string, args: string[], stdin: "null" | "piped") {
    this.#child = new Deno.Command(command, {
      args,
      cwd: ROOT,
      env: { NO_COLOR: "1", ...SPOIL_FREED_MEMORY },
      stdin,
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#input = stdin === "piped" ? this.#child.stdin.getWriter() : undefined;
    this.#output = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    this.#stderr = new Response(this.#child.stderr).text();
    this.#timer = setTimeout(() => this.kill("SIGKILL"), LONGEST);
  }

  /** Writes a text to its standard input, which is piped. */
  protected async write(text: string): Promise<void> {
    await this.#input?.write(new TextEncoder().encode(text));
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

  /** Reads its output no more, so that it can write none. */
  async closeOutput(): Promise<void> {
    await this.#output.cancel();
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
    await this.#input?.close();
    clearTimeout(this.#timer);
  }
}

/** A `deno` that runs. */
export class DenoProcess extends Process {
  /** Starts it with these arguments. */
  constructor(...args: string[]) {
    super(Deno.execPath(), args, "null");
  }
}

/** The character that Ctrl+C types. */
export const CTRL_C = "\x03";

/**
 * A `deno` that runs in a pseudo-terminal, as one that a user has started by hand. Its
 * output and errors are one text. `script` is a part of every Linux.
 */
export class TerminalProcess extends Process {
  /** Starts it with these arguments, which have no quotes. */
  constructor(...args: string[]) {
    const command = [Deno.execPath(), ...args].join(" ");
    super("script", ["-q", "-e", "-c", command, "/dev/null"], "piped");
  }

  /** Types these keys. */
  async type(keys: string): Promise<void> {
    await this.write(keys);
  }

  /** The next line that has this in it. */
  async readLineWith(text: string): Promise<string> {
    for (let line = await this.readLine(); line !== undefined;) {
      if (line.includes(text)) return line.trimEnd();
      line = await this.readLine();
    }
    throw new Error(`Cannot find a line with "${text}": the process has ended`);
  }
}
