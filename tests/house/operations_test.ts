/**
 * A server for a team, set up by the first section of docs/operations.md alone, and asked
 * what the section says; then each of its files changes, and is read again.
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { tableFromArrays } from "apache-arrow";
import { basicAuth, bearerAuth, TinyClient } from "../../mod.ts";
import { DenoProcess, ROOT } from "../helpers/processes/deno_process.ts";
import { type Block, docBlocks, HTTP_PORT } from "../helpers/doc_blocks.ts";
import { assertFlightError } from "../helpers/serving.ts";
import { within } from "../helpers/waiting.ts";

const PAGE = "docs/operations.md";
/** How long a reload may take on a busy machine, in milliseconds. */
const MAX_RELOAD = 60_000;
const POINTS = tableFromArrays({ x: [1, 2, 3] });

const blocks = (await docBlocks()).filter(({ path }) => path === PAGE);
const found = (pattern: RegExp): Block => {
  const [block, ...others] = blocks.filter(({ code }) => pattern.test(code));
  assertEquals([block === undefined, others.length], [false, 0], `${pattern}`);
  return block;
};

/** Runs lines of the page in this folder, and gives what they print. */
async function bash(code: string, folder: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("bash", {
    args: [
      "-euo",
      "pipefail",
      "-c",
      `tinyflight() { "$DENO" run -q -A "$ROOT/cli.ts" "$@"; }\n${code}`,
    ],
    cwd: folder,
    env: { DENO: Deno.execPath(), ROOT, NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const [told, problem] = [stdout, stderr].map((bytes) =>
    new TextDecoder().decode(bytes)
  );
  assert(success, `${code}: ${told}${problem}`);
  return told;
}

/** Reads lines until one begins like this. */
async function lineOf(process: DenoProcess, beginning: string): Promise<string> {
  while (true) {
    const line = await within(process.readLine(), `a line "${beginning}"`);
    if (line === undefined) throw new Error((await process.ended()).stderr);
    if (line.startsWith(beginning)) return line.slice(beginning.length);
  }
}

Deno.test("docs/operations.md makes a server with users, rules, TLS and metrics, and reloads it", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await bash(found(/hash-password/).code, folder);
    await Deno.writeTextFile(`${folder}/rules.json`, found(/"who"/).code);
    await Deno.writeTextFile(`${folder}/tinyflight.json`, found(/"users"/).code);
    const [command, ...words] = found(/^tinyflight serve/).code.trim().split(" ");
    assertEquals([command, words.at(-1)], ["tinyflight", "tinyflight.json"]);
    await using process = new DenoProcess(
      ...["run", "-q", "-A", "cli.ts", ...words.slice(0, -1)],
      ...[`${folder}/tinyflight.json`, "--port=0", "--http=0"],
    );
    const location = await lineOf(process, "listening on ");
    assertMatch(location, /^grpc\+tls:/);
    const http = await lineOf(process, "listening on ");
    const curls = found(/^curl/).code.replaceAll(
      `https://localhost:${HTTP_PORT}`,
      http,
    );

    const tls = { ca: await Deno.readTextFile(`${folder}/server.pem`) };
    {
      const middleware = [basicAuth("ada", "lovelace")];
      await using ada = await TinyClient.connect(location, { tls, middleware });
      for (const name of ["raw/a", "public/a", "secret"]) {
        await ada.putTable(name, POINTS);
      }
      const [token] = (await Deno.readTextFile(`${folder}/token`)).split("\n");
      await using loader = await TinyClient.connect(location, {
        tls,
        middleware: [bearerAuth(token)],
      });
      assertEquals(await loader.listTables(), ["public/a", "raw/a"]);
      await assertFlightError(
        () => loader.putTable("public/b", POINTS),
        "PERMISSION_DENIED",
      );
    }
    const [health, tables, metrics, ofLoader] = await Promise.all(
      curls.trim().split("\n").map((line) => bash(line, folder)),
    );
    assertEquals(JSON.parse(health), { status: "SERVING" });
    assertEquals(JSON.parse(tables).length, 3);
    assertStringIncludes(
      metrics,
      'tinyflight_calls_total{method="DoPut",code="OK"} 3\n',
    );
    assertEquals(JSON.parse(ofLoader).length, 2);

    await bash(
      `echo byron | tinyflight hash-password ada > users
      echo '[{"who": "ada", "may": "read", "tables": "public/*"}]' > rules.json
      ${found(/openssl/).code.split("\n").find((line) => line.startsWith("openssl"))}`,
      folder,
    );
    process.kill("SIGHUP");
    await lineOf(process, "reloaded ");
    const newTls = { ca: await Deno.readTextFile(`${folder}/server.pem`) };
    const middleware = [basicAuth("ada", "byron")];
    await using ada = await TinyClient.connect(location, { tls: newTls, middleware });
    assertEquals(await ada.listTables(), ["public/a"]);
    using client = Deno.createHttpClient({ caCerts: [newTls.ca] });
    const response = await fetch(`${http}/health`, { client });
    assertEquals((await response.json()).status, "SERVING");

    await Deno.writeTextFile(`${folder}/users`, "ada:byron\n");
    await bash(
      `echo '[{"who": "ada", "may": "read", "tables": "*"}]' > rules.json`,
      folder,
    );
    process.kill("SIGHUP");
    // The users are read before the rules, by which their end is seen.
    const asked = performance.now();
    while ((await ada.listTables()).length < 3) {
      assert(performance.now() < asked + MAX_RELOAD, "the rules were not read again");
      // The server logs each call, and nobody reads that: a pipe takes so much.
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    process.kill("SIGTERM");
    const { code, stderr } = await process.ended();
    assertEquals(code, 0);
    assertMatch(
      stderr,
      /^tinyflight: Cannot read line 1 of the users: .*; what was read before stays$/m,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("docs/command.md has the options that serve --help has, and what it says of them", async () => {
  await using process = new DenoProcess("run", "-A", "cli.ts", "serve", "--help");
  const { stdout } = await process.ended();
  // What a long option does is told on the next line.
  const told = stdout.replaceAll(/^( {2}--\S+ \S+)\n/gm, "$1").split("\n")
    .filter((line) => /^ {2}(-\w, )?--/.test(line))
    .map((line) => line.trim().replaceAll(/ +/g, " "));
  const page = await Deno.readTextFile(`${ROOT}docs/command.md`);
  const [, section] = page.split(/^## The options of `serve`$/m);
  const rows = [
    ...section.split(/^## /m)[0].matchAll(/^\| `(-.+?)` +\| (.*?) *\| (.+?) *\|$/gm),
  ].map(([, option, byDefault, text]) =>
    `${option} ${text}${byDefault.trim() === "" ? "" : ` (${byDefault.slice(1, -1)})`}`
  );
  assert(rows.length > 40);
  assertEquals(rows, told);
});
