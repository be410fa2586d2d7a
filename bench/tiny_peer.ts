/**
 * TinyServer and TinyClient, which bench/transfer.ts drives, like pyarrow_peer.py.
 *
 *     tiny_peer.ts server    prints its port, and serves until it is killed
 *     tiny_peer.ts client    reads commands from its input, a JSON line each, and
 *                            answers each with a JSON line
 *
 * With a folder behind the role they speak TLS: ca.pem, cert.pem and key.pem are in it.
 *
 * @module
 */
import { Table, tableFromArrays } from "apache-arrow";
import { TextLineStream } from "../tests/helpers/processes/lines.ts";
import { TinyClient } from "../client.ts";
import { HttpDoor } from "../http/mod.ts";
import { TinyServer } from "../server.ts";

const COLUMNS = 8;

interface Command {
  readonly op: "prepare" | "put" | "get" | "info" | "drop";
  readonly location: string;
  readonly name: string;
  readonly rows: number;
  readonly batchRows: number;
  readonly count?: number;
  /** Whether to read over HTTP. */
  readonly http?: boolean;
}

const [role, folder] = Deno.args;
/** A file of the folder of certificates. */
const read = (name: string) => Deno.readTextFileSync(`${folder}/${name}.pem`);
const tls = folder === undefined ? undefined : { ca: read("ca") };

const tables = new Map<string, Table>();
const clients = new Map<string, TinyClient>();

async function clientOf(location: string, http: boolean): Promise<TinyClient> {
  const key = `${location} ${http}`;
  const client = clients.get(key) ?? await TinyClient.connect(location, { http, tls });
  clients.set(key, client);
  return client;
}

function prepare({ name, rows, batchRows }: Command): void {
  const columns = Array.from(
    { length: COLUMNS },
    (
      _,
      index,
    ) => [`c${index}`, Float64Array.from({ length: rows }, (_, row) => row + index)],
  );
  const whole = tableFromArrays(
    Object.fromEntries(columns) as Record<string, Float64Array>,
  );
  const batches = [];
  for (let start = 0; start < rows; start += batchRows) {
    batches.push(...whole.slice(start, start + batchRows).batches);
  }
  tables.set(name, new Table(whole.schema, batches));
}

async function run(command: Command): Promise<Record<string, number>> {
  const { op, name, count = 1, http = false } = command;
  if (op === "prepare") {
    prepare(command);
    return {};
  }
  const client = await clientOf(command.location, http);
  const table = tables.get(name)!;
  const started = performance.now();
  const elapsed = () => (performance.now() - started) / 1000;
  let first: number | undefined;
  for (let call = 0; call < count; call++) {
    if (op === "put") await client.putTable(name, table);
    else if (op === "info") await client.tableInfo(name);
    else if (op === "drop") await client.dropTable(name);
    else {
      const batches = [];
      for await (const batch of client.readTable(name)) {
        first ??= elapsed();
        batches.push(batch);
      }
      const whole = new Table(batches);
      if (whole.numRows !== table.numRows) {
        throw new Error("the table has come back short");
      }
    }
  }
  return { seconds: elapsed(), ...first === undefined ? {} : { first } };
}

if (role === "server") {
  const http = new HttpDoor({ port: 0 });
  const server = await new TinyServer({
    hostname: "127.0.0.1",
    port: 0,
    http,
    tls: folder === undefined
      ? undefined
      : { certificates: [{ cert: read("cert"), key: read("key") }] },
  }).listen();
  console.log(new URL(server.location).port);
  await server.finished;
} else {
  const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream());
  for await (const line of lines) {
    console.log(JSON.stringify(await run(JSON.parse(line))));
  }
}
