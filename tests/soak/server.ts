/**
 * The server of the soak test, in a process of its own: prints where it is, answers
 * each line of its input with what it has in use, and ends when its input does.
 *
 * @module
 */
import process from "node:process";
import { TextLineStream } from "../helpers/processes/lines.ts";
import { HttpDoor } from "../../http/mod.ts";
import { TinyServer } from "../../server.ts";

/** What a process has in use. */
export interface Usage {
  /** Calls that run. */
  readonly calls: number;
  /** Files and sockets that are open. */
  readonly handles: number;
  /** Bytes of objects and buffers, after the garbage was collected. */
  readonly bytes: number;
  /** Bytes of the process that are in memory, of which the system tells. */
  readonly resident: number;
  /** Timers that have not fired. */
  readonly timers: number;
  /** Sockets that are open, those that listen among them. */
  readonly sockets: number;
  /** Listeners for events of the process. */
  readonly listeners: number;
}

/** A server that tells how many calls run. */
class Watched extends TinyServer {
  get running(): number {
    return this.callHost.running.size;
  }
}

async function usage(server: Watched): Promise<Usage> {
  // Buffers are freed some time after the objects that had them.
  for (let round = 0; round < 4; round++) {
    (globalThis as unknown as { gc(): void }).gc();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { heapUsed, external, rss } = Deno.memoryUsage();
  const handles = [...Deno.readDirSync(HANDLES)].map(({ name }) => targetOf(name));
  return {
    calls: server.running,
    handles: handles.length,
    bytes: heapUsed + external,
    resident: rss,
    timers:
      process.getActiveResourcesInfo().filter((what) => what === "Timeout").length,
    sockets: handles.filter((target) => target.startsWith("socket:")).length,
    listeners: process.eventNames().reduce(
      (total, name) => total + process.listenerCount(name),
      0,
    ),
  };
}

/** Where Linux lists the handles of this process. */
const HANDLES = "/proc/self/fd";

/** What a handle leads to, such as `socket:[12345]`; empty when it was closed meanwhile. */
function targetOf(handle: string): string {
  try {
    return Deno.readLinkSync(`${HANDLES}/${handle}`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

if (import.meta.main) {
  const http = new HttpDoor({ port: 0, hostname: "127.0.0.1" });
  const server = new Watched({
    hostname: "127.0.0.1",
    port: 0,
    http,
    maxIdleTime: 2000,
  });
  await server.listen();
  console.log(server.location);
  const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream());
  for await (const _ of lines) console.log(JSON.stringify(await usage(server)));
  await server.shutdown();
}
