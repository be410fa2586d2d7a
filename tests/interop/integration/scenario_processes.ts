/**
 * The programs of the Arrow Flight integration suite, in processes of their own.
 *
 * @module
 */

/** No client takes as long as this, in milliseconds. */
const MAX_TIME = 60_000;

/** A server that runs until it is disposed of. */
export class ServerProcess implements AsyncDisposable {
  /** The port on which it listens. */
  readonly port: number;
  #child: Deno.ChildProcess;
  #stdout: ReadableStreamDefaultReader<string>;

  private constructor(
    port: number,
    child: Deno.ChildProcess,
    stdout: ReadableStreamDefaultReader<string>,
  ) {
    this.port = port;
    this.#child = child;
    this.#stdout = stdout;
  }

  /** Starts the program, and waits until it says where it listens. */
  static async start(program: readonly string[]): Promise<ServerProcess> {
    const child = new Deno.Command(program[0], {
      args: program.slice(1),
      stdin: "null",
      stdout: "piped",
    }).spawn();
    const stdout = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (true) {
      const { value, done } = await stdout.read();
      if (done) break;
      text += value;
      const listening = /^Server listening on localhost:(\d+)\n/m.exec(text);
      if (listening) return new ServerProcess(Number(listening[1]), child, stdout);
    }
    const { code } = await child.status;
    throw new Error(`Cannot start ${program.join(" ")}: it has ended with ${code}`);
  }

  /** Asks it to end, and gives the code with which it does. */
  async terminate(): Promise<number> {
    this.#child.kill("SIGTERM");
    const { code } = await this.#child.status;
    return code;
  }

  /** Kills it, if it has not ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
    await this.#stdout.cancel();
    await this.#child.status;
  }
}

/** Runs a client to its end, and gives what it leaves. */
export async function runClient(
  program: readonly string[],
): Promise<{ code: number; stderr: string }> {
  const { code, stderr } = await new Deno.Command(program[0], {
    args: program.slice(1),
    stdin: "null",
    stdout: "null",
    stderr: "piped",
    signal: AbortSignal.timeout(MAX_TIME),
  }).output();
  return { code, stderr: new TextDecoder().decode(stderr) };
}
