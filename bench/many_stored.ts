/**
 * What stores cost beside the transfer of a large table: the start with many tables in a
 * folder, the checksums, and three servers over one bucket beside one.
 *
 *     deno run -A bench/many_stored.ts [--tables 10000] [--megabytes 1000] [--seconds 20]
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { crc32 } from "node:zlib";
import { joinBytes } from "../base/join_bytes.ts";
import { DirectoryStore } from "../stores/directory/mod.ts";
import { fileNameOf } from "../stores/table_file/file_name.ts";
import { TableFileWriter, writeTable } from "../stores/table_file/write_table.ts";
import { incoming, type Sample, sampleTable } from "../stores/testing/samples.ts";
import { preparePython } from "../tests/interop/python/prepare_python.ts";
import { prepareGateway } from "../tests/interop/s3/prepare_gateway.ts";
import { Gateway } from "../tests/interop/s3/s3_gateway.ts";
import { Peer } from "./peers.ts";

const CLIENTS = 16;
const MB = 1e6;
const BLOCK_BYTES = 2 ** 20;

const { values } = parseArgs({
  options: {
    tables: { type: "string", default: "10000" },
    megabytes: { type: "string", default: "1000" },
    seconds: { type: "string", default: "20" },
  },
});

/** The bytes that this process has read from files. */
function bytesRead(): number {
  return Number(/rchar: (\d+)/.exec(Deno.readTextFileSync("/proc/self/io"))![1]);
}

/** How long it takes, in seconds. */
async function time(run: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await run();
  return (performance.now() - started) / 1000;
}

/** The bytes of the file that a store would write. */
async function fileOf({ name, descriptor, messages }: Sample): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  const sink = {
    write: (bytes: Uint8Array) => Promise.resolve(void parts.push(bytes)),
  };
  await writeTable(
    sink,
    { name, descriptor },
    incoming({ name, descriptor, messages }),
  );
  return joinBytes(parts);
}

/** The start over a folder with so many tables of some 16 kB. */
async function measureStart(folder: string, count: number): Promise<void> {
  const sample = await sampleTable("t", 1, { rows: 1000 });
  let stored = 0;
  for (let index = 0; index < count; index++) {
    const name = `table ${index}`;
    const cmd = new TextEncoder().encode(name);
    const file = await fileOf({
      ...sample,
      name,
      descriptor: { type: "CMD", cmd, path: [] },
    });
    await Deno.writeFile(`${folder}/${fileNameOf(name)}`, file);
    stored += file.length;
  }
  const before = bytesRead();
  let store: DirectoryStore | undefined;
  const seconds = await time(async () => store = await DirectoryStore.open(folder));
  const read = bytesRead() - before;
  const again = await time(async () => await Array.fromAsync(store!.list("")));
  console.log(
    `start with ${count} tables: ${seconds.toFixed(2)} s, which reads ${
      (read / MB).toFixed(0)
    } of ${(stored / MB).toFixed(0)} MB; a list then ${again.toFixed(2)} s`,
  );
}

/** The checksums' part in writing and reading a table in a folder, without a network. */
async function measureChecksums(folder: string, bytes: number): Promise<void> {
  const rows = BLOCK_BYTES / 8;
  const sample = await sampleTable("t", 1, {
    batches: Math.round(bytes / BLOCK_BYTES),
    rows,
  });
  const store = await DirectoryStore.open(folder);
  const put = await time(() => store.put("t", sample.descriptor, incoming(sample)));
  const index = new TableFileWriter({ write: () => Promise.resolve() }, sample);
  const summed = await time(async () => {
    for (const message of sample.messages) await index.write(message);
  });
  const path = `${folder}/${fileNameOf("t")}`;
  const read = await time(async () => {
    for await (const _ of (await store.get("t"))!.messages());
  });
  const checked: Uint8Array[] = [];
  const plain = await time(async () => {
    using file = await Deno.open(path);
    for (let block = new Uint8Array(BLOCK_BYTES); await file.read(block) !== null;) {
      if (checked.length < 32) checked.push(block);
      block = new Uint8Array(BLOCK_BYTES);
    }
  });
  let sum = 0;
  const turns = Math.ceil(bytes / (32 * BLOCK_BYTES));
  const checks = await time(() => {
    for (let turn = 0; turn < turns; turn++) {
      for (const block of checked) sum = crc32(block, sum);
    }
    return Promise.resolve();
  });
  const speed = (seconds: number) => `${(bytes / 1e9 / seconds).toFixed(2)} GB/s`;
  const part = (seconds: number, of: number) => `${(100 * seconds / of).toFixed(1)} %`;
  console.log(
    `put into a folder: ${speed(put)}, of which checksums ${part(summed, put)}`,
  );
  console.log(
    `get from a folder: ${speed(read)}, of which checksums ${
      part(checks, read)
    }; its file read without them: ${speed(plain)}`,
  );
}

/** What many_servers.py prints. */
interface Report {
  readonly seconds: number;
  readonly bytes: number;
  readonly calls: Readonly<Record<string, number>>;
  readonly errors: readonly string[];
}

/** So many servers over one bucket, under clients that put, get, list and drop. */
async function measureServers(
  gateway: Gateway,
  count: number,
  python: string,
): Promise<void> {
  await using servers = new AsyncDisposableStack();
  const locations: string[] = [];
  for (let server = 0; server < count; server++) {
    const args = ["s3", gateway.endpoint, gateway.locationOf(`of ${count}`)];
    const peer = servers.use(Peer.deno("store_peer.ts", ...args));
    locations.push(`grpc+tcp://127.0.0.1:${await peer.line()}`);
  }
  const script = fileURLToPath(
    new URL("../tests/interop/s3/many_servers.py", import.meta.url),
  );
  const command = new Deno.Command(python, {
    args: [script, values.seconds, `${CLIENTS}`, ...locations],
  });
  const { success, stdout, stderr } = await command.output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  const report: Report = JSON.parse(new TextDecoder().decode(stdout));
  const { seconds, bytes, errors, calls } = report;
  const made = Object.values(calls).reduce((sum, number) => sum + number, 0);
  console.log(
    `${count} server${count === 1 ? "" : "s"} over a bucket, ${CLIENTS} clients: ${
      (made / seconds).toFixed(0)
    } calls/s, gets ${(bytes / MB / seconds).toFixed(0)} MB/s, ${errors.length} errors`,
  );
}

const { TINYFLIGHT_PYTHON: python } = await preparePython(
  new URL("../.interop/", import.meta.url),
);
const { TINYFLIGHT_VERSITYGW } = await prepareGateway();
Deno.env.set("TINYFLIGHT_VERSITYGW", TINYFLIGHT_VERSITYGW);
for (
  const measure of [
    (folder: string) => measureStart(folder, Number(values.tables)),
    (folder: string) => measureChecksums(folder, Number(values.megabytes) * MB),
  ]
) {
  const folder = await Deno.makeTempDir();
  try {
    await measure(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
await using gateway = await Gateway.start();
for (const count of [1, 3]) await measureServers(gateway, count, python);
