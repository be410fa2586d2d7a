/** Certificates that change while clients connect and call: none of them fails. */
import { assert, assertEquals } from "@std/assert";
import { tableFromArrays } from "apache-arrow";
import { TinyClient } from "../../../client.ts";
import type { ServerTls } from "../../../rpc/transport.ts";
import { TinyServer } from "../../../server.ts";
import { within } from "../../helpers/waiting.ts";
import { preparePeer } from "../go/go_programs.ts";
import { pythonScript } from "../python/python_cases.ts";
import { Certificates } from "./certificates.ts";

const peer = await preparePeer();
const ROTATIONS = 100;
/** How long certificates change at least, in milliseconds: the load takes time, too. */
const MIN_TIME = 5000;
/** How many connections each program has to make meanwhile, or it was no load. */
const MIN_CONNECTIONS = 20;
const MAX_WAIT = 60_000;
const TABLE = tableFromArrays({
  x: BigInt64Array.from({ length: 1000 }, (_, i) => BigInt(i)),
});

/** A program that makes connections and calls until it is told to end. */
class Load implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #lines: ReadableStreamDefaultReader<string>;
  #text = "";

  constructor(program: string, ...args: string[]) {
    const command = new Deno.Command(program, {
      args,
      stdin: "piped",
      stdout: "piped",
    });
    this.#child = command.spawn();
    this.#lines = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** Waits until it has made connections. */
  async begun(): Promise<void> {
    while (!this.#text.includes("begun\n")) {
      const { done, value } = await within(this.#lines.read(), "connections", MAX_WAIT);
      if (done) throw new Error(`The load has ended before it began: ${this.#text}`);
      this.#text += value;
    }
  }

  /** Ends it, and gives how many connections it has made, if none has failed. */
  async end(): Promise<number> {
    await this.#child.stdin.close();
    const { code } = await within(this.#child.status, "the load to end", MAX_WAIT);
    for (let read; !(read = await this.#lines.read()).done;) this.#text += read.value;
    assertEquals(code, 0, this.#text);
    return Number(this.#text.replace("begun\n", ""));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.stdin.close().catch(() => {});
    try {
      this.#child.kill("SIGKILL");
    } catch (error) {
      // It has ended by itself.
      if (!(error instanceof TypeError)) throw error;
    }
    await this.#child.status;
    await this.#lines.cancel();
  }
}

Deno.test("setTls() a hundred times while pyarrow, Go and TinyClient connect and call", async () => {
  await using certificates = await Certificates.make();
  const { ca, otherCa, ada: certificate, first, second, folder } = certificates;
  const all: ServerTls[] = [
    { certificates: [first], clientCa: ca },
    { certificates: [await certificates.next(), second], clientCa: ca },
    { certificates: [second, await certificates.next()], clientCa: `${otherCa}${ca}` },
  ];
  await using server = await new TinyServer({ port: 0, tls: all[0] }).listen();
  const tls = { ca, certificate };
  await using steady = await TinyClient.connect(server.location, { tls });
  await steady.putTable("table", TABLE);

  const python = Deno.env.get("TINYFLIGHT_PYTHON")!;
  const address = new URL(server.location).host;
  await using go = new Load(peer, "load", address, folder);
  await using pyarrow = new Load(
    python,
    pythonScript("tls/load"),
    server.location,
    folder,
  );
  await Promise.all([go.begun(), pyarrow.begun()]);
  const until = performance.now() + MIN_TIME;
  for (let round = 1; round <= ROTATIONS || performance.now() < until; round++) {
    await server.setTls(all[round % all.length]);
    await using client = await TinyClient.connect(server.location, { tls, timeout: 0 });
    assertEquals((await client.getTable("table")).numRows, 1000);
    assertEquals((await steady.getTable("table")).numRows, 1000);
  }
  const made = await Promise.all([go.end(), pyarrow.end()]);
  for (const count of made) assert(count >= MIN_CONNECTIONS, `${made} connections`);
});
