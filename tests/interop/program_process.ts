/**
 * A program of others that runs beside a test.
 *
 * @module
 */

/** A program that runs until it is killed. */
export class ProgramProcess implements AsyncDisposable {
  #child: Deno.ChildProcess;
  #output: ReadableStreamDefaultReader<string>;

  /** Starts the program with these arguments. */
  constructor(program: string, ...args: string[]) {
    this.#child = new Deno.Command(program, { args, stdin: "null", stdout: "piped" })
      .spawn();
    this.#output = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** What it prints next, which has to be a line. */
  async line(): Promise<string> {
    let text = "";
    while (!text.endsWith("\n")) {
      const { done, value } = await this.#output.read();
      if (done) throw new Error("Cannot read a line: the program has ended");
      text += value;
    }
    return text.trimEnd();
  }

  /** Kills it with SIGKILL, after which it can do nothing more, and waits for its end. */
  async kill(): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch (error) {
      // It may have ended by itself.
      if (!(error instanceof TypeError)) throw error;
    }
    await this.#child.status;
  }

  /** Kills it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await this.#output.cancel();
  }
}
