/** What a file exports is there for others. */
import { assert, assertEquals } from "@std/assert";
import { ROOT } from "../helpers/processes/deno_process.ts";

const EXPORTED = /^export (?:async )?(?:function\*?|const) (\w+)/gm;
const IMPORTED = /\b(?:import|export) (?:type )?\{([^}]*)\} from "(\.[^"]*)"/g;
/** A module as one object, by which its names are reached: `loaded.name`. */
const WHOLE = /\b(?:import \* as \w+ from|import\()\s*"(\.[^"]*)"/g;
/** What is no code of ours, or is not in the repository. */
const SKIPPED = /^(\.|node_modules$)/;

/** The paths of all files of code. */
function* filesIn(folder = ""): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(ROOT + folder)) {
    if (SKIPPED.test(name)) continue;
    if (isDirectory) yield* filesIn(`${folder}${name}/`);
    else if (name.endsWith(".ts")) yield folder + name;
  }
}

/** The names in a clause: `a, type B, c as d` has a, B and c. */
function namesIn(clause: string): string[] {
  return clause.split(",")
    .map((item) => /^\s*(?:type )?(\w+)/.exec(item)?.[1] ?? "")
    .filter((name) => name !== "");
}

Deno.test("what shipped code exports, beside types and classes, is imported somewhere or is public", async () => {
  const config = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`));
  const entries = Object.values<string>(config.exports).map((path) => path.slice(2));
  const sources = new Map<string, string>();
  for (const path of filesIn()) {
    sources.set(path, await Deno.readTextFile(ROOT + path));
  }
  const used = new Set<string>();
  for (const [path, source] of sources) {
    const use = (specifier: string, names: Iterable<string>) => {
      const target = new URL(specifier, `file:///${path}`).pathname.slice(1);
      for (const name of names) used.add(`${target} ${name}`);
    };
    for (const [, clause, specifier] of source.matchAll(IMPORTED)) {
      use(specifier, namesIn(clause));
    }
    for (const [, specifier] of source.matchAll(WHOLE)) {
      use(specifier, source.match(/\w+/g)!);
    }
  }
  const exported = [...sources]
    .filter(([path]) => !/^(tests|bench|examples|packaging)\//.test(path))
    .filter(([path]) => !entries.includes(path))
    .flatMap(([path, source]) =>
      [...source.matchAll(EXPORTED)].map(([, name]) => `${path} ${name}`)
    );
  assert(exported.length > 500, `${exported.length}`);
  assertEquals(exported.filter((name) => !used.has(name)), []);
});
