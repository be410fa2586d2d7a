/** The examples for Python, R and browsers. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { TinyServer } from "../../server.ts";
import { DenoProcess, ROOT } from "../helpers/processes/deno_process.ts";
import { runPython } from "./python/python.ts";

/** How long R and a browser may take, in milliseconds. */
const MAX_TIME = 300_000;
/** The script that the page loads, which the test serves itself. */
const ARROW_URL = /https:\/\/\S+(?=\/Arrow\.es2015\.min\.js)/;

Deno.test("examples/python_client.py puts, lists, gets and drops", async () => {
  await using server = await new TinyServer({ port: 0 }).listen();
  const output = await runPython(`${ROOT}examples/python_client.py`, server.location);
  assertMatch(
    output,
    /^quakes 2 \d+\n\{'place': \['Fiji', 'Tonga'\], 'mag': \[4\.8, None\]\}\n$/,
  );
});

/** R's arrow package speaks Flight through pyarrow. */
const R_ENV = { RETICULATE_PYTHON: Deno.env.get("TINYFLIGHT_PYTHON") ?? "python3" };
const lackingInR = await lacking("Rscript", [
  "-e",
  'stopifnot(requireNamespace("arrow"), reticulate::py_module_available("pyarrow"))',
], R_ENV);
Deno.test({
  name: `examples/r_client.R puts and gets${lackingInR}`,
  ignore: lackingInR !== "",
  fn: async () => {
    await using server = await new TinyServer({ port: 0 }).listen();
    const { port } = new URL(server.location.replace(/^grpc\+tcp/, "http"));
    const output = await run("Rscript", [`${ROOT}examples/r_client.R`, port], R_ENV);
    assertStringIncludes(output, "[1] 153   6");
  },
});

Deno.test("examples/browser_client.html puts and reads in a browser", async () => {
  const chromium = Deno.env.get("TINYFLIGHT_CHROMIUM");
  if (chromium === undefined) {
    throw new Error("Cannot run the interop tests: TINYFLIGHT_CHROMIUM is not set");
  }
  const folder = await Deno.makeTempDir();
  const scripts = serveArrow();
  try {
    for (const name of ["browser_client.ts", "browser_client.html"]) {
      const text = await Deno.readTextFile(`${ROOT}examples/${name}`);
      const url = `http://localhost:${scripts.addr.port}`;
      await Deno.writeTextFile(`${folder}/${name}`, text.replace(ARROW_URL, url));
    }
    const config = ["--config", `${ROOT}deno.json`];
    await using example = new DenoProcess(
      ...["run", "-A", ...config, `${folder}/browser_client.ts`],
    );
    const page = await example.readLine() ?? "";
    const html = await run(chromium, [
      ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
      ...[`--user-data-dir=${folder}/profile`, "--virtual-time-budget=60000"],
      ...["--dump-dom", page],
    ]);
    assertStringIncludes(html, "<tr><td>Suva</td><td>-18.14</td></tr>");
    assertStringIncludes(html, "<tr><td>Nadi</td><td>-17.8</td></tr>");
    example.kill("SIGINT");
    assertEquals((await example.ended()).code, 0);
  } finally {
    await scripts.shutdown();
    await Deno.remove(folder, { recursive: true });
  }
});

/** Serves the file of apache-arrow that browsers load. */
function serveArrow(): Deno.HttpServer<Deno.NetAddr> {
  const file = new URL("./Arrow.es2015.min.js", import.meta.resolve("apache-arrow"));
  return Deno.serve(
    { port: 0, onListen() {} },
    async () =>
      new Response(await Deno.readFile(file), {
        headers: { "content-type": "text/javascript" },
      }),
  );
}

/** What keeps a program from running, in brackets; nothing when it runs. */
async function lacking(
  program: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<string> {
  try {
    await run(program, args, env);
    return "";
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound
      ? `there is no ${program}`
      : `${error}`.split("\n")[0];
    return ` (skipped: ${reason})`;
  }
}

/** What a program prints that has to succeed. */
async function run(
  program: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<string> {
  const command = new Deno.Command(program, {
    args,
    env,
    signal: AbortSignal.timeout(MAX_TIME),
  });
  const { success, stdout, stderr } = await command.output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}
