/**
 * The examples, each in a process of its own. Those for other programs run with the
 * tests against other implementations, in examples_interop.ts.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { ROOT, runDeno } from "../helpers/processes/deno_process.ts";

/** What each example prints. */
const PRINTED: ReadonlyMap<string, RegExp> = new Map([
  ["auth.ts", /^she sees 0 tables\nUNAUTHENTICATED: .+ token is not valid\n$/],
  ["cancel.ts", /^CANCELLED, after a part of it\nthe first number is 0\n$/],
  ["directory_store.ts", /^the first server has: \nthe second server has: cities\n\[/],
  ["exchange.ts", /^Float64Array\(2\) \[ 20, 30 \]\nFloat64Array\(1\) \[ 10 \]\n$/],
  ["own_service.ts", /^Float64Array\(4\) \[ 0, 1, 4, 9 \]\n$/],
  ["put_and_get.ts", /^\[ "cities" \]\n(\{.*\}\n){3}$/],
  ["stream_batches.ts", /^the mean of 2000000 values is 0\.5\n$/],
  ["take_puts.ts", /^steps: 6\nsteps: 36\n$/],
  ["tls.ts", /^grpc\+tls:\/\/localhost:PORT\n\{ number: 42 \}\n$/],
]);
/** Examples that are not TypeScript, or need another program. */
const FOR_OTHERS = [
  "browser_client.html",
  "browser_client.ts",
  "notebook.ipynb",
  "python_client.py",
  "r_client.R",
];
/** The demo, which has a test of its own, and what it uses. */
const DEMO = ["csv.ts", "demo.ts", "same.ts", "show.ts"];

const files = [...Deno.readDirSync(`${ROOT}examples`)]
  .filter(({ name, isFile }) => isFile && name !== "README.md")
  .map(({ name }) => name);

for (const [file, printed] of PRINTED) {
  Deno.test(`examples/${file} runs, and prints what it promises`, async () => {
    const { code, stdout, stderr } = await runDeno("run", "-A", `examples/${file}`);
    assertEquals([code, stderr], [0, ""]);
    assertMatch(stdout, printed);
  });
}

Deno.test("Every example is run by a test", () => {
  assertEquals(files.sort(), [...PRINTED.keys(), ...FOR_OTHERS, ...DEMO].sort());
});

Deno.test("An example has from 5 to 40 lines", async () => {
  const programs = [...PRINTED.keys(), ...FOR_OTHERS].filter((name) =>
    name !== "notebook.ipynb"
  );
  for (const file of programs) {
    const text = await Deno.readTextFile(`${ROOT}examples/${file}`);
    const lines = text.trimEnd().split("\n").length;
    assert(lines >= 5 && lines <= 40, `${file} has ${lines} lines`);
  }
});

Deno.test("examples/README.md has a line for each example", async () => {
  const text = await Deno.readTextFile(`${ROOT}examples/README.md`);
  const listed = [...text.matchAll(/^\| \[([^\]]+)\]/gm)].map(([_, name]) => name);
  const folders = [...Deno.readDirSync(`${ROOT}examples`)]
    .filter(({ name, isDirectory }) => isDirectory && name !== "data")
    .map(({ name }) => name);
  const helpers = ["csv.ts", "same.ts", "show.ts"];
  const expected = [...files, ...folders].filter((name) => !helpers.includes(name));
  assertEquals(listed.sort(), expected.sort());
});
