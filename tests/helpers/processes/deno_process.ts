/**
 * Programs in a process of their own, started as a user would start them.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { LineProcess } from "./line_process.ts";

/** The folder of deno.json. */
export const ROOT: string = fileURLToPath(new URL("../../../", import.meta.url));

/**
 * Makes the C library of most Linux systems overwrite memory when it is freed, and not
 * cache it: a use after that fails at once, and not once in thousands of times.
 */
export const SPOIL_FREED_MEMORY: Readonly<Record<string, string>> = {
  MALLOC_PERTURB_: "165",
  GLIBC_TUNABLES: "glibc.malloc.tcache_count=0",
};

/** After this time a program of the tests is killed, in milliseconds. */
const MAX_TIME = 300_000;

/** How a process has ended. */
export interface Ended {
  readonly code: number;
  /** Its standard output, without the lines that were read before. */
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `deno` with these arguments to its end. */
export async function runDeno(...args: string[]): Promise<Ended> {
  await using process = new DenoProcess(...args);
  return await process.ended();
}

/** A program that is asked to end, and not killed, when it is disposed of. */
class Process extends LineProcess {
  readonly #stderr: Promise<string>;
  readonly #timer: ReturnType<typeof setTimeout>;

  /** Starts it in the folder of deno.json, without colours. */
  constructor(command: string, args: string[], stdin: "null" | "piped") {
    const env = { NO_COLOR: "1", ...SPOIL_FREED_MEMORY };
    super(command, args, { cwd: ROOT, env, stdin, stderr: "piped" });
    this.#stderr = new Response(this.child.stderr).text();
    this.#timer = setTimeout(() => this.kill("SIGKILL"), MAX_TIME);
  }

  /** Waits until it has ended. */
  async ended(): Promise<Ended> {
    const stdout = await this.readRest();
    const code = await this.code;
    return { code, stdout, stderr: await this.#stderr };
  }

  /** Ends it, if it has not ended, and waits until it has. */
  override async [Symbol.asyncDispose](): Promise<void> {
    // Unlike SIGKILL, this reaches what a `deno task` has started.
    this.killIfRunning("SIGTERM");
    await this.ended();
    await super[Symbol.asyncDispose]();
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
    // Some shells stay, take the Ctrl+C as well, and end with a code of their own.
    const command = ["exec", Deno.execPath(), ...args].join(" ");
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
