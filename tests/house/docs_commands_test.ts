/** The command lines in README and on the pages in docs/ do what they say. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { tableFromArrays } from "apache-arrow";
import config from "../../deno.json" with { type: "json" };
import { TinyClient } from "../../client.ts";
import { TinyServer } from "../../server.ts";
import { DenoProcess, ROOT, runDeno } from "../helpers/processes/deno_process.ts";
import {
  commandsOf,
  docBlocks,
  HTTP_PORT,
  LOCATION,
  makeDocFolder,
} from "../helpers/doc_blocks.ts";

/** The published package, in whose place the tests run this one. */
const PACKAGE = "jsr:@tinyflight/flight/cli";
/** Tasks that run this test, or take long. */
const LONG_TASKS = ["test", "ok", "test:interop", "bench", "fuzz", "soak", "generate"];
/** Command lines that another test runs, and where. */
const ELSEWHERE: readonly [line: RegExp, test: string][] = [
  [/^curl .*-cacert/, "tests/house/operations_test.ts"],
  [/ serve --config tinyflight\.json$/, "tests/house/operations_test.ts"],
  [/^curl /, "tests/interop/http/http_interop.ts"],
  [/^deno task pack$/, "tests/interop/node/node_interop.ts"],
  [/^npm install \.\.\/tinyflight\/\S+\.tgz /, "tests/interop/node/node_interop.ts"],
  [/ serve --dir data$/, "tests/house/cli_store_test.ts"],
  [/ --s3 s3:/, "tests/interop/s3/s3_servers_interop.ts"],
  [/^openssl /, "tests/helpers/doc_blocks.ts"],
  [/^tinyflight serve --tls-cert /, "tests/house/docs_tls_test.ts"],
  [/^deno run -A examples\/three_servers\//, "tests/interop/s3/s3_servers_interop.ts"],
];
/** Command lines that need what no test has: the published package, a key of a bucket. */
const UNTESTED = [
  /^deno add jsr:@tinyflight\/flight npm:apache-arrow$/,
  /^npx jsr add @tinyflight\/flight$/,
  /^npm install apache-arrow$/,
  /^deno install -g -A -n tinyflight jsr:@tinyflight\/flight\/cli$/,
  /^export AWS_/,
  /^(for port in|done$)/,
];

const blocks = await docBlocks("sh");
/** Blocks that use the command `tinyflight` as a client: each runs as a whole. */
const sessions = blocks.filter(({ code }) =>
  /^(?:.*\| *)?tinyflight (?!serve\b)/m.test(code)
);

/** The pages' other command lines, each as the arguments that `deno` gets. */
const commandLines = blocks.filter((block) => !sessions.includes(block))
  .flatMap(commandsOf)
  .map((line) => line.trim())
  .filter((line) => !ELSEWHERE.some(([pattern]) => pattern.test(line)))
  .filter((line) => !UNTESTED.some((pattern) => pattern.test(line)))
  .map((line) => ({ line, args: argumentsIn(line) }));

/** The words of a command line, without its quotes, its comment and `deno` itself. */
function argumentsIn(line: string): string[] {
  const words = line.replace(/ +#.*$/, "").matchAll(/"([^"]*)"|[^\s"]+/g);
  const [first, ...rest] = [...words].map(([word, quoted]) => quoted ?? word);
  if (first === "deno") return rest;
  if (first === "tinyflight") return ["run", "-q", "-A", "cli.ts", ...rest];
  // npx fetches this version of Deno, and runs it with the other words.
  assertEquals(
    [first, ...rest.slice(0, 2)],
    ["npx", "-y", "deno@2.9.6"],
    `No test runs ${line}`,
  );
  return rest.slice(2);
}

function isServer(args: readonly string[]): boolean {
  return args[1] === "serve" || args.at(-1) === "serve" || args[4] === "serve";
}

/**
 * Runs a block of `tinyflight` in bash, in this folder and with the server at this
 * location.
 */
async function runSession(code: string, folder: string, location: string) {
  const script = `tinyflight() { "$DENO" run -q -A "$ROOT/cli.ts" "$@"; }\n` +
    code.replaceAll(LOCATION, location);
  const command = new Deno.Command("bash", {
    args: ["-euo", "pipefail", "-c", script],
    cwd: folder,
    env: { DENO: Deno.execPath(), ROOT, TINYFLIGHT_LOCATION: location, NO_COLOR: "1" },
    stdin: "null",
  });
  const { success, stdout, stderr } = await command.output();
  const [told, problem] = [stdout, stderr].map((bytes) =>
    new TextDecoder().decode(bytes)
  );
  return { success, told: told + problem };
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

/** The command lines, each once. */
function distinct(lines: typeof commandLines): string[][] {
  return [...new Map(lines.map(({ args }) => [args.join(" "), args])).values()];
}

for (const path of new Set(sessions.map((block) => block.path))) {
  Deno.test(`The lines with tinyflight in ${path} run, one after the other`, async () => {
    const folder = await makeDocFolder();
    try {
      await using server = await new TinyServer({ port: 0 }).listen();
      for (const { line, code } of sessions.filter((block) => block.path === path)) {
        const { success, told } = await runSession(code, folder, server.location);
        assert(success, `${path}:${line}: ${told}`);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

Deno.test("The pages' command lines are a server, the demo, or a task", () => {
  for (const { line, args } of commandLines) {
    const [command, task] = args;
    const isKnown = isServer(args) ||
      command === "task" && ["demo", ...LONG_TASKS].includes(task);
    assert(isKnown, `No test runs ${line}`);
    if (command === "task") assert(task in config.tasks, line);
  }
});

Deno.test("The tests that run the pages' other command lines are there", async () => {
  for (const [, test] of ELSEWHERE) assert((await Deno.stat(ROOT + test)).isFile);
});

Deno.test("The pages' servers serve, with no more than the permissions they are given", async () => {
  const servers = distinct(commandLines.filter(({ args }) => isServer(args)));
  assert(servers.filter(([first]) => first === "run").length >= 2);
  for (const args of servers) await checkServer(args);
});

Deno.test("The pages' demos run", async () => {
  const demos = distinct(commandLines.filter(({ args }) => args[1] === "demo"));
  assertEquals(demos.length, 2);
  for (const args of demos) await checkDemo(args);
});
