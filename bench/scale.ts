/**
 * How the cost grows with the number of tables, clients, batches, columns and bytes.
 * Each figure is shown beside a smaller one of the same run.
 *
 *     deno run -A bench/scale.ts
 *
 * @module
 */
import { type RecordBatch, Table, tableFromArrays } from "apache-arrow";
import { DenoProcess } from "../tests/helpers/processes/deno_process.ts";
import { TinyClient } from "../client.ts";

const ROUNDS = 5;

/** A server in a process of its own, whose memory can be measured. */
class Server extends DenoProcess {
  constructor() {
    super("run", "-A", "bench/tiny_peer.ts", "server");
  }

  /** The memory that it uses, in bytes. */
  memory(): number {
    const status = Deno.readTextFileSync(`/proc/${this.pid}/status`);
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
  }
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

/** The median time of a run, in milliseconds. */
async function time(run: () => Promise<unknown>, rounds = ROUNDS): Promise<number> {
  await run();
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const started = performance.now();
    await run();
    times.push(performance.now() - started);
  }
  return median(times);
}

function floats(columns: number, rows: number): Table {
  const names = Array.from({ length: columns }, (_, index) => `c${index}`);
  return tableFromArrays(
    Object.fromEntries(
      names.map((name) => [name, new Float64Array(rows)]),
    ) as Record<string, Float64Array>,
  );
}

/** A table with this batch repeated, so that all batches share their memory. */
function repeated({ schema, batches: [batch] }: Table, count: number): Table {
  return new Table(schema, Array<RecordBatch>(count).fill(batch));
}

async function discard(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of items);
}

await using server = new Server();
const location = `grpc://127.0.0.1:${await server.readLine()}`;
await using client = await TinyClient.connect(location, { http: false });
const small = tableFromArrays({ x: [1, 2, 3] });

console.log("batches of 100 rows and 8 columns, microseconds for each");
for (const count of [10, 100, 1000, 10_000]) {
  const table = repeated(floats(8, 100), count);
  const put = await time(() => client.putTable("t", table));
  const get = await time(() => discard(client.readTable("t")));
  console.log(
    `  ${String(count).padStart(6)}: put ${
      (put * 1000 / count).toFixed(0).padStart(5)
    }, ` +
      `get ${(get * 1000 / count).toFixed(0).padStart(5)}`,
  );
}

console.log("columns of 1000 rows, microseconds for each");
for (const columns of [10, 100, 1000, 5000]) {
  const table = floats(columns, 1000);
  const put = await time(() => client.putTable("t", table));
  const get = await time(() => client.getTable("t"));
  console.log(
    `  ${String(columns).padStart(6)}: put ${
      (put * 1000 / columns).toFixed(1).padStart(6)
    }, ` +
      `get ${(get * 1000 / columns).toFixed(1).padStart(6)}`,
  );
}
await client.dropTable("t");

console.log("tables on the server, milliseconds");
for (const count of [10, 10_000]) {
  for (let index = (await client.listTables()).length; index < count; index++) {
    await client.putTable(`table ${index}`, small);
  }
  const list = await time(() => client.listTables());
  const get = await time(() => client.getTable("table 7"), 101);
  console.log(
    `  ${String(count).padStart(6)}: list ${list.toFixed(1)}, get ${get.toFixed(2)}`,
  );
}

console.log("clients at once, milliseconds for a put and a get of each");
for (const count of [1, 200]) {
  const started = performance.now();
  await Promise.all(Array.from({ length: count }, async (_, index) => {
    await using one = await TinyClient.connect(location, { http: false });
    await one.putTable(`client ${index}`, small);
    await one.getTable(`client ${index}`);
  }));
  const each = (performance.now() - started) / count;
  console.log(`  ${String(count).padStart(6)}: ${each.toFixed(1)}`);
}

console.log("a small get, milliseconds, beside a large one");
await client.putTable("large", repeated(floats(8, 32 * 1024), 256));
await using other = await TinyClient.connect(location, { http: false });
const alone = await time(() => other.getTable("table 7"), 101);
let isOver = false;
const large = discard(client.readTable("large")).finally(() => isOver = true);
const beside: number[] = [];
while (!isOver) {
  const started = performance.now();
  await other.getTable("table 7");
  beside.push(performance.now() - started);
}
await large;
console.log(
  `  alone ${alone.toFixed(2)}, beside ${median(beside).toFixed(1)}, ` +
    `at most ${Math.max(...beside).toFixed(1)}`,
);
await client.dropTable("large");

const chunk = floats(8, 64 * 1024);
const bytes = 4 * 1024 ** 3;
const count = bytes / (8 * 8 * 64 * 1024);
console.log("a table of 4 GiB");
const before = server.memory();
const started = performance.now();
await client.putTable("huge", repeated(chunk, count));
const put = performance.now() - started;
const held = server.memory() - before;
const getStarted = performance.now();
await discard(client.readTable("huge"));
const get = performance.now() - getStarted;
console.log(
  `  put ${(bytes / put / 1e6).toFixed(2)} GB/s, get ${
    (bytes / get / 1e6).toFixed(2)
  } GB/s, the server's memory grew by ${
    (held / bytes).toFixed(3)
  } of it with the put, ` +
    `${((server.memory() - before) / bytes).toFixed(3)} with the get`,
);
server.kill("SIGKILL");
