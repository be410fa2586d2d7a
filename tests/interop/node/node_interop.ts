/** The package on Node and on Bun, beside Deno and by itself. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { Authority } from "../../helpers/certificates.ts";
import { npm } from "./prepare_node.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const RUNTIMES = ["deno", "node", "bun"] as const;
type Runtime = typeof RUNTIMES[number];
/** No program of these tests takes as long as this, in milliseconds. */
const MAX_TIME = 300_000;

const project = await makeProject();

for (const server of RUNTIMES) {
  for (const client of RUNTIMES) {
    if (server === "deno" && client === "deno") continue;
    Deno.test(`a client on ${client} with a server on ${server}`, async () => {
      await using serving = await Serving.start(server);
      const { code, stdout, stderr } = await run(client, [
        "walk_through.ts",
        serving.location,
      ]);
      assertEquals([stdout, stderr, code], ["done\n", "", 0]);
    });
  }
}

for (const client of ["node", "bun"] as const) {
  Deno.test(`a client on ${client} reads over HTTP from a server on deno`, async () => {
    await using serving = await Serving.start("deno", "http");
    const { location } = serving;
    const { code, stdout, stderr } = await run(client, ["walk_through.ts", location]);
    assertEquals([stdout, stderr, code], ["done\n", "", 0]);
  });

  Deno.test(`HttpDoor says that it does not open on ${client}`, async () => {
    const { code, stderr } = await run(client, ["serve.ts", "http"]);
    assertEquals(code, 1);
    assertStringIncludes(stderr, "Cannot open the HTTP door: it needs Deno");
  });
}

Deno.test("a folder of tables is the same for all runtimes", async () => {
  for (const first of RUNTIMES) {
    const folder = await Deno.makeTempDir();
    for (
      const [what, runtime] of [["put", first], ...RUNTIMES.map((to) => ["get", to])]
    ) {
      const outcome = await run(runtime as Runtime, ["stored.ts", what, folder]);
      assertEquals(outcome, { code: 0, stdout: "done\n", stderr: "" });
    }
    await Deno.remove(folder, { recursive: true });
  }
});

for (const runtime of RUNTIMES) {
  Deno.test(`files of every format on ${runtime}`, async () => {
    const outcome = await run(runtime, ["files.ts"]);
    assertEquals(outcome, { code: 0, stdout: "done\n", stderr: "" });
  });
}

Deno.test("TLS with client certificates, between all runtimes", async () => {
  await using authority = await Authority.make();
  await using other = await Authority.make("Other");
  const certificates = [
    await authority.issue("DNS:other.example"),
    await authority.issue("DNS:localhost"),
  ];
  const certificate = await authority.issue("DNS:ada.example");
  const ca = authority.cert;
  const serverTls = await file("server", { certificates, clientCa: ca });
  const good = await file("good", { ca, certificate });
  const distrusts = await file("distrusts", { ca: other.cert, certificate });
  const unknown = await file("unknown", { ca });
  const eve = await other.issue("DNS:eve.example");
  const foreign = await file("foreign", { ca, certificate: eve });
  const late = await authority.issueExpired("DNS:late.example");
  const expired = await file("expired", { ca, certificate: late });
  for (const server of RUNTIMES) {
    await using serving = await Serving.start(server, serverTls);
    const { location } = serving;
    assertStringIncludes(location, "grpc+tls://localhost:");
    for (const client of RUNTIMES) {
      const walk = (tls: string) => run(client, ["walk_through.ts", location, tls]);
      const { stdout, stderr, code } = await walk(good);
      assertEquals([stdout, stderr, code], ["done\n", "", 0], `${client} to ${server}`);
      const stranger = await walk(distrusts);
      assertStringIncludes(stranger.stderr, "from an authority that is not trusted");
      assertMatch((await walk(unknown)).stderr, /the client shows no certificate/);
    }
    // Each runtime of a server verifies clients in its own way.
    for (
      const [tls, reason] of [[foreign, "is not trusted"], [expired, "has expired"]]
    ) {
      const { stderr } = await run("node", ["walk_through.ts", location, tls]);
      assertMatch(stderr, new RegExp(`the client's certificate .*${reason}`), server);
    }
  }
});

for (const runtime of ["node", "bun"] as const) {
  Deno.test(`a service of one's own on ${runtime}`, async () => {
    const [{ stdout, code }, expected] = await Promise.all([
      run(runtime, ["examples/own_service.ts"]),
      run("deno", ["examples/own_service.ts"]),
    ]);
    const numbers = (text: string) => text.match(/\d+|true|false/g);
    assertEquals(code, 0);
    assertEquals(numbers(stdout), numbers(expected.stdout));
  });

  Deno.test(`the demo on ${runtime}`, async () => {
    const { stdout, stderr, code } = await run(runtime, ["examples/demo.ts"]);
    assertEquals([stderr, code], ["", 0]);
    assertEquals(stdout.match(/Equal to what was put/g)?.length, 2);
    assertStringIncludes(stdout, "NOT_FOUND");
  });
}

