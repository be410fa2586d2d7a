/**
 * The clients and servers of a benchmark, in processes of their own.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { LineProcess } from "../tests/helpers/processes/line_process.ts";
import type { Programs } from "./programs.ts";

/** Who made a client: pyarrow, or this package, on Deno. */
export type ClientMaker = "pyarrow" | "tiny";
/** Who made a server; `tiny on node` is this package on Node. */
export type ServerMaker = ClientMaker | "tiny on node";

/** A client's answer to a command. */
export interface Answer {
  /** How long it took, in seconds. */
  readonly seconds: number;
  /** For a get, how long it took until the first batch. */
  readonly first?: number;
}

/** The unit in which Linux counts a process's time. */
const TICKS_PER_SECOND = 100;

/** A server or a client in a process of its own. */
export class Peer extends LineProcess {
  /** Starts a server, which speaks TLS with the certificates of this folder. */
  static server(maker: ServerMaker, programs: Programs, certificates?: string): Peer {
    const args = certificates === undefined ? [] : [certificates];
    return maker === "tiny on node"
      ? new Peer(programs.node, [programs.nodeServer, ...args])
      : Peer.#of(maker, programs, ["server", ...args]);
  }

  /** Starts a client, which speaks TLS with the authority of this folder. */
  static client(
    maker: ClientMaker,
    programs: Pick<Programs, "python">,
    certificates?: string,
  ): Peer {
    const args = certificates === undefined ? [] : [certificates];
    return Peer.#of(maker, programs, ["client", ...args]);
  }

  static #of(
    maker: ClientMaker,
    { python }: Pick<Programs, "python">,
    args: string[],
  ): Peer {
    return maker === "pyarrow"
      ? new Peer(python, [pathOf("pyarrow_peer.py"), ...args])
      : Peer.deno("tiny_peer.ts", ...args);
  }

  /** Starts a program of this folder with these arguments. */
  static deno(program: string, ...args: string[]): Peer {
    return new Peer(Deno.execPath(), ["run", "-A", pathOf(program), ...args]);
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

  /** Starts a new measurement of the peak memory. */
  forgetPeak(): void {
    Deno.writeTextFileSync(`/proc/${this.pid}/clear_refs`, "5");
  }

  /** The peak memory since the last `forgetPeak`, in bytes. */
  peak(): number {
    const status = Deno.readTextFileSync(`/proc/${this.pid}/status`);
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
  }
}

function pathOf(program: string): string {
  return fileURLToPath(new URL(program, import.meta.url));
}
