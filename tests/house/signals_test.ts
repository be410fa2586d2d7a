/** How the command ends on signals, also in a terminal. */
import { assert, assertEquals } from "@std/assert";
import { type RecordBatch, tableFromArrays } from "apache-arrow";
import { TinyClient } from "../../client.ts";
import { serve } from "../helpers/processes/command.ts";
import { CTRL_C, TerminalProcess } from "../helpers/processes/deno_process.ts";

const [BATCH] = tableFromArrays({ x: Int32Array.of(1, 2, 3) }).batches;
/** What the command ends with that SIGINT has ended: 128 and the signal's number. */
const ENDED_BY_SIGINT = 130;
/** So long after the first signal a second one counts, in milliseconds. */
const SAME_SIGNAL_MS = 500;
/** How long to wait for the listener to close, in milliseconds. */
const MAX_WAIT = 30_000;
/** How often a signal is sent that is to end the command, in milliseconds. */
const SIGNAL_INTERVAL = 50;

/** A put that goes on until it is told to end. */
interface Put extends AsyncDisposable {
  /** Sends the last batch, and gives how the put ended. */
  end(): Promise<PromiseSettledResult<void>>;
  /** How it ended. */
  readonly ended: Promise<PromiseSettledResult<void>>;
}

/** A put that runs on the server at this location. */
async function startPut(location: string): Promise<Put> {
  const client = await TinyClient.connect(location);
  const more = Promise.withResolvers<void>();
  async function* batches(): AsyncGenerator<RecordBatch> {
    yield BATCH;
    await more.promise;
    yield BATCH;
  }
  const ended = Promise.allSettled([client.putTable("slow", batches())])
    .then(([result]) => result);
  // One connection keeps its calls in order: when this one is answered, the put runs.
  assertEquals(await client.listTables(), []);
  return {
    end: () => {
      more.resolve();
      return ended;
    },
    ended,
    [Symbol.asyncDispose]: async () => {
      more.resolve();
      await client[Symbol.asyncDispose]();
    },
  };
}

/** Returns when the server accepts no more connections. */
async function untilRefused(location: string): Promise<void> {
  const port = Number(location.split(":").at(-1));
  const until = performance.now() + MAX_WAIT;
  while (performance.now() < until) {
    try {
      (await Deno.connect({ hostname: "localhost", port })).close();
    } catch {
      // It was refused, or reset when the listener closed.
      return;
    }
  }
  throw new Error(`Cannot wait any longer: ${location} still accepts connections`);
}

/**
 * Sends a signal, and once more after the first has arrived. On a machine so busy that
 * the second may come half a second later, it is left out.
 */
async function signalTwice(
  location: string,
  signal: () => void | Promise<void>,
): Promise<void> {
  const start = performance.now();
  await signal();
  await untilRefused(location);
  if (performance.now() - start < 0.3 * SAME_SIGNAL_MS) await signal();
}

/** Sends signals until the process has ended; gives how long that took. */
async function signalUntilEnded<T>(
  signal: () => void | Promise<void>,
  ended: Promise<T>,
): Promise<[T, milliseconds: number]> {
  const start = performance.now();
  let isRunning = true;
  const result = ended.finally(() => isRunning = false);
  while (isRunning) {
    try {
      await signal();
    } catch {
      // It has ended meanwhile.
      break;
    }
    await new Promise((resolve) => setTimeout(resolve, SIGNAL_INTERVAL));
  }
  return [await result, performance.now() - start];
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`serve lets a running put end after ${signal}, also when it comes twice`, async () => {
    const [process, location] = await serve("--port", "0");
    await using _ = process;
    await using put = await startPut(location);
    await signalTwice(location, () => process.kill(signal));
    assertEquals(await put.end(), { status: "fulfilled", value: undefined });
    const { code, stdout, stderr } = await process.ended();
    assertEquals(stdout, "list_actions\nlist_flights\ndo_put slow\n");
    assertEquals([code, stderr], [0, ""]);
  });
}

Deno.test("serve ends at once with a signal half a second after the first", async () => {
  const [process, location] = await serve("--port", "0");
  await using _ = process;
  await using put = await startPut(location);
  const [{ code }, milliseconds] = await signalUntilEnded(
    () => process.kill("SIGINT"),
    process.ended(),
  );
  assertEquals(code, ENDED_BY_SIGINT);
  assert(milliseconds >= SAME_SIGNAL_MS, `it took ${milliseconds} ms`);
  assertEquals((await put.ended).status, "rejected");
});

Deno.test("serve without a terminal ends at once with SIGHUP, as any process", async () => {
  const [process, location] = await serve("--port", "0");
  await using _ = process;
  await using put = await startPut(location);
  process.kill("SIGHUP");
  const SIGHUP = 1;
  assertEquals((await process.ended()).code, 128 + SIGHUP);
  assertEquals((await put.ended).status, "rejected");
});

/** Tests in a terminal that `script` makes, which every Linux has. */
const ignore = Deno.build.os !== "linux";

/** `deno task serve` in a terminal, once it listens. */
async function serveInTerminal(): Promise<[TerminalProcess, location: string]> {
  const process = new TerminalProcess("task", "serve", "--port", "0");
  const line = await process.readLineWith("listening on");
  return [process, line.split(" ").at(-1)!];
}

Deno.test({
  name: "deno task serve in a terminal lets a running put end after Ctrl+C",
  ignore,
  async fn() {
    const [process, location] = await serveInTerminal();
    await using _ = process;
    await using put = await startPut(location);
    await signalTwice(location, () => process.type(CTRL_C));
    assertEquals(await put.end(), { status: "fulfilled", value: undefined });
    // `script` may lose the last lines, so only the code says how it ended.
    assertEquals((await process.ended()).code, 0);
  },
});

Deno.test({
  name: "deno task serve in a terminal ends with 0 after Ctrl+C when no call runs",
  ignore,
  async fn() {
    const [process] = await serveInTerminal();
    await using _ = process;
    await process.type(CTRL_C);
    assertEquals((await process.ended()).code, 0);
  },
});

Deno.test({
  name: "deno task serve in a terminal ends at once with a later Ctrl+C",
  ignore,
  async fn() {
    const [process, location] = await serveInTerminal();
    await using _ = process;
    await using put = await startPut(location);
    const [{ code }, milliseconds] = await signalUntilEnded(
      () => process.type(CTRL_C),
      process.ended(),
    );
    assertEquals(code, ENDED_BY_SIGINT);
    assert(milliseconds >= SAME_SIGNAL_MS, `it took ${milliseconds} ms`);
    assertEquals((await put.ended).status, "rejected");
  },
});

Deno.test({
  name: "deno task serve lets a running put end when its terminal is closed",
  ignore,
  async fn() {
    const [process, location] = await serveInTerminal();
    await using _ = process;
    await using put = await startPut(location);
    process.kill("SIGKILL");
    await untilRefused(location);
    assertEquals(await put.end(), { status: "fulfilled", value: undefined });
  },
});
