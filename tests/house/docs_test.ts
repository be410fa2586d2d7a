/**
 * The code of README and of the pages in docs/ does what they say. Their Python runs
 * with the tests against other implementations, in docs_interop.ts.
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { tableFromArrays } from "apache-arrow";
import { dirname, join } from "node:path";
import config from "../../deno.json" with { type: "json" };
import { TinyClient } from "../../client.ts";
import { TinyServer } from "../../server.ts";
import { DenoProcess, ROOT, runDeno } from "../helpers/deno_process.ts";
import {
  docBlocks,
  docPages,
  HTTP_PORT,
  LOCATION,
  missingOutput,
} from "../helpers/doc_blocks.ts";

/** The published package, in whose place the tests run this one. */
const PACKAGE = "jsr:@tinyflight/flight/cli";
/** Tasks that run this test, or take long. */
const LONG_TASKS = ["test", "ok", "test:interop", "bench", "fuzz", "soak", "generate"];
/** Command lines that another test runs, and where. */
const ELSEWHERE: readonly [line: RegExp, test: string][] = [
  [/^curl /, "tests/interop/http_interop.ts"],
  [/^deno pack$/, "tests/interop/node_interop.ts"],
  [/^npm install \.\.\/tinyflight\/\S+\.tgz /, "tests/interop/node_interop.ts"],
  [/ serve --dir data$/, "tests/house/cli_store_test.ts"],
  [/ --s3 s3:/, "tests/interop/s3_servers_interop.ts"],
  [/^deno run -A examples\/three_servers\//, "tests/interop/s3_servers_interop.ts"],
];
/** Command lines that need what no test has: the published package, a key of a bucket. */
const UNTESTED = [
  /^deno add jsr:@tinyflight\/flight npm:apache-arrow$/,
  /^npx jsr add @tinyflight\/flight$/,
  /^npm install apache-arrow$/,
  /^export AWS_/,
  /^(for port in|done$)/,
];

const pages = await docPages();

/** The pages' command lines, each as the arguments that `deno` gets. */
const commandLines = (await docBlocks("sh"))
  .flatMap(({ code }) => code.trimEnd().split("\n"))
  .map((line) => line.trim())
  .filter((line) => !ELSEWHERE.some(([pattern]) => pattern.test(line)))
  .filter((line) => !UNTESTED.some((pattern) => pattern.test(line)))
  .map((line) => ({ line, args: argumentsIn(line) }));

/** The words of a command line, without its quotes, its comment and `deno` itself. */
function argumentsIn(line: string): string[] {
  const words = line.replace(/ +#.*$/, "").matchAll(/"([^"]*)"|[^\s"]+/g);
  const [first, ...rest] = [...words].map(([word, quoted]) => quoted ?? word);
  if (first === "deno") return rest;
  // npx fetches this version of Deno, and runs it with the other words.
  assertEquals(
    [first, ...rest.slice(0, 2)],
    ["npx", "-y", "deno@2.9.6"],
    `No test runs ${line}`,
  );
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

/** The command lines, each once. */
function distinct(lines: typeof commandLines): string[][] {
  return [...new Map(lines.map(({ args }) => [args.join(" "), args])).values()];
}

Deno.test("The pages have code only in languages of which all code runs", async () => {
  const others = (await docBlocks()).filter(({ language }) =>
    !["ts", "sh", "python", "json"].includes(language)
  );
  assertEquals(others, []);
});

Deno.test("The pages' TypeScript runs, and prints what its comments say", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await using server = await new TinyServer({ port: 0 }).listen();
    const files: string[] = [];
    for (const { path, text } of pages) {
      const file = join(folder, path.replaceAll("/", "_"));
      // What declares tests of its own is a file of tests.
      const rest = text.replaceAll(
        /^```ts\n([^]*?)^```$/gm,
        (block: string, code: string) => {
          if (!code.includes("Deno.test(")) return block;
          files.push(`${file}_${files.length}_test.ts`);
          Deno.writeTextFileSync(files.at(-1)!, code);
          return block.replaceAll(/.*/g, "");
        },
      );
      await Deno.writeTextFile(file, rest.replaceAll(LOCATION, server.location));
      files.push(file);
    }
    const command = new Deno.Command(Deno.execPath(), {
      args: ["test", "-A", "--doc", "--config", `${ROOT}deno.json`, ...files],
      cwd: folder,
      env: { NO_COLOR: "1" },
    });
    const { code, stdout, stderr } = await command.output();
    const [told, problems] = [stdout, stderr].map((bytes) =>
      new TextDecoder().decode(bytes)
    );
    assertEquals(code, 0, told + problems);
    for (const { path, line, code } of await docBlocks("ts")) {
      if (code.includes("Deno.test(")) continue;
      const name = `${path.replaceAll("/", "_")}#${line}-`;
      const [, output] = told.split(new RegExp(`^running 1 test from .*${name}`, "m"));
      assert(output !== undefined, `${path}:${line} has not run:\n${told}`);
      const missing = missingOutput(code, output.split(/^running \d/m)[0]);
      assertEquals(missing, undefined, `${path}:${line} prints something else`);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

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

Deno.test("README's deno.json makes a copy of this repository known to a project", async () => {
  const [{ code: manifest }] = await docBlocks("json");
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(
      `${folder}/deno.json`,
      manifest.replace("../tinyflight", ROOT),
    );
    const [{ code }] = (await docBlocks("ts")).filter(({ path }) =>
      path === "README.md"
    );
    await using server = await new TinyServer({ port: 0 }).listen();
    await Deno.writeTextFile(
      `${folder}/main.ts`,
      code.replaceAll(LOCATION, server.location),
    );
    const command = new Deno.Command(Deno.execPath(), {
      args: ["run", "--check", "--allow-net", "main.ts"],
      cwd: folder,
      env: { NO_COLOR: "1" },
    });
    const { success, stdout, stderr } = await command.output();
    assert(success, new TextDecoder().decode(stderr));
    assertEquals(missingOutput(code, new TextDecoder().decode(stdout)), undefined);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("The pages' paths are there", async () => {
  for (const { path, text } of pages) {
    // Links are relative to the page, other paths to the repository.
    const unlinked = text.replaceAll(/\]\([^)]*\)/g, "");
    const names = unlinked.match(/(?<![\w./-])(?:[a-z_]+\/)+[a-z_0-9]+\.ts\b/g) ?? [];
    for (const name of names) {
      assert((await Deno.stat(ROOT + name)).isFile, `${path} names ${name}`);
    }
    const links = text.matchAll(/\]\((?!https?:)([^)#]+)(#[^)]*)?\)/g);
    for (const [, link] of links) {
      const target = join(ROOT, dirname(path), link);
      await Deno.stat(target).catch(() => {
        throw new Error(`${path} has a link to ${link}, which is not there`);
      });
    }
  }
});

Deno.test("docs/README.md and README have a link to every page", async () => {
  for (const index of ["README.md", "docs/README.md"]) {
    const text = await Deno.readTextFile(ROOT + index);
    for (const { path } of pages.filter(({ path }) => /^docs\/(?!README)/.test(path))) {
      const link = index === "README.md" ? path : path.replace("docs/", "");
      assertStringIncludes(text, `](${link})`);
    }
  }
});
