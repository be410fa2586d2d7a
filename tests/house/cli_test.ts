/** The command, in a process of its own. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { type Table, tableFromArrays, tableFromIPC } from "apache-arrow";
import config from "../../deno.json" with { type: "json" };
import { TinyClient } from "../../mod.ts";
import { allOf } from "../../stores/testing/all_of.ts";
import { COMMAND, serve } from "../helpers/processes/command.ts";
import { DenoProcess, runDeno } from "../helpers/processes/deno_process.ts";
import { assertFlightError } from "../helpers/serving.ts";

const POINTS: Table = tableFromArrays({ x: Int32Array.of(1, 2, 3) });

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

Deno.test("The command says in one line what is wrong, and ends with 1 or 2", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const port = `${taken.addr.port}`;
  const failures: [args: string[], message: RegExp][] = [
    [
      ["serve", "--port", port],
      /Cannot listen on "localhost:\d+": the port is in use$/,
    ],
    [["serve", "--hostname", "nowhere.invalid"], /"nowhere\.invalid".* no such host$/],
  ];
  const mistakes: [args: string[], message: RegExp][] = [
    [["serve", "--port", "many"], /Cannot use the port "many"/],
    [["serve", "--port", "65536"], /Cannot use the port "65536"/],
    [["serve", "--port"], /--port/],
    [["serve", "--loud"], /There is no option "--loud"/],
    [["serve", "--prot=1"], /no option "--prot"; perhaps you mean --port;/],
    [["serve", "--quiet=yes"], /--quiet/],
    [["serve", "tables"], /Cannot run "serve tables"/],
    [["fly"], /Cannot run "fly"/],
    [["sevre"], /Cannot run "sevre".* perhaps you mean `tinyflight serve`/],
    [["--quiet", "serve"], /the command comes first/],
  ];
  const check = async ([args, message]: [string[], RegExp], expected: number) => {
    const { code, stdout, stderr } = await runDeno(...COMMAND, ...args);
    assertMatch(stderr, /^tinyflight: [^\n]+\n$/);
    assertMatch(stderr.trimEnd(), message);
    assertEquals([args, code, stdout], [args, expected, ""]);
  };
  await allOf(...failures.map((one) => check(one, 1)));
  await allOf(...mistakes.map((one) => check(one, 2)));
});

Deno.test("--help says how the command is used, and ends with 0", async () => {
  for (const args of [["serve", "--help"], ["help", "serve"]]) {
    const { code, stdout, stderr } = await runDeno(...COMMAND, ...args);
    assert(stdout.includes("Usage: tinyflight serve"));
    for (const option of ["--hostname", "--port", "--quiet"]) {
      assert(stdout.includes(option));
    }
    assertEquals([code, stderr], [0, ""]);
  }
});

Deno.test("--version prints the package's name and version, and ends with 0", async () => {
  const stdout = `${config.name} ${config.version}\n`;
  for (const args of [["--version"], ["serve", "--version"]]) {
    const ended = await runDeno(...COMMAND, ...args);
    assertEquals(ended, { code: 0, stdout, stderr: "" });
  }
});

Deno.test("serve goes on when its output was closed", async () => {
  const [process, location] = await serve("--port", "0");
  await using _ = process;
  await process.closeOutput();
  await using client = await TinyClient.connect(location);
  await client.putTable("points", POINTS);
  assertEquals((await client.getTable("points")).numRows, 3);
  process.kill("SIGTERM");
  assertEquals((await process.ended()).code, 0);
});
