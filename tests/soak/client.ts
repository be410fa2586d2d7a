/**
 * A client of the soak test, in a process of its own, which may be killed at any
 * moment: does one thing after the other, as its seed has it, until its input ends.
 * It prints a line for each thing, and one that begins with `fault` for each that
 * should not have been.
 *
 *     client.ts LOCATION SEED
 *
 * @module
 */
import { Table } from "apache-arrow";
import { FlightError, TinyClient } from "../../client.ts";
import { Random } from "../helpers/random.ts";
import { versionedBatches, versionOf } from "./versions.ts";

const NAMES = ["a", "b", "c", "d"];
/** What an action may fail with, beside what it is cancelled with. */
const EXPECTED = ["NOT_FOUND"];

const [location, seed] = Deno.args;
const random = new Random(Number(seed), "client");
const pick = <T>(items: readonly T[]): T => items[random.below(items.length)];
const pause = (milliseconds: number) =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

async function* slowly<T>(items: Iterable<T>): AsyncGenerator<T> {
  for (const item of items) {
    await pause(random.below(20));
    yield item;
  }
}

/** What a client does, by its name. */
const actions: Record<
  string,
  (client: TinyClient, signal?: AbortSignal) => Promise<void>
> = {
  async put(client, signal) {
    const batches = versionedBatches(random.below(1000));
    const source = random.below(4) === 0 ? slowly(batches) : new Table(batches);
    await client.putTable(pick(NAMES), source, { signal, maxMessageBytes: 100_000 });
  },
  async get(client, signal) {
    versionOf(await client.getTable(pick(NAMES), { signal }));
  },
  async read(client, signal) {
    const batches = [];
    for await (const batch of client.readTable(pick(NAMES), { signal })) {
      await pause(random.below(10));
      batches.push(batch);
    }
    versionOf(new Table(batches));
  },
  async leave(client) {
    for await (const _ of client.readTable(pick(NAMES))) break;
  },
  async list(client, signal) {
    await client.listTables({ signal });
  },
  async info(client, signal) {
    await client.tableInfo(pick(NAMES), { signal });
  },
  async drop(client) {
    await client.dropTable(pick(NAMES));
  },
};

async function act(client: TinyClient): Promise<void> {
  const name = pick(Object.keys(actions));
  const stop = random.below(3) === 0 ? new AbortController() : undefined;
  const timer = setTimeout(() => stop?.abort(), random.below(30));
  try {
    await actions[name](client, stop?.signal);
    console.log(name);
  } catch (error) {
    const code = error instanceof FlightError ? error.code : "";
    const isExpected = EXPECTED.includes(code) || stop?.signal.aborted;
    console.log(
      isExpected ? `${name} ${code}` : `fault ${name}: ${(error as Error).stack}`,
    );
  } finally {
    clearTimeout(timer);
  }
}

let isOver = false;
Deno.stdin.readable.pipeTo(new WritableStream()).finally(() => isOver = true);
while (!isOver) {
  await using client = await TinyClient.connect(location, {
    http: random.below(2) === 0,
  });
  for (let count = 5 + random.below(20); count > 0 && !isOver; count--) {
    await Promise.all(Array.from({ length: 1 + random.below(4) }, () => act(client)));
  }
}
