/** The demo, in a process of its own. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { tableFromArrays } from "apache-arrow";
import { tableDifference } from "../../examples/same.ts";
import { TinyServer } from "../../server.ts";
import { allOf } from "../../stores/testing/all_of.ts";
import { type Ended, runDeno } from "../helpers/processes/deno_process.ts";
import { serving } from "../helpers/serving.ts";

function demo(...args: string[]): Promise<Ended> {
  return runDeno("run", "-A", "examples/demo.ts", ...args);
}

/** Fails unless the text has these lines, in this order, among others. */
function assertLines(text: string, lines: readonly string[]): void {
  const found = text.split("\n");
  let from = 0;
  for (const line of lines) {
    const index = found.indexOf(line, from);
    assert(
      index >= 0,
      `There is no line ${JSON.stringify(line)} in its place in\n${text}`,
    );
    from = index + 1;
  }
}

Deno.test("The demo puts, lists, gets and drops on a server of its own", async () => {
  const { code, stdout, stderr } = await demo();
  assertEquals([code, stderr], [0, ""]);
  assertMatch(stdout, /^\(server\) listening on grpc\+tcp:\/\/localhost:\d+$/m);
  assertLines(stdout, [
    "(server) do_put fijiquakes",
    "(server) do_put airquality",
    "(server) list_flights",
    "  airquality",
    "  fijiquakes",
    "(server) do_get fijiquakes",
    "  1000 rows x 5 columns",
    "      lat     long  depth      mag  stations",
    "  Float64  Float64  Int32  Float64     Int32",
    "   -20.42   181.62    562      4.8        41",
    "  Equal to what was put: the schema, every value, every null.",
    "(server) do_get airquality",
    "  153 rows x 6 columns",
    "  Ozone  Solar.R     Wind   Temp  Month    Day",
    "   null     null     14.3     56      5      5",
    "  Equal to what was put: the schema, every value, every null.",
    "(server) do_action drop_table airquality",
    "(server) list_flights",
    "  fijiquakes",
    "Shut the server down",
  ]);
  const [, end] = stdout.split("List the tables again\n");
  assert(!end.split("\n\n")[0].includes("airquality"));
  assertMatch(end, /^ {2}NOT_FOUND: Cannot find the table "airquality"/m);
});

Deno.test("The demo leaves what others have on a server that runs already", async () => {
  await using there = await serving();
  const theirs = tableFromArrays({ theirs: [1, 2, 3] });
  for (const name of ["airquality", "fijiquakes", "zebras"]) {
    await there.client.putTable(name, theirs);
  }
  const both = await Promise.all([
    demo("--location", there.server.location),
    demo("--location", there.server.location),
  ]);
  for (const { code, stdout, stderr } of both) {
    assertEquals([code, stderr], [0, ""]);
    assertMatch(stdout, /^ {2}fijiquakes-\w{8}\n {2}and \d of others$/m);
    assertMatch(stdout, /NOT_FOUND: Cannot find the table "airquality-\w{8}"/);
  }
  const names = await there.client.listTables();
  assertEquals(names, ["airquality", "fijiquakes", "zebras"]);
  for (const name of names) {
    assertEquals(tableDifference(theirs, await there.client.getTable(name)), undefined);
  }
});

Deno.test("The demo ends with 1 when a table does not come back as it was put", async () => {
  class Forgetful extends TinyServer {
    override async *doGet(...args: Parameters<TinyServer["doGet"]>) {
      let count = 0;
      for await (const message of super.doGet(...args)) {
        if (count++ === 0) yield message;
      }
    }
  }
  await using server = await new Forgetful({ port: 0 }).listen();
  const { code, stderr } = await demo("--location", server.location);
  assertMatch(
    stderr,
    /^demo: "fijiquakes-\w+" did not come back as it was put: it has 0 rows and not 1000\n$/,
  );
  assertEquals(code, 1);
});

Deno.test("The demo says in one line what is wrong with its options, and ends with 1", async () => {
  const cases: [args: string[], message: string][] = [
    [["--location", "grpc://127.0.0.1:1"], 'Cannot connect to "grpc://127.0.0.1:1"'],
    [["--location", "somewhere"], 'Cannot read the location "somewhere"'],
    [["--location"], "--location"],
    [["--port", "5678"], "--port"],
    [["fijiquakes"], "fijiquakes"],
  ];
  await allOf(...cases.map(async ([args, message]) => {
    const { code, stderr } = await demo(...args);
    assertMatch(stderr, /^demo: [^\n]+\n$/);
    assertStringIncludes(stderr, message);
    assertEquals([args, code], [args, 1]);
  }));
});
