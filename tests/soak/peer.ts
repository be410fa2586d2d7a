/**
 * Programs of this folder in processes of their own.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { SPOIL_FREED_MEMORY } from "../helpers/processes/deno_process.ts";
import { LineProcess } from "../helpers/processes/line_process.ts";

/** How long a program may take to end when it has nothing more to read, in milliseconds. */
const MAX_END_TIME = 60_000;

/** A program of this folder that runs, and ends with its input. */
export class Peer extends LineProcess {
  /** Starts the program of this name. */
  constructor(name: string, ...args: string[]) {
    const path = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
    super(
      Deno.execPath(),
      ["run", "-q", "-A", "--v8-flags=--expose-gc", path, ...args],
      { env: SPOIL_FREED_MEMORY },
    );
  }

  /** Ends its input, and gives its exit code when it has ended, or was killed. */
  async ended(): Promise<number> {
    const timer = setTimeout(() => this.kill(), MAX_END_TIME);
    await this.closeInput();
    const code = await this.code;
    clearTimeout(timer);
    return code;
  }

  /** The same, for `await using`. */
  override async [Symbol.asyncDispose](): Promise<void> {
    await this.ended();
    await super[Symbol.asyncDispose]();
  }
}
