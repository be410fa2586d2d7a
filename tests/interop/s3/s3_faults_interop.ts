/** The S3 store over an object store that is killed, stands still, and is full. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { FlightError } from "../../../mod.ts";
import type { StoredTable, TableMessage } from "../../../stores/s3/mod.ts";
import {
  assertHas,
  assertSameMessages,
  getTable,
  putSample,
  type Sample,
  sampleTable,
} from "../../../stores/testing/samples.ts";
import { assertFlightError } from "../../helpers/serving.ts";
import { within } from "../../helpers/waiting.ts";
import { Gateway } from "./s3_gateway.ts";

/** Few tries, for tests in which they all fail; requests that go well take less. */
const FEW = { maxAttempts: 2, requestTimeout: 1500 };
/** How long an object store that goes on stands still, in milliseconds. */
const PAUSE = 4000;

const SMALL = await sampleTable("t", 1);
/** Some 40 MB, which are several parts. */
const LARGE = await sampleTable("t", 2, { batches: 20, rows: 2 ** 18 });
/** Some 130 MB, of which the system cannot have the rest ready when a get breaks off. */
const HUGE = await sampleTable("t", 2, { batches: 64, rows: 2 ** 18 });

/** Puts the sample, and does something before its message of this number is sent. */
function putWith(
  store: Awaited<ReturnType<Gateway["store"]>>,
  { name, descriptor, messages }: Sample,
  number: number,
  action: () => Promise<void> | void,
) {
  async function* incoming(): AsyncGenerator<TableMessage> {
    for (const [index, message] of messages.entries()) {
      if (index === number) await action();
      yield message;
    }
  }
  return store.put(name, descriptor, incoming());
}

/** Reads the table, and does something after its message of this number has come. */
async function readWith(
  table: StoredTable,
  number: number,
  action: () => Promise<void> | void,
): Promise<TableMessage[]> {
  const found: TableMessage[] = [];
  for await (const message of table.messages()) {
    found.push(message);
    if (found.length === number) await action();
  }
  return found;
}

Deno.test("S3Store.put() goes on when the object store is killed and comes back", async () => {
  await using gateway = await Gateway.start();
  const store = await gateway.store("p", { maxAttempts: 12 });
  let restarted: Promise<void> | undefined;
  await putWith(store, LARGE, 10, async () => {
    await gateway.kill();
    restarted = new Promise<void>((resolve) => setTimeout(resolve, 300)).then(() =>
      gateway.restart()
    );
  });
  await restarted;
  await assertHas(store, LARGE);
});

Deno.test("S3Store.put() is UNAVAILABLE when the object store is gone, and changes nothing", async () => {
  await using gateway = await Gateway.start();
  const store = await gateway.store("p", FEW);
  await putSample(store, SMALL);
  const put = putWith(store, LARGE, 10, () => gateway.kill());
  await assertFlightError(() => within(put, "the put to fail"), "UNAVAILABLE");
  const calls: (() => Promise<unknown>)[] = [
    () => store.get("t"),
    () => store.drop("t"),
    () => putSample(store, SMALL),
  ];
  for (const call of calls) {
    const error = await assertFlightError(
      () => within(call(), "a call"),
      "UNAVAILABLE",
    );
    const ending = "the object store does not answer, or fails; try again later";
    assert(error.message.endsWith(ending), error.message);
  }
  await gateway.restart();
  await assertHas(store, SMALL);
  await putSample(store, LARGE);
  await assertHas(store, LARGE);
});

Deno.test("S3Store.put() leaves no parts behind when its messages fail", async () => {
  await using gateway = await Gateway.start();
  const store = await gateway.store("p");
  await putSample(store, SMALL);
  const before = gateway.files();
  const put = putWith(store, LARGE, 18, () => {
    throw new FlightError("CANCELLED", "the client went away");
  });
  await assertFlightError(() => put, "CANCELLED");
  assertEquals(gateway.files(), before);
  await assertHas(store, SMALL);
});

