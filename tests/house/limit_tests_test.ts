/** The limit that each test has. */
import { assertEquals, assertStringIncludes } from "@std/assert";

const helper = new URL("../helpers/limit_tests.ts", import.meta.url);

/** How long each test may take, in milliseconds; most take less on a busy machine, too. */
const MAX_TIME = 2000;

/** What `deno test` says of these tests when each may take so long. */
async function runTests(tests: string): Promise<{ code: number; said: string }> {
  const directory = await Deno.makeTempDir();
  try {
    const preload = `import { limitTests } from "${helper}"; limitTests(${MAX_TIME});`;
    await Deno.writeTextFile(`${directory}/preload.ts`, preload);
    await Deno.writeTextFile(`${directory}/a_test.ts`, tests);
    await Deno.writeTextFile(`${directory}/b_test.ts`, `Deno.test("last", () => {});`);
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["test", "--no-check", "--no-config", "--preload", "preload.ts"],
      cwd: directory,
      env: { NO_COLOR: "1" },
    }).output();
    const decoder = new TextDecoder();
    return { code, said: decoder.decode(stdout) + decoder.decode(stderr) };
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("limitTests() ends a test that hangs, and says so", async () => {
  const { code, said } = await runTests(
    `Deno.test("hangs", () => new Promise((resolve) => setTimeout(resolve, 60_000)));`,
  );
  assertEquals(code, 1);
  assertStringIncludes(said, `A test has taken longer than ${MAX_TIME} ms`);
  assertStringIncludes(said, "hangs ... cancelled");
  assertStringIncludes(said, "last ... ok");
});

Deno.test("limitTests() leaves alone what ends in time, and its sanitizers", async () => {
  const { code, said } = await runTests(`
    const sanitizers = { sanitizeOps: true, sanitizeResources: true };
    // Together they take longer than one may.
    for (let index = 0; index < 25; index++) {
      Deno.test(\`\${index}\`, sanitizers, () =>
        new Promise((resolve) => setTimeout(resolve, 100)));
    }
  `);
  assertEquals(code, 0, said);
  assertStringIncludes(said, "26 passed");
});
