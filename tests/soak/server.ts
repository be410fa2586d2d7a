/**
 * The server of the soak test, in a process of its own: prints where it is, answers
 * each line of its input with what it has in use, and ends when its input does.
 *
 * @module
 */
import { Server } from "@grpc/grpc-js";
import type { Http2Server } from "node:http2";
import process from "node:process";
import { TextLineStream } from "../helpers/lines.ts";
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
  /** HTTP/2's connections. */
  readonly sessions: number;
  /** Listeners for events of what lives as long as the server. */
  readonly listeners: number;
}

/** What of grpc-js's inner life is looked at here; its version is pinned. */
interface ServerInternals {
  readonly http2Servers: Map<Http2Server, { readonly sessions: Set<unknown> }>;
}

/** grpc-js's servers of this process, which keep themselves to themselves. */
const grpcServers: ServerInternals[] = [];
const { addService } = Server.prototype;
Server.prototype.addService = function (...args) {
  grpcServers.push(this as unknown as ServerInternals);
  return addService.apply(this, args);
};

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
  const http2Servers = grpcServers.flatMap((grpc) => [...grpc.http2Servers]);
  return {
    calls: server.running,
    handles: [...Deno.readDirSync("/proc/self/fd")].length,
    bytes: heapUsed + external,
    resident: rss,
    timers:
      process.getActiveResourcesInfo().filter((what) => what === "Timeout").length,
    sessions: sum(http2Servers.map(([_, { sessions }]) => sessions.size)),
    listeners: sum([process, ...http2Servers.map(([http2Server]) => http2Server)]
      .flatMap((emitter) =>
        emitter.eventNames().map((name) => emitter.listenerCount(name))
      )),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
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
