/** Calls of pyarrow's client that break off, and what they leave of the table. */
import { assertEquals } from "@std/assert";
import { tableFromArrays } from "apache-arrow";
import { TinyClient } from "../../../client.ts";
import {
  type CallRecord,
  MemoryStore,
  type TableMessage,
  type TablePut,
  TinyServer,
} from "../../../server.ts";
import { pythonScript } from "../python/python_cases.ts";
import { PythonProcess } from "../python/python_process.ts";

/** What is in the table "quakes" before the call. */
const OLD = tableFromArrays({ n: new Float64Array(4_000_000) });

/** A store that tells when it has a batch of a table that is being put. */
class WatchedStore extends MemoryStore {
  onBatch: () => void = () => {};

  override put(
    ...[name, descriptor, messages]: Parameters<MemoryStore["put"]>
  ): Promise<TablePut> {
    return super.put(name, descriptor, this.#watch(messages));
  }

  async *#watch(messages: AsyncIterable<TableMessage>): AsyncGenerator<TableMessage> {
    for await (const message of messages) {
      yield message;
      if (message.rows > 0) this.onBatch();
    }
  }
}

/** A call that Python makes, and does not end. */
interface OpenCall {
  readonly python: PythonProcess;
  /** Resolved when the server has a batch of Python's put. */
  readonly gotBatch: Promise<void>;
  /** Resolved when the call has ended on the server. */
  readonly ended: Promise<CallRecord>;
}

/**
 * Lets Python make a call on the table "quakes" in one of the ways of
 * breaking_calls.py, has it broken off, and checks that the table is as it was.
 */
async function breakOff(
  way: string,
  breakCall: (call: OpenCall) => Promise<void>,
): Promise<void> {
  const store = new WatchedStore();
  let onCall = (_: CallRecord) => {};
  await using server = await new TinyServer({
    port: 0,
    store,
    onCall: (record) => onCall(record),
  }).listen();
  await using client = await TinyClient.connect(server.location);
  await client.putTable("quakes", OLD);

  const batch = Promise.withResolvers<void>();
  const end = Promise.withResolvers<CallRecord>();
  store.onBatch = batch.resolve;
  onCall = end.resolve;
  const script = pythonScript("flight/breaking_calls");
  await using python = new PythonProcess(script, way, server.location);
  await breakCall({ python, gotBatch: batch.promise, ended: end.promise });

  assertEquals((await client.getTable("quakes")).numRows, OLD.numRows);
  assertEquals((await client.tableInfo("quakes")).rows, OLD.numRows);
  assertEquals(await client.listTables(), ["quakes"]);
}

Deno.test("a put whose process is killed between two batches leaves the old table", () =>
  breakOff("put_a_batch", async ({ python, gotBatch, ended }) => {
    await gotBatch;
    await python.kill();
    assertEquals((await ended).error?.code, "CANCELLED");
  }));

Deno.test("a put whose process is killed inside a batch leaves the old table", () =>
  breakOff("put_without_end", async ({ python, gotBatch, ended }) => {
    await gotBatch;
    await python.kill();
    assertEquals((await ended).error?.code, "CANCELLED");
  }));

Deno.test("a put whose deadline passes leaves the old table", () =>
  breakOff("put_until_the_deadline", async ({ ended }) => {
    assertEquals((await ended).error?.code, "DEADLINE_EXCEEDED");
  }));

Deno.test("a get whose process is killed ends, and the next one has the table", () =>
  breakOff("get_a_batch", async ({ python, ended }) => {
    assertEquals(await python.line(), "got a batch");
    await python.kill();
    assertEquals((await ended).error?.code, "CANCELLED");
  }));
