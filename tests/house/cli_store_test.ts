/** Where the command keeps tables. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { tableFromArrays } from "apache-arrow";
import { formatBytes, parseBytes, parseDuration } from "../../cli/options/units.ts";
import { FlightError, TinyClient } from "../../mod.ts";
import { allOf } from "../../stores/testing/all_of.ts";
import { DenoProcess, runDeno } from "../helpers/processes/deno_process.ts";
import { within } from "../helpers/waiting.ts";

const POINTS = tableFromArrays({ x: Int32Array.of(1, 2, 3) });

/** A folder for tables, as long as the test goes on. */
async function withFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The command `serve` over this folder, once it listens, and what it has printed. */
async function serveFolder(folder: string, ...options: string[]) {
  const process = new DenoProcess(
    ...["run", "-q", "-P=serve", `--allow-read=${folder}`, `--allow-write=${folder}`],
    ...["cli.ts", "serve", "--port=0", "--dir", folder, ...options],
  );
  const line = await process.readLine();
  const location = /^listening on (grpc\S+)$/.exec(line ?? "")?.[1];
  if (location === undefined) throw new Error((await process.ended()).stderr);
  return { process, client: await TinyClient.connect(location) };
}

/**
 * Gets the table until it is not found. The server prints a line for each call, which
 * nobody reads meanwhile: there must not be more than a pipe takes.
 */
async function untilGone(client: TinyClient, name: string): Promise<void> {
  try {
    while (true) {
      await client.getTable(name);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  } catch (error) {
    if (!(error instanceof FlightError) || error.code !== "NOT_FOUND") throw error;
  }
}

Deno.test("serve --dir has the tables of the server before it, also after SIGKILL", async () => {
  await withFolder(async (folder) => {
    for (const run of [1, 2, 3]) {
      const { process, client } = await serveFolder(folder, "--quiet");
      await using _ = process;
      await using __ = client;
      const names = Array.from({ length: run - 1 }, (_, index) => `t${index + 1}`);
      assertEquals(await client.listTables(), names);
      await client.putTable(`t${run}`, POINTS);
      assertEquals((await client.getTable("t1")).numRows, 3);
      process.kill("SIGKILL");
      assertEquals((await process.ended()).stderr, "");
    }
  });
});

Deno.test("serve --dir tells which files it skips", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/other.arrows`, "not a table");
    const { process, client } = await serveFolder(folder);
    await using _ = process;
    await using __ = client;
    assertEquals(await client.listTables(), []);
    process.kill("SIGTERM");
    const { code, stderr } = await process.ended();
    assertEquals(code, 0);
    assertMatch(stderr, /^Cannot use ".*other\.arrows" as a table: [^\n]+\n$/);
  });
});

Deno.test("serve --cache-bytes and --ttl tell what leaves, and what expires", async () => {
  await withFolder(async (folder) => {
    // So long that the three are there before one expires, also on a busy machine.
    const options = ["--cache-bytes=10kB", "--ttl=5s"];
    const { process, client } = await serveFolder(folder, ...options);
    await using _ = process;
    await using __ = client;
    for (const name of ["a", "b\n", "c"]) {
      await client.putTable(name, tableFromArrays({ x: new Float64Array(300) }));
    }
    assertEquals(await client.listTables(), ["a", "b\n", "c"]);
    await within(untilGone(client, "c"), "the table to expire");
    assertEquals(await client.listTables(), []);
    process.kill("SIGTERM");
    const { code, stdout, stderr } = await process.ended();
    const lines = stdout.split("\n").filter((line) => /^(evicted|expired)/.test(line));
    assertEquals(lines.map((line) => line.replace(/, .*/, "")).sort(), [
      "evicted a",
      "expired a",
      "expired b\\u000a",
      "expired c",
    ]);
    assertEquals([code, stderr], [0, ""]);
  });
});

Deno.test("The command says what is wrong with the options of stores", async () => {
  const cases: [args: string[], message: RegExp][] = [
    [["--dir="], /Cannot use the option --dir: it is empty/],
    [["--dir=data", "--s3=s3://b/p"], /Cannot keep the tables in two places/],
    [["--cache-bytes=1GB"], /Cannot use --cache-bytes without --dir or --s3/],
    [["--dir=data", "--cache-bytes=much"], /Cannot use --cache-bytes "much": .* 2GiB/],
    [["--piece-bytes=1GB"], /Cannot use --piece-bytes without --s3/],
    [["--ttl=1w"], /Cannot use --ttl "1w": it has to be a time, such as 90s/],
    [["--dir=/nowhere/data"], /Requires \w+ access to "\/nowhere\/data/],
  ];
  await allOf(...cases.map(async ([args, message]) => {
    const command = ["run", "-q", "--no-prompt", "-P=serve", "cli.ts", "serve"];
    const { code, stdout, stderr } = await runDeno(...command, ...args);
    assertMatch(stderr, message);
    assertMatch(stderr, /^tinyflight: [^\n]+\n$/);
    // What the options say is wrong, but for the last: what they ask for fails.
    assertEquals([code, stdout], [message === cases.at(-1)![1] ? 1 : 2, ""]);
  }));
});

Deno.test("Bytes and times are read as people write them", () => {
  const bytes = { "1000": 1000, "2GiB": 2 ** 31, "1.5 kb": 1500, "500MB": 5e8 };
  for (const [text, number] of Object.entries(bytes)) {
    assertEquals(parseBytes(text), number);
  }
  const times = {
    "90s": 90_000,
    "30m": 1_800_000,
    "12h": 43_200_000,
    "7d": 604_800_000,
  };
  for (const [text, number] of Object.entries(times)) {
    assertEquals(parseDuration(text), number);
  }
  for (
    const text of ["", "x", "0", "-1GB", "1e9", "5 apples", "GB", "1GB1", "0s", "9"]
  ) {
    assert(parseDuration(text) === undefined, text);
    if (text !== "9") assertEquals(parseBytes(text), undefined, text);
  }
  assertEquals([999, 1000, 1.25e6, 2 ** 31].map(formatBytes), [
    "999 bytes",
    "1.00 kB",
    "1.25 MB",
    "2.15 GB",
  ]);
});
