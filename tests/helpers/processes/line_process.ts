/**
 * Programs in processes of their own that read and print lines.
 *
 * @module
 */

/** How a {@linkcode LineProcess} is started. */
export interface LineProcessOptions {
  /** The folder in which it starts. @default this process's own */
  readonly cwd?: string;
  /** Environment variables, beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whether its input is written by this process, or empty. @default "piped" */
  readonly stdin?: "piped" | "null";
  /** Where its errors go. @default to where those of this process go */
  readonly stderr?: "inherit" | "piped";
}

/** A program that runs, and is killed when it is disposed of. */
export class LineProcess implements AsyncDisposable {
  /** The process. */
  protected readonly child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array> | undefined;
  readonly #output: ReadableStreamDefaultReader<string>;
  #unread = "";

  /** Starts the program. */
  constructor(
    command: string,
    args: readonly string[],
    { cwd, env, stdin = "piped", stderr = "inherit" }: LineProcessOptions = {},
  ) {
    this.child = new Deno.Command(command, {
      args: [...args],
      cwd,
      env,
      stdin,
      stdout: "piped",
      stderr,
    }).spawn();
    this.#input = stdin === "piped" ? this.child.stdin.getWriter() : undefined;
    // It is read before anybody asks for it: a full pipe would stop the program.
    const kept = new TransformStream<string, string>({}, {}, {
      highWaterMark: Infinity,
    });
    this.#output = this.child.stdout.pipeThrough(new TextDecoderStream())
      .pipeThrough(kept).getReader();
  }

  /** The id of the process. */
  get pid(): number {
    return this.child.pid;
  }

  /** Its exit code, when it has ended. */
  get code(): Promise<number> {
    return this.child.status.then(({ code }) => code);
  }

  /** The next line that it prints; undefined at the end of its output. */
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

  /** All that it prints from now on, until it ends. */
  async readRest(): Promise<string> {
    let line: string | undefined;
    const lines: string[] = [];
    while ((line = await this.readLine()) !== undefined) lines.push(`${line}\n`);
    return lines.join("") + this.#unread;
  }

  /** Writes a line to its input. */
  async writeLine(line: string): Promise<void> {
    await this.write(`${line}\n`);
  }

  /** Writes a text to its input. */
  async write(text: string): Promise<void> {
    await this.#input?.write(new TextEncoder().encode(text));
  }

  /** Ends its input. */
  async closeInput(): Promise<void> {
    try {
      await this.#input?.close();
    } catch {
      // A process that has ended does not read any more.
    }
  }

  /** Closes its output, so that it cannot print any more. */
  async closeOutput(): Promise<void> {
    await this.#output.cancel();
  }

  /** Sends it a signal. */
  kill(signal: Deno.Signal = "SIGKILL"): void {
    this.child.kill(signal);
  }

  /** Kills it, if it has not ended, and waits until it has. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.killIfRunning("SIGKILL");
    await this.child.status;
    await this.closeInput();
    await this.closeOutput();
  }

  /** Sends it a signal, if it has not ended. */
  protected killIfRunning(signal: Deno.Signal): void {
    try {
      this.kill(signal);
    } catch (error) {
      const hasEnded = error instanceof TypeError ||
        error instanceof Deno.errors.NotFound;
      if (!hasEnded) throw error;
    }
  }
}
