/** The workflows, the changelog and the manifest agree. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { ROOT } from "../helpers/processes/deno_process.ts";

/** The least version of Deno, as README names it. */
const [, MIN_DENO] = /With Deno (\d+\.\d+\.\d+) or later/.exec(
  await Deno.readTextFile(`${ROOT}README.md`),
)!;
const folder = `${ROOT}.github/workflows/`;
const workflows = new Map(
  [...Deno.readDirSync(folder)].map(({ name }) => [
    name,
    Deno.readTextFileSync(folder + name),
  ]),
);

Deno.test("The workflows run tasks that are there, with the least version of Deno", () => {
  assertEquals([...workflows.keys()].sort(), ["checks.yml", "publish.yml"]);
  for (const [name, text] of workflows) {
    const tasks = [...text.matchAll(/deno task ([\w:]+)/g)].map(([_, task]) => task);
    assert(tasks.includes("ok"), name);
    for (const task of tasks) assert(task in config.tasks, `${name}: ${task}`);
    assertStringIncludes(text, `"${MIN_DENO}"`);
    assertMatch(text, /^permissions:\n {2}contents: read$/m);
  }
});

Deno.test("A release publishes by OIDC, without a token", () => {
  const text = workflows.get("publish.yml")!;
  assertMatch(text, /^on:\n {2}release:\n {4}types: \[published\]$/m);
  assertMatch(text, /^ +id-token: write$/m);
  assertMatch(text, /^ +- run: deno publish$/m);
  assert(!text.includes("secrets."));
});

Deno.test("The changelog has what is unreleased, and the version of deno.json", async () => {
  const text = await Deno.readTextFile(`${ROOT}CHANGELOG.md`);
  const titles = [...text.matchAll(/^## \[(.+?)\](?: - (\S+))?$/gm)];
  const versions = titles.map(([_, version]) => version);
  assertEquals(versions[0], "Unreleased");
  assert(versions.includes(config.version));
  for (const [_, version, date] of titles.slice(1)) {
    assertMatch(`${version} ${date}`, /^\d+\.\d+\.\d+ \d{4}-\d\d-\d\d$/);
  }
  const kinds = new Set([...text.matchAll(/^### (.+)$/gm)].map(([_, kind]) => kind));
  const known = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"];
  assertEquals([...kinds].filter((kind) => !known.includes(kind)), []);
});

Deno.test("CONTRIBUTING.md has every task", async () => {
  const text = await Deno.readTextFile(`${ROOT}CONTRIBUTING.md`);
  const listed = [...text.matchAll(/^\| `deno task ([\w:]+)` /gm)].map(([_, task]) =>
    task
  );
  assertEquals(listed.sort(), Object.keys(config.tasks).sort());
});

Deno.test("deno task ok checks the docs of every entry point", () => {
  const [, linted] = /deno doc --lint (.+?) &&/.exec(config.tasks.ok.command)!;
  const entries = Object.values(config.exports).map((path) => path.slice(2));
  assertEquals(linted.split(" ").sort(), entries.sort());
});
