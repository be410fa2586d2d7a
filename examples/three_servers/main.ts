/**
 * Three servers over one bucket, and clients that read from all of them at once.
 *
 *     export AWS_ENDPOINT_URL=http://localhost:9000
 *     export AWS_ACCESS_KEY_ID=... AWS_SECRET_ACCESS_KEY=...
 *     deno run -A examples/three_servers/main.ts s3://bucket/prefix
 *
 * @module
 */
import { TinyClient } from "@tinyflight/flight";
import { type RecordBatch, tableFromArrays } from "apache-arrow";
import { fileURLToPath } from "node:url";

const COMMAND = fileURLToPath(new URL("../../cli.ts", import.meta.url));
const BATCHES = 40;
const ROWS = 100_000;

/** A server in a process of its own. */
function startServer(location: string): Deno.ChildProcess {
  const options = ["--port", "0", "--piece-bytes", "16MB", "--quiet", "--s3", location];
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "-A", COMMAND, "serve", ...options],
    stdout: "piped",
  }).spawn();
}

/** Where a server listens, once it does. */
async function locationOf(process: Deno.ChildProcess): Promise<string> {
  let text = "";
  const output = process.stdout.pipeThrough(new TextDecoderStream());
  for await (const part of output) {
    text += part;
    const listening = /^listening on (\S+)\n/.exec(text);
    if (listening !== null) return listening[1];
  }
  throw new Error("Cannot start a server: its output above tells why");
}

/** A table that is made while it is sent. */
async function* measurements(): AsyncGenerator<RecordBatch> {
  for (let index = 0; index < BATCHES; index++) {
    const value = Float64Array.from({ length: ROWS }, (_, row) => index * ROWS + row);
    yield tableFromArrays({ value }).batches[0];
  }
}

const [location] = Deno.args;
if (location === undefined) {
  console.error("Usage: main.ts s3://bucket/prefix");
  Deno.exit(1);
}
const servers = [1, 2, 3].map(() => startServer(location));
try {
  const locations = await Promise.all(servers.map(locationOf));
  const clients = await Promise.all(locations.map((at) => TinyClient.connect(at)));
  const [first, second, third] = clients;
  await first.putTable("measurements", measurements());
  // The other servers hold nothing of their own: they have it at once.
  const { rows } = await second.tableInfo("measurements");
  const [info] = await Array.fromAsync(third.flight.listFlights());
  console.log(`${rows} rows in ${info.endpoint.length} objects`);
  const tables = await Promise.all(
    clients.map((client) => client.getTable("measurements")),
  );
  console.log(`read ${tables.length} times: ${tables.map(({ numRows }) => numRows)}`);
  await third.dropTable("measurements");
  console.log(`left: ${await first.listTables()}`);
  for (const client of clients) client.close();
} finally {
  for (const server of servers) {
    try {
      server.kill("SIGTERM");
    } catch {
      // It has ended already.
    }
  }
  await Promise.all(servers.map((server) => server.status));
}
