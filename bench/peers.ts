/**
 * The processes that a transfer is measured between.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { LineProcess } from "../tests/helpers/line_process.ts";

/** Whose server or client it is. */
export type Maker = "pyarrow" | "tiny";

/** What a command of a client answers. */
export interface Answer {
  /** How long it took. */
  readonly seconds: number;
  /** How long it took to the first batch, of a get. */
  readonly first?: number;
}

/** The clock ticks in which Linux counts a process's time. */
const TICKS_PER_SECOND = 100;

/** A server or a client in a process of its own. */
export class Peer extends LineProcess {
  /** Starts the process. */
  constructor(maker: Maker, role: "server" | "client", python: string) {
    const file = maker === "pyarrow" ? "pyarrow_peer.py" : "tiny_peer.ts";
    const path = fileURLToPath(new URL(file, import.meta.url));
    const [command, args] = maker === "pyarrow"
      ? [python, [path, role]]
      : [Deno.execPath(), ["run", "-A", path, role]];
    super(command, args);
  }

  /** The next line that it prints. */
  async line(): Promise<string> {
    const line = await this.readLine();
    if (line === undefined) {
      throw new Error("Cannot go on: a process has ended before its time");
    }
    return line;
  }

  /** Runs a command of a client. */
  async run(command: Record<string, unknown>): Promise<Answer> {
    await this.writeLine(JSON.stringify(command));
    return JSON.parse(await this.line());
  }

  /** The seconds of processor time that it has used. */
  cpu(): number {
    const stat = Deno.readTextFileSync(`/proc/${this.pid}/stat`);
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  }

  /** Starts anew to watch for the most memory that it has. */
  forgetPeak(): void {
    Deno.writeTextFileSync(`/proc/${this.pid}/clear_refs`, "5");
  }

  /** The most bytes of memory that it had since the last `forgetPeak`. */
  peak(): number {
    const status = Deno.readTextFileSync(`/proc/${this.pid}/status`);
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
  }
}
