/** The README's Python, with a TinyServer. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { TinyServer } from "../../server.ts";
import { readmeBlocks } from "../helpers/readme_blocks.ts";
import { runPython } from "./python.ts";

const LOCATION = "grpc://localhost:5678";

for (const { language, code } of await readmeBlocks()) {
  if (language !== "python") continue;
  Deno.test(`The README's Python runs: ${code.split("\n")[0]}`, async () => {
    assertStringIncludes(code, LOCATION);
    await using server = await new TinyServer({ port: 0 }).listen();
    const script = await Deno.makeTempFile({ suffix: ".py" });
    try {
      await Deno.writeTextFile(script, code.replaceAll(LOCATION, server.location));
      const [list, error] = (await runPython(script)).split("\n");
      assertEquals(list, "b'cities' 2");
      assertStringIncludes(error, 'Cannot find the table "cities"');
    } finally {
      await Deno.remove(script);
    }
  });
}
