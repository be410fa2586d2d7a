/**
 * Several pyarrow clients at the same time, with pyarrow's server and with ours: their
 * total throughput, and the time of a small call beside them; plain and over TLS.
 *
 *     deno run -A bench/crowd.ts [--rounds 3] [--megabytes 128] [--json FILE] [--only plain|tls]
 *
 * @module
 */
import { parseArgs } from "node:util";
import { Peer, type ServerMaker } from "./peers.ts";
import { preparePrograms } from "./programs.ts";
import { addSample, printReport, type Samples, writeReport } from "./report.ts";

const ROW_BYTES = 64;
const BATCH_ROWS = 32 * 1024;
const CROWDS = [4, 16];
const SERVERS: readonly ServerMaker[] = ["pyarrow", "tiny", "tiny on node"];

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    megabytes: { type: "string", default: "128" },
    json: { type: "string", default: "bench/crowd.json" },
    only: { type: "string" },
  },
});
const bytes = Number(values.megabytes) * 1e6;
const rows = Math.round(bytes / ROW_BYTES);
await using programs = await preparePrograms();
const samples: Samples = new Map();

/** What stands before the names of figures. */
let prefix = "";

function note(server: ServerMaker, name: string, value: number): void {
  addSample(samples, prefix + name, server, value);
}

/** Clients, each with a large table of its own and a small one. */
async function openClients(count: number, certificates?: string): Promise<Peer[]> {
  const peers = Array.from(
    { length: count },
    () => Peer.client("pyarrow", programs, certificates),
  );
  await Promise.all(peers.map(async (peer, index) => {
    await peer.run({
      op: "prepare",
      name: `large ${index}`,
      rows,
      batchRows: BATCH_ROWS,
    });
    await peer.run({ op: "prepare", name: "small", rows: 3, batchRows: 3 });
  }));
  return peers;
}

/** The seconds until all clients have done this. */
async function together(
  peers: readonly Peer[],
  op: "put" | "get",
  location: string,
): Promise<number> {
  const started = performance.now();
  await Promise.all(
    peers.map((peer, index) =>
      peer.run({ op, location, name: `large ${index}`, count: 1 })
    ),
  );
  return (performance.now() - started) / 1000;
}

/** The milliseconds of each small get while large gets, or puts, are running. */
async function smallBeside(
  small: Peer,
  large: readonly Peer[],
  op: "put" | "get",
  location: string,
): Promise<number[]> {
  let isOver = false;
  const others = together(large, op, location).finally(() => isOver = true);
  const times: number[] = [];
  while (!isOver) {
    const { seconds } = await small.run({
      op: "get",
      location,
      name: "small",
      count: 1,
    });
    times.push(seconds * 1000);
  }
  await others;
  return times;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

/** Measures a server with so many clients, which speak TLS with these certificates. */
async function measure(
  server: ServerMaker,
  location: string,
  { crowd, certificates }: { readonly crowd: number; readonly certificates?: string },
): Promise<void> {
  await using clients = new AsyncDisposableStack();
  const peers = await openClients(crowd, certificates);
  for (const peer of peers) clients.use(peer);
  const [small] = await openClients(1, certificates);
  clients.use(small);
  await small.run({ op: "put", location, name: "small", count: 1 });
  for (const op of ["put", "get"] as const) {
    const seconds = await together(peers, op, location);
    note(
      server,
      `${crowd} clients ${op}, GB/s together`,
      crowd * bytes / seconds / 1e9,
    );
  }
  for (const op of ["get", "put"] as const) {
    const times = await smallBeside(small, peers, op, location);
    note(server, `small get beside ${crowd} ${op}s, ms`, median(times));
    note(server, `small get beside ${crowd} ${op}s, slowest ms`, Math.max(...times));
  }
  for (const index of peers.keys()) {
    await peers[index].run({ op: "drop", location, name: `large ${index}` });
  }
}

/** Measures all servers, over TLS with the certificates of a folder. */
async function measureAll(certificates?: string): Promise<void> {
  const scheme = certificates === undefined ? "grpc+tcp" : "grpc+tls";
  await using servers = new AsyncDisposableStack();
  const locations = new Map<ServerMaker, string>();
  for (const maker of SERVERS) {
    const peer = servers.use(Peer.server(maker, programs, certificates));
    locations.set(maker, `${scheme}://127.0.0.1:${await peer.line()}`);
  }
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const crowd of CROWDS) {
      for (const [server, location] of locations) {
        await measure(server, location, { crowd, certificates });
      }
    }
  }
}

if (values.only !== "tls") await measureAll();
prefix = "TLS ";
if (values.only !== "plain") await measureAll(programs.certificates);
printReport(samples, [...SERVERS]);
await writeReport(samples, values.json);
