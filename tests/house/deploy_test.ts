/** The files in examples/deploy: what they run is run, with free ports and other folders. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { tableFromArrays } from "apache-arrow";
import { hashPassword, hashToken, newToken } from "../../auth/mod.ts";
import { basicAuth, TinyClient } from "../../mod.ts";
import { DenoProcess, ROOT, runDeno } from "../helpers/processes/deno_process.ts";
import { within } from "../helpers/waiting.ts";

const DEPLOY = `${ROOT}examples/deploy/`;
const POINTS = tableFromArrays({ x: [1, 2, 3] });
/** What the system chooses, in place of the ports of the files. */
const FREE_PORTS = ["--port=0", "--http=0", "--metrics-port=0"];
/** How long it may take on a busy machine that a server drains, in milliseconds. */
const MAX_DRAIN = 60_000;

const read = (name: string) => Deno.readTextFile(DEPLOY + name);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** A folder with the users, tokens and rules that the files name. */
class Folder implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async make(): Promise<Folder> {
    const { path } = new Folder(await Deno.makeTempDir());
    await Deno.mkdir(`${path}/tables`);
    await Deno.writeTextFile(
      `${path}/users`,
      `ada:${await hashPassword("lovelace")}\n`,
    );
    const token = `loader:$sha256$${hashToken(newToken())}\n`;
    await Deno.writeTextFile(`${path}/tokens`, token);
    await Deno.writeTextFile(`${path}/rules.json`, await read("rules.json"));
    return new Folder(path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

/** Starts `deno` with these arguments, and gives what it says that it listens on. */
async function start(args: readonly string[], count: number) {
  const process = new DenoProcess(...args);
  const locations: string[] = [];
  for (let index = 0; index < count; index++) {
    const line = await within(process.readLine(), "the server to listen");
    const location = /^(?:listening|metrics) on (\S+)$/.exec(line ?? "")?.[1];
    if (location === undefined) {
      await using _ = process;
      throw new Error(`Cannot start: ${line}, ${(await process.ended()).stderr}`);
    }
    // What listens on every address is asked on this machine's own.
    locations.push(location.replace("//0.0.0.0:", "//127.0.0.1:"));
  }
  return { process, locations };
}

/** Logs in, and puts a table. */
async function use(location: string): Promise<void> {
  const middleware = [basicAuth("ada", "lovelace")];
  await using client = await TinyClient.connect(location, { middleware, http: false });
  await client.putTable("public/points", POINTS);
  assertEquals((await client.getTable("public/points")).numRows, 3);
}

/** Ends the server in the way that the system does. */
async function end(process: DenoProcess): Promise<void> {
  process.kill("SIGTERM");
  const { code, stderr } = await process.ended();
  assertEquals(code, 0, stderr);
}

Deno.test("the unit of systemd starts a server with its configuration, and reloads it", async () => {
  await using folder = await Folder.make();
  const { path } = folder;
  const config = JSON.parse(await read("tinyflight.json"));
  assertEquals(config.dir, "/var/lib/tinyflight");
  const schema = new URL(config.$schema, `file://${DEPLOY}`);
  assert((await Deno.stat(schema)).isFile);
  await Deno.writeTextFile(
    `${path}/tinyflight.json`,
    JSON.stringify({ ...config, dir: `${path}/tables` }),
  );
  const unit = await read("tinyflight.service");
  const [, command] = /^ExecStart=\/usr\/local\/bin\/deno (.+)$/m.exec(unit)!;
  const args = command.split(" ").map((word) =>
    word.replaceAll("/etc/tinyflight", path)
      .replaceAll("/var/lib/tinyflight", `${path}/tables`)
      .replace("jsr:@tinyflight/flight/cli", "cli.ts")
  );
  const { process, locations } = await start([...args, ...FREE_PORTS], 3);
  await using _ = process;
  const [grpc, http, metrics] = locations;
  await use(grpc);
  const page = await fetch(metrics);
  assertStringIncludes(await page.text(), "tinyflight_tables 1\n");
  const refused = await fetch(`${http}/tables`);
  assertEquals([refused.status, (await refused.json()).code], [401, "UNAUTHENTICATED"]);
  assertMatch(unit, /^ExecReload=\/bin\/kill -HUP \$MAINPID$/m);
  process.kill("SIGHUP");
  let line: string | undefined = "";
  while (!line?.startsWith("reloaded ")) {
    line = await within(process.readLine(), "the files to be read again");
  }
  await end(process);
});

const canVerify = await new Deno.Command("sh", {
  args: ["-c", "command -v systemd-analyze"],
  stdout: "null",
}).output();

Deno.test({
  name: "the unit of systemd is one",
  ignore: !canVerify.success,
  fn: async () => {
    await using folder = await Folder.make();
    const unit = (await read("tinyflight.service"))
      .replaceAll("/usr/local/bin/deno", Deno.execPath());
    await Deno.writeTextFile(`${folder.path}/tinyflight.service`, unit);
    const { success, stdout, stderr } = await new Deno.Command("systemd-analyze", {
      args: ["verify", `${folder.path}/tinyflight.service`],
    }).output();
    assert(success, decode(stdout) + decode(stderr));
    assertEquals(decode(stderr).includes("tinyflight.service:"), false, decode(stderr));
  },
});

/** The instructions of the Dockerfile, by their names. */
async function instructions(): Promise<Map<string, string[]>> {
  const lines = (await read("Dockerfile")).split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  const found = new Map<string, string[]>();
  for (const line of lines) {
    const [name] = line.split(" ");
    found.set(name, [...found.get(name) ?? [], line.slice(name.length + 1)]);
  }
  return found;
}

Deno.test("the image has what the command needs, and its command serves", async () => {
  await using folder = await Folder.make();
  const { path } = folder;
  const image = await instructions();
  assertEquals(image.get("FROM"), [`denoland/deno:2.9.6`]);
  assertEquals(image.get("COPY"), [". ."]);
  const cache = image.get("RUN")!.find((line) => line.startsWith("deno cache "))!;
  const cached = await runDeno(...cache.split(" ").slice(1));
  assertEquals(cached.code, 0, cached.stderr);
  const [[deno, ...run], serve] = [image.get("ENTRYPOINT")!, image.get("CMD")!]
    .map(([line]): string[] => JSON.parse(line));
  assertEquals(deno, "deno");
  const args = [...run, ...serve].map((word) =>
    word.replace("/data", `${path}/tables`)
  );
  const options = ["--port=0", "--http=0"];
  // Without logins it does not start.
  const refused = await runDeno(...args, ...options);
  assertEquals(refused.code, 1);
  assertMatch(refused.stderr, /without auth, .*; set --users, .*--allow-open/);
  const { process, locations } = await start(
    [...args, ...options, `--users=${path}/users`],
    2,
  );
  await using _ = process;
  await use(locations[0]);
  const [, check] = /CMD (\[.*\])$/.exec(image.get("HEALTHCHECK")![0])!;
  const words: string[] = JSON.parse(check);
  const health = words.slice(1).map((word) =>
    word.replace("http://localhost:5679", locations[1])
  );
  assertEquals((await runDeno(...health)).code, 0);
  await end(process);
  assertEquals((await runDeno(...health)).code, 1);
});

Deno.test("the arguments in the manifests of Kubernetes serve, and its probes get answers", async () => {
  await using folder = await Folder.make();
  const { path } = folder;
  const manifest = await read("kubernetes.yaml");
  const args = [...manifest.matchAll(/^ {12}- (serve|--\S+)$/gm)].map(([, word]) =>
    word.replace("/data", `${path}/tables`).replace("/etc/tinyflight", path)
  );
  assert(args.length > 5, args.join());
  const started = await start(["run", "-A", "cli.ts", ...args, ...FREE_PORTS], 3);
  await using process = started.process;
  const [grpc, http, metrics] = started.locations;
  await use(grpc);
  const [, probed] = /httpGet: \{ path: (\S+), port: http \}/.exec(manifest)!;
  const probe = await fetch(http + probed);
  assertEquals([probe.status, await probe.json()], [200, { status: "SERVING" }]);
  const page = await fetch(metrics);
  assertStringIncludes(await page.text(), "tinyflight_tables 1\n");
  // The ports of the container are those of the arguments, and gRPC's own.
  for (const [name, port] of [["grpc", 5678], ["http", 5679], ["metrics", 9464]]) {
    assertStringIncludes(manifest, `{ name: ${name}, containerPort: ${port} }`);
  }
  const left = Number(/terminationGracePeriodSeconds: (\d+)/.exec(manifest)![1]);
  assert(left > 5 + 10, "the drain delay, and the ten seconds for running calls");
  // While it ends it says so, and still takes calls.
  process.kill("SIGTERM");
  let status = 200;
  const asked = performance.now();
  while (status === 200 && performance.now() < asked + MAX_DRAIN) {
    const answer = await fetch(http + probed).catch(() => undefined);
    await answer?.body?.cancel();
    status = answer?.status ?? 0;
  }
  assertEquals(status, 503);
  assertEquals((await process.ended()).code, 0);
});
