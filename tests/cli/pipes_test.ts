/** Pipes that are closed, Ctrl+C, and what a terminal shows. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { tableFromArrays, tableToIPC } from "apache-arrow";
import { encode, FlightServer, type Ticket } from "../../flight/mod.ts";
import { progressLine } from "../../cli/terminal/progress.ts";
import { textTable } from "../../cli/terminal/text_table.ts";
import { TerminalProcess } from "../helpers/processes/deno_process.ts";
import { serving } from "../helpers/serving.ts";
import { Shell } from "../helpers/processes/tinyflight.ts";
import { within } from "../helpers/waiting.ts";

const POINTS = tableFromArrays({ x: Int32Array.of(1, 2, 3) });

/** A flight that does not end: it sends batches until its reader has left. */
class Endless extends FlightServer {
  readonly left: PromiseWithResolvers<void> = Promise.withResolvers();
  readonly begun: PromiseWithResolvers<void> = Promise.withResolvers();

  override async *doGet(_: Ticket) {
    try {
      const begun = this.begun;
      yield* encode(function* () {
        while (true) {
          yield* POINTS.batches;
          begun.resolve();
        }
      }());
    } finally {
      this.left.resolve();
    }
  }
}

Deno.test("a reader that has enough ends get, head and ls without a word", async () => {
  await using server = new Endless({ port: 0 });
  await server.listen();
  await using shell = new Shell(server.location);
  const { code, stdout, stderr } = await shell.bash("tinyflight get a | head -n 1");
  assertEquals([code, stdout, stderr], [0, "x\n", ""]);
  await within(server.left.promise, "the call to be cancelled");
  await using both = await serving();
  for (const name of ["a", "b"]) await both.client.putTable(name, POINTS);
  const { location } = both.server;
  const listed = await shell.bash(`tinyflight ls -l ${location} | head -n 1 | wc -l`);
  assertEquals([listed.code, listed.stdout.trim(), listed.stderr], [0, "1", ""]);
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`get leaves no half file after ${signal}, and ends with 130`, async () => {
    await using server = new Endless({ port: 0 });
    await server.listen();
    await using shell = new Shell(server.location);
    await shell.write("old.csv", "old");
    await using process = shell.start("get", "a", "-o", "old.csv");
    await within(server.begun.promise, "the call");
    // The temporary file is there before the first chunk, which takes a while.
    await untilFiles(shell, 2);
    process.kill(signal);
    assertEquals(await within(process.code, "the command to end"), 130);
    await within(server.left.promise, "the call to be cancelled");
    assertEquals(shell.files, ["old.csv"]);
    assertEquals(await shell.read("old.csv"), "old");
  });
}

/** Waits until the folder has so many files. */
async function untilFiles(shell: Shell, count: number): Promise<void> {
  const watcher = Deno.watchFs(shell.folder);
  try {
    if (shell.files.length >= count) return;
    for await (const _ of watcher) if (shell.files.length >= count) return;
  } finally {
    watcher.close();
  }
}

Deno.test("put leaves no half table after SIGINT", async () => {
  const { promise: begun, resolve } = Promise.withResolvers<void>();
  await using both = await serving({
    middleware: [async (call, next) => {
      if (call.method === "DoPut") resolve();
      await next();
    }],
  });
  await both.client.putTable("a", POINTS);
  await using shell = new Shell(both.server.location);
  const pipe = `${shell.folder}/a.arrows`;
  await new Deno.Command("mkfifo", { args: [pipe] }).output();
  await using process = shell.start("put", "a.arrows", "-q");
  {
    using file = await Deno.open(pipe, { write: true });
    const other = tableToIPC(tableFromArrays({ other: [1, 2] }), "stream");
    // The end of the stream is missing.
    await file.write(other.subarray(0, other.length - 8));
    await within(begun, "the put");
    process.kill("SIGINT");
    assertEquals(await within(process.code, "the command to end"), 130);
  }
  assertEquals((await both.client.getTable("a")).schema.names, ["x"]);
});

Deno.test("on a terminal get shows how far it is, and no file of Arrow", async () => {
  await using both = await serving();
  await both.client.putTable("a", POINTS);
  await using shell = new Shell(both.server.location);
  await using process = new TerminalProcess(
    ...["run", "-q", "-A", "cli.ts", "get", "a", "--as", "arrow"],
    ...["-l", both.server.location],
  );
  const { code, stdout } = await process.ended();
  assertEquals(code, 2);
  assertStringIncludes(stdout, "Cannot show the format arrow on a terminal");
  assert(shell.files.length === 0);
});

Deno.test("progress has a bar, a rate and the time left where the total is known", () => {
  const half = progressLine("quakes", { done: 50_000_000, total: 100_000_000 }, 1e6);
  assertEquals(
    half,
    "quakes  [############------------]  50%  50.0 MB  1.00 MB/s  0:50 left",
  );
  const long = progressLine("quakes", { done: 1e9, total: 1e12 }, 1e8);
  assertStringIncludes(long, "]   0%  1.00 GB  100 MB/s  2:46:30 left");
  const open = progressLine("quakes", { done: 2000, total: undefined }, 1000);
  assertEquals(open, "quakes  2.00 kB  1.00 kB/s");
  const over = progressLine("a".repeat(99), { done: 20, total: 10 }, 0);
  assertEquals(
    over,
    `${"a".repeat(23)}…  [${"#".repeat(24)}] 100%  20 bytes  0 bytes/s`,
  );
});

Deno.test("tables of text line up wide characters, and keep to one line", () => {
  assertEquals(
    textTable([["name", "n"], ["漢字", "1"], ["a\nb", "22"]], { right: [false, true] }),
    ["name       n", "漢字       1", "a\\u000ab  22"],
  );
  assertEquals(textTable([["x".repeat(9)]], { maxWidth: 4 }), ["xxx…"]);
});
