/** What tests may import. */
import { assert, assertEquals } from "@std/assert";
import { ROOT } from "../helpers/processes/deno_process.ts";

/** The TypeScript files in this folder, and in those inside it. */
function* filesIn(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(ROOT + folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* filesIn(path);
    else if (name.endsWith(".ts")) yield path;
  }
}

Deno.test("no test imports from tests/fuzz: what they share is in tests/helpers", () => {
  const files = [...filesIn("tests"), ...filesIn("bench")]
    .filter((path) => !path.startsWith("tests/fuzz/"));
  assert(files.length > 100);
  const importing = files.filter((path) =>
    /from "[./]*\/fuzz\//.test(Deno.readTextFileSync(ROOT + path))
  );
  assertEquals(importing, []);
});