for (const runtime of ["node", "bun"] as const) {
  Deno.test(`the command on ${runtime}, as a server and as a client`, async () => {
    const tinyflight = "node_modules/.bin/tinyflight";
    const command = commandFor(runtime, [
      tinyflight,
      "serve",
      "--port",
      "0",
      "--quiet",
    ]);
    await using server = command.spawn();
    await server.stdin.close();
    const lines = server.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const { value = "" } = await lines.read();
    const [, location] = /^listening on (grpc\S+)\n$/.exec(value) ?? [];
    const use = (...args: string[]) =>
      run(runtime, [tinyflight, ...args, "-l", location]);
    const quakes = "examples/data/fijiquakes.csv";
    const put = await use("put", quakes);
    assertEquals([put.code, put.stderr], [0, ""]);
    assertMatch(put.stdout, /^put fijiquakes: 1000 rows, /);
    assertMatch((await use("ls")).stdout, /^fijiquakes +1000 .* 5$/m);
    assertMatch((await use("head", "fijiquakes", "-n1")).stdout, /-20\.42 +181\.62/);
    const got = await use("get", "fijiquakes", "-o", `${runtime}.csv`);
    assertEquals([got.code, got.stderr], [0, ""]);
    assertEquals((await use("put", `${runtime}.csv`, "-q")).code, 0);
    const [first, second] = [await use("get", "fijiquakes"), await use("get", runtime)];
    assertEquals(first, second);
    const unknown = await use("get", "fijiquake");
    assertEquals(unknown.code, 3);
    assertStringIncludes(unknown.stderr, 'perhaps you mean "fijiquakes"');
    const { version } = JSON.parse(
      await Deno.readTextFile(`${ROOT}/deno.json`),
    );
    assertStringIncludes((await use("--version")).stdout, version);
    assertEquals((await use("shutdown", "-q")).code, 0);
    await lines.cancel();
    const stderr = await new Response(server.stderr).text();
    assertEquals([(await server.status).code, stderr], [0, ""]);
  });
}

Deno.test("TypeScript knows the types of the package", async () => {
  const { stdout, code } = await output(Deno.env.get("TINYFLIGHT_TSC")!, [
    ...["--noEmit", "--strict", "--target", "esnext", "--lib", "esnext,dom"],
    ...["--module", "nodenext", "--allowImportingTsExtensions"],
    ...["walk_through.ts", "serve.ts", "stored.ts", "examples/own_service.ts"],
  ]);
  assertEquals([stdout, code], ["", 0]);
});

/** A project that has the package from a tarball, and the programs of the tests. */
async function makeProject(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "tinyflight_" });
  globalThis.addEventListener("unload", () => {
    Deno.removeSync(folder, { recursive: true });
  });
  const tarball = `${folder}/package.tgz`;
  const packed = await output(Deno.execPath(), [
    ...["run", "-A", "packaging/pack.ts", tarball],
  ], ROOT);
  if (packed.code !== 0) throw new Error(packed.stderr);
  await Deno.writeTextFile(`${folder}/package.json`, '{ "type": "module" }');
  const { imports } = JSON.parse(await Deno.readTextFile(`${ROOT}/deno.json`));
  const packages = ["apache-arrow", "csv-parse"].map((name) =>
    imports[name].replace("npm:", "")
  );
  await npm(folder, "install", tarball, ...packages, "@types/node@24");
  const programs = new URL("./", import.meta.url);
  for (const name of ["files.ts", "serve.ts", "stored.ts", "walk_through.ts"]) {
    await Deno.copyFile(new URL(name, programs), `${folder}/${name}`);
  }
  await copyFolder(`${ROOT}/examples`, `${folder}/examples`);
  return folder;
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to);
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyFolder(`${from}/${name}`, `${to}/${name}`);
    else await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}

/** Writes a file of JSON into the project, and gives its name. */
async function file(name: string, value: unknown): Promise<string> {
  await Deno.writeTextFile(`${project}/${name}.json`, JSON.stringify(value));
  return `${name}.json`;
}

/** The command that runs a program in a runtime. */
function commandFor(runtime: Runtime, args: readonly string[]): Deno.Command {
  const [program, ...before] = {
    deno: [Deno.execPath(), "run", "-A", "--no-config", "--node-modules-dir=manual"],
    node: [Deno.env.get("TINYFLIGHT_NODE")!, "--disable-warning=ExperimentalWarning"],
    bun: [Deno.env.get("TINYFLIGHT_BUN")!],
  }[runtime];
  return new Deno.Command(program, {
    args: [...before, ...args],
    cwd: project,
    env: { NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(MAX_TIME),
  });
}

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(runtime: Runtime, args: readonly string[]): Promise<Ended> {
  const child = commandFor(runtime, args).spawn();
  await child.stdin.close();
  return await read(child.output());
}

function output(program: string, args: string[], cwd = project): Promise<Ended> {
  return read(
    new Deno.Command(program, { args, cwd, env: { NO_COLOR: "1" } }).output(),
  );
}

async function read(output: Promise<Deno.CommandOutput>): Promise<Ended> {
  const { code, stdout, stderr } = await output;
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, stdout: out, stderr: err };
}

/** A server that runs in a runtime. */
class Serving implements AsyncDisposable {
  readonly location: string;
  readonly #child: Deno.ChildProcess;
  readonly #lines: ReadableStreamDefaultReader<string>;

  private constructor(
    location: string,
    child: Deno.ChildProcess,
    lines: ReadableStreamDefaultReader<string>,
  ) {
    this.location = location;
    this.#child = child;
    this.#lines = lines;
  }

  static async start(runtime: Runtime, ...args: string[]): Promise<Serving> {
    const child = commandFor(runtime, ["serve.ts", ...args]).spawn();
    const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const { value } = await lines.read();
    if (value === undefined) throw new Error((await read(child.output())).stderr);
    return new Serving(value.trim(), child, lines);
  }

  /** Ends it, which it has to do by itself, and without a word. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.stdin.close();
    let rest = "";
    for (
      let part = await this.#lines.read();
      !part.done;
      part = await this.#lines.read()
    ) {
      rest += part.value;
    }
    const stderr = await new Response(this.#child.stderr).text();
    const { code } = await this.#child.status;
    assertEquals([rest, stderr, code], ["finished\n", "", 0]);
  }
}
