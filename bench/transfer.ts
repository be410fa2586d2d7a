/**
 * Puts and gets between each pair of pyarrow's and our clients and servers, in turns,
 * on the same machine in the same run; with our server on Node as well; and with our own
 * once more with gets over HTTP.
 * Prints medians with their spread and their ratios to pyarrow with pyarrow, and writes
 * them as JSON.
 *
 *     deno run -A bench/transfer.ts [--rounds 5] [--megabytes 512] [--json FILE] [--only plain|tls]
 *
 * @module
 */
import { parseArgs } from "node:util";
import { type ClientMaker, Peer, type ServerMaker } from "./peers.ts";
import { preparePrograms } from "./programs.ts";
import { addSample, printReport, type Samples, writeReport } from "./report.ts";

const ROW_BYTES = 64;
const SMALL_CALLS = 200;
/** A server may put away what was dropped before small calls are measured. */
const CALM_MS = 500;
const BATCHES = { "32 Ki": 32 * 1024, "128 Ki": 128 * 1024 };

/** A client and a server, and whether tables are read over HTTP. */
interface Pairing {
  readonly client: ClientMaker;
  readonly server: ServerMaker;
  readonly http?: boolean;
}

const PAIRINGS: readonly Pairing[] = [
  { client: "pyarrow", server: "pyarrow" },
  { client: "pyarrow", server: "tiny" },
  { client: "pyarrow", server: "tiny on node" },
  { client: "tiny", server: "pyarrow" },
  { client: "tiny", server: "tiny" },
  { client: "tiny", server: "tiny", http: true },
];

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    megabytes: { type: "string", default: "512" },
    json: { type: "string", default: "bench/transfer.json" },
    only: { type: "string" },
  },
});
const rounds = Number(values.rounds);
const bytes = Number(values.megabytes) * 1e6;
const rows = Math.round(bytes / ROW_BYTES);

await using programs = await preparePrograms();

const samples: Samples = new Map();

/** What stands before the names of figures. */
let prefix = "";

function note(pairing: string, name: string, value: number): void {
  addSample(samples, prefix + name, pairing, value);
}

function nameOf({ client, server, http = false }: Pairing): string {
  return `${client} to ${server}${http ? ", HTTP" : ""}`;
}

/** Measures all pairings, over TLS with the certificates of a folder. */
async function measureAll(pairings: readonly Pairing[], certificates?: string) {
  const scheme = certificates === undefined ? "grpc+tcp" : "grpc+tls";
  const servers = new Map<ServerMaker, { peer: Peer; location: string }>();
  const clients = new Map<ClientMaker, Peer>();
  await using processes = new AsyncDisposableStack();
  for (const maker of ["pyarrow", "tiny", "tiny on node"] as const) {
    const peer = processes.use(Peer.server(maker, programs, certificates));
    const location = `${scheme}://127.0.0.1:${await peer.line()}`;
    servers.set(maker, { peer, location });
  }
  for (const maker of ["pyarrow", "tiny"] as const) {
    const client = processes.use(Peer.client(maker, programs, certificates));
    clients.set(maker, client);
    for (const [name, batchRows] of Object.entries(BATCHES)) {
      await client.run({ op: "prepare", name, rows, batchRows });
    }
    await client.run({ op: "prepare", name: "small", rows: 3, batchRows: 3 });
  }

  async function measure(pair: Pairing, warm: boolean) {
    const { http } = pair;
    const pairing = nameOf(pair);
    const client = clients.get(pair.client)!;
    const { peer: server, location } = servers.get(pair.server)!;
    const run = async (op: string, name: string, count: number, figure: string) => {
      const [clientCpu, serverCpu] = [client.cpu(), server.cpu()];
      const { seconds, first } = await client.run({ op, location, name, count, http });
      if (warm || http && op !== "get") return;
      if (count > 1) return note(pairing, `${figure}, calls/s`, count / seconds);
      note(pairing, `${figure}, GB/s`, bytes / seconds / 1e9);
      const perGb = 1e9 / bytes;
      note(pairing, `${figure}, server CPU s/GB`, (server.cpu() - serverCpu) * perGb);
      note(pairing, `${figure}, client CPU s/GB`, (client.cpu() - clientCpu) * perGb);
      if (first !== undefined) note(pairing, `${figure}, first batch ms`, first * 1000);
    };
    server.forgetPeak();
    for (const name of Object.keys(BATCHES)) {
      await run("put", name, 1, `put ${name}`);
      await run("get", name, 1, `get ${name}`);
      await client.run({ op: "drop", location, name });
    }
    if (!warm && !http) {
      note(pairing, "peak memory of the server, MB", server.peak() / 1e6);
    }
    await new Promise((resolve) => setTimeout(resolve, CALM_MS));
    const small = warm ? SMALL_CALLS / 10 : SMALL_CALLS;
    for (const op of ["put", "get", "info"]) {
      await run(op, "small", small, `small ${op}`);
    }
  }

  for (const pairing of pairings) await measure(pairing, true);
  for (let round = 0; round < rounds; round++) {
    for (const pairing of pairings) await measure(pairing, false);
  }
}

if (values.only !== "tls") await measureAll(PAIRINGS);
prefix = "TLS ";
const overGrpc = PAIRINGS.filter(({ http }) => !http);
if (values.only !== "plain") await measureAll(overGrpc, programs.certificates);
printReport(samples, PAIRINGS.map(nameOf));
await writeReport(samples, values.json);