Deno.test("A get from an S3Store reads on when the object store is killed and comes back", async () => {
  await using gateway = await Gateway.start();
  const store = await gateway.store("p", { maxAttempts: 12 });
  await putSample(store, HUGE);
  const table = await getTable(store, "t");
  const found = await readWith(table, 5, async () => {
    await gateway.kill();
    await gateway.restart();
  });
  assertSameMessages(found, HUGE);
});

Deno.test("A get from an S3Store is UNAVAILABLE when the object store is gone", async () => {
  await using gateway = await Gateway.start();
  const store = await gateway.store("p", FEW);
  await putSample(store, HUGE);
  const table = await getTable(store, "t");
  const read = readWith(table, 5, () => gateway.kill());
  await assertFlightError(() => within(read, "the get to fail"), "UNAVAILABLE");
});

Deno.test("A get from an S3Store is UNAVAILABLE when it breaks and the table was replaced", async () => {
  await using gateway = await Gateway.start();
  const store = await gateway.store("p");
  await putSample(store, HUGE);
  const table = await getTable(store, "t");
  const read = readWith(table, 3, async () => {
    await putSample(store, SMALL);
    await gateway.kill();
    await gateway.restart();
  });
  const error = await assertFlightError(
    () => within(read, "the get to fail"),
    "UNAVAILABLE",
  );
  assertStringIncludes(error.message, "replaced or dropped meanwhile");
});

Deno.test("S3Store tries again what an object store that stands still does not answer", async () => {
  await using gateway = await Gateway.start();
  const store = await gateway.store("p", { maxAttempts: 20, requestTimeout: 1500 });
  let goesOn: Promise<void> | undefined;
  const pause = () => {
    gateway.pause(true);
    goesOn = new Promise<void>((resolve) => setTimeout(resolve, PAUSE)).then(() =>
      gateway.pause(false)
    );
  };
  await within(putWith(store, LARGE, 10, pause), "the put");
  await goesOn;
  await assertHas(store, LARGE);
  await putSample(store, HUGE);
  const table = await getTable(store, "t");
  assertSameMessages(await within(readWith(table, 5, pause), "the get"), HUGE);
  await goesOn;
});

Deno.test("S3Store gives up when an object store stands still", async () => {
  await using gateway = await Gateway.start();
  const store = await gateway.store("p", FEW);
  await putSample(store, HUGE);
  const table = await getTable(store, "t");
  const read = readWith(table, 5, () => gateway.pause(true));
  await assertFlightError(() => within(read, "the get to fail"), "UNAVAILABLE");
  await assertFlightError(() => within(store.get("t"), "a get"), "UNAVAILABLE");
  gateway.pause(false);
  await assertHas(store, HUGE);
});

Deno.test("S3Store.put() fails when the object store is full, and changes nothing", async () => {
  const folder = await Deno.makeTempDir();
  await mount(folder);
  try {
    await using gateway = await Gateway.start({ folder });
    const store = await gateway.store("p", FEW);
    await putSample(store, SMALL);
    const before = gateway.files();
    try {
      await within(putSample(store, LARGE), "the put to fail");
      throw new Error("the put has gone well");
    } catch (error) {
      const isTold = error instanceof FlightError &&
        ["RESOURCE_EXHAUSTED", "UNAVAILABLE"].includes(error.code);
      if (!isTold) throw error;
    }
    assertEquals(gateway.files(), before);
    await assertHas(store, SMALL);
    await putSample(store, await sampleTable("u", 1));
  } finally {
    await run("umount", folder);
    await Deno.remove(folder);
  }
});

/** Mounts a disk of 30 MB. */
async function mount(folder: string): Promise<void> {
  await run("mount", "-t", "tmpfs", "-o", "size=30m", "tmpfs", folder);
}

async function run(command: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(command, { args }).output();
  assert(success, new TextDecoder().decode(stderr));
}
