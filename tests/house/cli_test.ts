/** The command, in a process of its own. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  type RecordBatch,
  type Table,
  tableFromArrays,
  tableFromIPC,
} from "apache-arrow";
import { TinyClient } from "../../mod.ts";
import { DenoProcess, runDeno } from "../helpers/deno_process.ts";
import { assertFlightError } from "../helpers/serving.ts";

/** The command, with the permissions that its task gives it. */
const COMMAND = ["run", "-q", "-P=serve", "cli.ts"];
const POINTS: Table = tableFromArrays({ x: Int32Array.of(1, 2, 3) });

/** The command `serve` on a free port, once it listens. */
async function serve(...options: string[]): Promise<[DenoProcess, location: string]> {
  const process = new DenoProcess(...COMMAND, "serve", ...options);
  const line = await process.readLine();
  const location = /^listening on (grpc\+tcp:\/\/localhost:\d+)$/.exec(line ?? "")?.[1];
  if (location !== undefined) return [process, location];
  await using _ = process;
  throw new Error(`Cannot serve: ${line}, ${(await process.ended()).stderr}`);
}

/** Returns when nobody takes connections at this port any more. */
async function untilRefused(location: string): Promise<void> {
  const port = Number(location.split(":").at(-1));
  while (true) {
    try {
      (await Deno.connect({ hostname: "localhost", port })).close();
    } catch {
      // It was refused, or reset when the listener closed.
      return;
    }
  }
}

Deno.test("serve prints where it listens, and one line for each call", async () => {
  const [process, location] = await serve("--port", "0");
  await using _ = process;
  {
    await using client = await TinyClient.connect(location);
    await client.putTable("points", POINTS);
    assertEquals(await client.listTables(), ["points"]);
    assertEquals((await client.getTable("points")).numRows, 3);
    await client.tableInfo("points");
    await assertFlightError(() => client.getTable("point\ns"), "NOT_FOUND");
    await client.dropTable("points");
  }
  process.kill("SIGTERM");
  const { code, stdout, stderr } = await process.ended();
  const lines = stdout.trimEnd().split("\n");
  assertMatch(
    lines[6],
    /^do_get point\\u000as NOT_FOUND: Cannot find the table "point\\u000as"/,
  );
  lines[6] = "";
  assertEquals(lines, [
    "list_actions",
    "do_put points",
    "list_flights",
    "get_flight_info points",
    "do_get points",
    "get_flight_info points",
    "",
    "do_action drop_table points",
  ]);
  assertEquals([code, stderr], [0, ""]);
});

Deno.test("serve --http gives the tables over HTTP, too", async () => {
  const [process, location] = await serve("--port=0", "--http=0", "--quiet");
  await using _ = process;
  const [, http] = /^listening on (http:\/\/localhost:\d+)$/.exec(
    await process.readLine() ?? "",
  )!;
  {
    await using client = await TinyClient.connect(location);
    await client.putTable("points", POINTS);
    const response = await fetch(`${http}/tables/points`);
    assertEquals((await tableFromIPC(response)).numRows, 3);
  }
  process.kill("SIGINT");
  assertEquals(await process.ended(), { code: 0, stdout: "", stderr: "" });
});

Deno.test("serve --quiet prints no line for a call", async () => {
  const [process, location] = await serve("--port=0", "--quiet");
  await using _ = process;
  {
    await using client = await TinyClient.connect(location);
    await client.putTable("points", POINTS);
  }
  process.kill("SIGINT");
  assertEquals(await process.ended(), { code: 0, stdout: "", stderr: "" });
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`serve lets a running put end after ${signal}`, async () => {
    const [process, location] = await serve("--port", "0");
    await using _ = process;
    await using client = await TinyClient.connect(location);
    const more = Promise.withResolvers<void>();
    async function* slowly(): AsyncGenerator<RecordBatch> {
      yield POINTS.batches[0];
      await more.promise;
      yield POINTS.batches[0];
    }
    const putting = Promise.allSettled([client.putTable("slow", slowly())]);
    // One connection keeps its calls in order: when this one is answered, the put runs.
    assertEquals(await client.listTables(), []);
    process.kill(signal);
    await untilRefused(location);
    more.resolve();
    assertEquals(await putting, [{ status: "fulfilled", value: undefined }]);
    const { code, stdout, stderr } = await process.ended();
    assertEquals(stdout, "list_actions\nlist_flights\ndo_put slow\n");
    assertEquals([code, stderr], [0, ""]);
  });
}

Deno.test("serve ends at once with a second signal", async () => {
  const [process, location] = await serve("--port", "0");
  await using _ = process;
  await using client = await TinyClient.connect(location);
  async function* stuck(): AsyncGenerator<RecordBatch> {
    yield POINTS.batches[0];
    await new Promise<void>(() => {});
  }
  const putting = Promise.allSettled([client.putTable("stuck", stuck())]);
  assertEquals(await client.listTables(), []);
  process.kill("SIGINT");
  await untilRefused(location);
  process.kill("SIGINT");
  const SIGINT = 2;
  assertEquals((await process.ended()).code, 128 + SIGINT);
  assertEquals((await putting)[0].status, "rejected");
});

Deno.test("serve ends when a client shuts it down", async () => {
  const [process, location] = await serve("--port", "0");
  await using _ = process;
  await using client = await TinyClient.connect(location);
  for await (const _ of client.flight.doAction({ type: "shutdown" }));
  assertEquals((await process.ended()).code, 0);
});

Deno.test("serve listens on the host that it is given", async () => {
  await using process = new DenoProcess(
    ...[...COMMAND, "serve", "--hostname", "127.0.0.1", "--port", "0"],
  );
  const line = await process.readLine();
  assertMatch(line ?? "", /^listening on grpc\+tcp:\/\/127\.0\.0\.1:\d+$/);
  await using client = await TinyClient.connect(line!.split(" ")[2]);
  assertEquals(await client.listTables(), []);
});

Deno.test("The command says in one line what is wrong, and ends with 1", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const port = `${taken.addr.port}`;
  const cases: [args: string[], message: RegExp][] = [
    [
      ["serve", "--port", port],
      /Cannot listen on "localhost:\d+": the port is in use$/,
    ],
    [["serve", "--port", "many"], /Cannot use the port "many"/],
    [["serve", "--port", "65536"], /Cannot use the port "65536"/],
    [["serve", "--port"], /--port/],
    [["serve", "--hostname", "nowhere.invalid"], /"nowhere\.invalid".* no such host$/],
    [["serve", "--loud"], /--loud/],
    [["serve", "--quiet=yes"], /--quiet/],
    [["serve", "tables"], /Cannot run "serve tables"/],
    [["fly"], /Cannot run "fly"/],
    [[], /Cannot run ""/],
  ];
  const check = async ([args, message]: [string[], RegExp]) => {
    const { code, stdout, stderr } = await runDeno(...COMMAND, ...args);
    assertMatch(stderr, /^tinyflight: [^\n]+\n$/);
    assertMatch(stderr.trimEnd(), message);
    assertEquals([args, code, stdout], [args, 1, ""]);
  };
  await Promise.all(cases.map(check));
});

Deno.test("--help says how the command is used, and ends with 0", async () => {
  for (const args of [["--help"], ["serve", "--help"]]) {
    const { code, stdout, stderr } = await runDeno(...COMMAND, ...args);
    assert(stdout.includes("Usage: tinyflight serve"));
    for (const option of ["--hostname", "--port", "--quiet"]) {
      assert(stdout.includes(option));
    }
    assertEquals([code, stderr], [0, ""]);
  }
});
