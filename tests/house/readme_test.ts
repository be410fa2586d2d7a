/**
 * The README's code does what the README says. Its Python runs with the tests
 * against other implementations, in readme_interop.ts.
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { tableFromArrays } from "apache-arrow";
import config from "../../deno.json" with { type: "json" };
import { TinyClient } from "../../client.ts";
import { TinyServer } from "../../server.ts";
import { DenoProcess, ROOT, runDeno } from "../helpers/deno_process.ts";
import { readmeBlocks } from "../helpers/readme_blocks.ts";

const LANGUAGES = ["ts", "sh", "python"];
/** Where the README's servers and clients are. */
const LOCATION = "grpc://localhost:5678";
/** The port on which the README's server serves HTTP. */
const HTTP_PORT = "5679";
/** The published package, in whose place the tests run this one. */
const PACKAGE = "jsr:@tinyflight/flight/cli";
/** Tasks that run this test, or take long. */
const LONG_TASKS = ["test", "ok", "test:interop", "bench", "fuzz", "soak"];

const blocks = await readmeBlocks();

/** The README's command lines, each as the arguments that `deno` gets. */
const commandLines = blocks.filter(({ language }) => language === "sh")
  .flatMap(({ code }) => code.trimEnd().split("\n"))
  // Those of curl run with the tests against other implementations.
  .filter((line) => !line.startsWith("curl "))
  .map((line) => ({ line, args: argumentsIn(line) }));

/** The words of a command line, without its quotes, its comment and `deno` itself. */
function argumentsIn(line: string): string[] {
  const words = line.replace(/ +#.*$/, "").matchAll(/"([^"]*)"|[^\s"]+/g);
  const [first, ...rest] = [...words].map(([word, quoted]) => quoted ?? word);
  if (first === "deno") return rest;
  // npx fetches this version of Deno, and runs it with the other words.
  assertEquals([first, ...rest.slice(0, 2)], ["npx", "-y", "deno@2.9.6"]);
  return rest.slice(2);
}

function isServer(args: readonly string[]): boolean {
  return args[1] === "serve" || args.at(-1) === "serve";
}

/** Starts the server on a free port, uses it, and asks it to end. */
async function checkServer(args: readonly string[]): Promise<void> {
  const local = args.map((arg) => arg === PACKAGE ? `${ROOT}cli.ts` : arg)
    .map((arg) => arg === HTTP_PORT ? "0" : arg);
  await using process = new DenoProcess(...local, "--port", "0");
  const line = await process.readLine();
  assertMatch(line ?? "", /^listening on grpc\+tcp:\/\/(localhost|127\.0\.0\.1):\d+$/);
  if (args.includes("--http")) {
    assertMatch(
      await process.readLine() ?? "",
      /^listening on http:\/\/localhost:\d+$/,
    );
  }
  {
    await using client = await TinyClient.connect(line!.split(" ")[2]);
    await client.putTable("points", tableFromArrays({ x: [1, 2, 3] }));
    assertEquals((await client.getTable("points")).numRows, 3);
  }
  process.kill("SIGTERM");
  const { code, stdout } = await process.ended();
  const lines = args.includes("--quiet")
    ? ""
    : "list_actions\ndo_put points\nget_flight_info points\ndo_get points\n";
  assertEquals([code, stdout], [0, lines]);
}

/** Runs the demo, with a server when it asks for one. */
async function checkDemo(args: readonly string[]): Promise<void> {
  await using server = await new TinyServer({ port: 0 }).listen();
  const { code, stdout, stderr } = await runDeno(
    ...args.map((arg) => arg === LOCATION ? server.location : arg),
  );
  assertEquals(code, 0, stderr);
  assertStringIncludes(stdout, "NOT_FOUND");
}

Deno.test("The README has code only in languages of which all code runs", () => {
  const others = blocks.filter(({ language }) => !LANGUAGES.includes(language));
  assertEquals(others, []);
  for (const language of LANGUAGES) {
    assert(blocks.some((block) => block.language === language), language);
  }
});

Deno.test("The README's TypeScript runs", async () => {
  const { code, stdout, stderr } = await runDeno("test", "-A", "--doc", "README.md");
  assertEquals(code, 0, stdout + stderr);
  const count = blocks.filter(({ language }) => language === "ts").length;
  assertStringIncludes(stdout, `ok | ${count} passed | 0 failed`);
});

Deno.test("The README's command lines are a server, the demo, or a task", () => {
  for (const { line, args } of commandLines) {
    const [command, task] = args;
    const isKnown = isServer(args) ||
      command === "task" && ["demo", ...LONG_TASKS].includes(task);
    assert(isKnown, `No test runs ${line}`);
    if (command === "task") assert(task in config.tasks, line);
  }
});

Deno.test("The README's servers serve, with no more than the permissions they are given", async () => {
  const servers = commandLines.filter(({ args }) => isServer(args));
  assertEquals(servers.filter(({ args }) => args[0] === "run").length, 2);
  await Promise.all(servers.map(({ args }) => checkServer(args)));
});

Deno.test("The README's demos run", async () => {
  const demos = commandLines.filter(({ args }) => args[1] === "demo");
  assertEquals(demos.length, 3);
  await Promise.all(demos.map(({ args }) => checkDemo(args)));
});

Deno.test("The README's paths are there", async () => {
  const readme = await Deno.readTextFile(`${ROOT}README.md`);
  const paths = readme.match(/\b(?:[a-z_]+\/)*[a-z_]+\.ts\b/g) ?? [];
  const files = new Set(
    paths.map((path) => path === "memory_store.ts" ? `stores/${path}` : path),
  );
  for (const path of files) assert((await Deno.stat(ROOT + path)).isFile, path);
});
