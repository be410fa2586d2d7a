/**
 * Programs of this folder in processes of their own.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { TextLineStream } from "../../bench/lines.ts";
import { SPOIL_FREED_MEMORY } from "../helpers/deno_process.ts";

/** How long a program may take to end, in milliseconds, when all has been said. */
const LONGEST_END = 20_000;

/** A program of this folder that runs, and reads and prints lines. */
export class Peer implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #lines: ReadableStreamDefaultReader<string>;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;

  /** Starts the program of this name. */
  constructor(name: string, ...args: string[]) {
    const path = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-q", "-A", "--v8-flags=--expose-gc", path, ...args],
      env: SPOIL_FREED_MEMORY,
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#lines = this.#child.stdout.pipeThrough(new TextDecoderStream())
      .pipeThrough(new TextLineStream()).getReader();
    this.#input = this.#child.stdin.getWriter();
  }

  /** The next line that it prints; undefined when it has ended. */
  async readLine(): Promise<string | undefined> {
    return (await this.#lines.read()).value;
  }

  /** Gives it a line to read. */
  async writeLine(line: string): Promise<void> {
    await this.#input.write(new TextEncoder().encode(`${line}\n`));
  }

  /** Kills it, in the middle of whatever it does. */
  kill(): void {
    this.#child.kill("SIGKILL");
  }

  /** Ends its input, and gives its exit code when it has ended, too, or was made to. */
  async ended(): Promise<number> {
    const timer = setTimeout(() => this.kill(), LONGEST_END);
    // One that was killed does not read any more.
    await this.#input.close().catch(() => {});
    while (await this.readLine() !== undefined);
    const { code } = await this.#child.status;
    clearTimeout(timer);
    return code;
  }

  /** The same, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.ended();
  }
}
