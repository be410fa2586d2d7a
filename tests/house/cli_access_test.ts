/** Logins, rules, certificates and logs of the command, in a process of its own. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { tableFromArrays } from "apache-arrow";
import { configSchema } from "../../cli/serve/config_schema.ts";
import { commandHelp } from "../../cli/help.ts";
import { COMMANDS } from "../../cli/commands.ts";
import { basicAuth, bearerAuth, FlightClient, TinyClient } from "../../mod.ts";
import { allOf } from "../../stores/testing/all_of.ts";
import { Authority } from "../helpers/certificates.ts";
import { DenoProcess, ROOT, runDeno } from "../helpers/processes/deno_process.ts";
import { assertFlightError, collect } from "../helpers/serving.ts";
import { within } from "../helpers/waiting.ts";

const POINTS = tableFromArrays({ x: [1, 2, 3] });

/** A folder with files, as long as the test goes on. */
class Folder implements AsyncDisposable {
  readonly path: string;

  constructor() {
    this.path = Deno.makeTempDirSync();
  }

  /** Writes a file as a whole: what reads it has the old text or the new one. */
  async write(name: string, text: string): Promise<string> {
    const path = `${this.path}/${name}`;
    await Deno.writeTextFile(`${path}.new`, text);
    await Deno.rename(`${path}.new`, path);
    return path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

function command(folder: Folder): string[] {
  return [
    "run",
    "-q",
    "--no-prompt",
    "-P=serve",
    `--allow-read=${folder.path}`,
    "cli.ts",
  ];
}

/** Runs the command to its end, with this on standard input. */
async function runWith(input: string, ...args: string[]): Promise<string[]> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "-P=serve", "cli.ts", ...args],
    cwd: ROOT,
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { code, stdout } = await child.output();
  assertEquals(code, 0);
  return new TextDecoder().decode(stdout).trimEnd().split("\n");
}

/** The command `serve` with these options, once it listens, and its location. */
async function serve(folder: Folder, ...options: string[]) {
  const process = new DenoProcess(...command(folder), "serve", "--port=0", ...options);
  const line = await process.readLine();
  const location = /^listening on (grpc\S+)$/.exec(line ?? "")?.[1];
  if (location !== undefined) return { process, location };
  await using _ = process;
  throw new Error(`Cannot serve: ${line}, ${(await process.ended()).stderr}`);
}

const RULES = JSON.stringify([
  { who: "ada", may: ["read", "write", "drop"], tables: "*" },
  { who: "*", may: "read", tables: "public/*" },
  { who: "ops", may: ["shutdown", "metrics"] },
]);

Deno.test("serve asks for logins, and keeps rules, as a configuration says; the log has it", async () => {
  await using folder = new Folder();
  const [ada] = await runWith("lovelace\n", "hash-password", "ada");
  const [token, ops] = await runWith("", "new-token", "ops", "30");
  await folder.write("users", `# people\n${ada}\n`);
  await folder.write("tokens", ops);
  await folder.write("rules.json", RULES);
  const config = await folder.write(
    "tinyflight.json",
    JSON.stringify({
      $schema: "./tinyflight.schema.json",
      users: "users",
      tokenFile: "tokens",
      rules: "rules.json",
      log: "json",
      http: 0,
      metrics: true,
      maxCallerCalls: 50,
    }),
  );
  const { process, location } = await serve(folder, "--config", config);
  await using _ = process;
  const http = (await process.readLine())!.split(" ").at(-1)!;
  {
    await using people = await TinyClient.connect(location, {
      middleware: [basicAuth("ada", "lovelace")],
      http: false,
    });
    await people.putTable("public/a", POINTS);
    await people.putTable("secret", POINTS);
    await using programs = await TinyClient.connect(location, {
      middleware: [bearerAuth(token)],
      http: false,
    });
    assertEquals(await programs.listTables(), ["public/a"]);
    await assertFlightError(() => programs.getTable("secret"), "NOT_FOUND");
    const put = () => programs.putTable("public/b", POINTS);
    await assertFlightError(put, "PERMISSION_DENIED");
    await using stranger = await TinyClient.connect(location, {
      middleware: [basicAuth("ada", "byron-1815")],
    });
    await assertFlightError(() => stranger.listTables(), "UNAUTHENTICATED");
    const authorization = `Bearer ${token}`;
    const metrics = await fetch(`${http}/metrics`, { headers: { authorization } });
    assertMatch(
      await metrics.text(),
      /tinyflight_calls_total\{method="DoPut",code="OK"\} 2/,
    );
    assertEquals(metrics.status, 200);
    for await (const _ of programs.flight.doAction({ type: "shutdown" }));
  }
  const { code, stdout, stderr } = await process.ended();
  assertEquals([code, stderr], [0, ""]);
  const lines = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  const stored = lines.find(({ method, table }) =>
    method === "DoPut" && table === "secret"
  );
  const { time, peer, milliseconds, received, ...rest } = stored;
  assert(Math.abs(Date.parse(time) - Date.now()) < 60_000, time);
  assertMatch(peer, /^(127\.0\.0\.1|\[::1\]):\d+$/);
  assert(milliseconds >= 0 && received > 24, `${milliseconds} ${received}`);
  assertEquals(rest, {
    status: "OK",
    method: "DoPut",
    table: "secret",
    identity: "ada",
    rows: 3,
    sent: 0,
  });
  assertEquals(lines.at(-1).action, "shutdown");
  assert(lines.some(({ status }) => status === "UNAUTHENTICATED"));
  for (const secret of ["lovelace", "byron-1815", token, "scrypt"]) {
    assertEquals(stdout.includes(secret), false);
  }
});

Deno.test("serve reads users and rules again on SIGHUP, and keeps them when they are wrong", async () => {
  await using folder = new Folder();
  const [ada] = await runWith("lovelace\n", "hash-password", "ada");
  const users = await folder.write("users", ada);
  const { process, location } = await serve(folder, "--users", users, "--quiet");
  await using _ = process;
  const middleware = [basicAuth("bob", "builder")];
  await using client = await TinyClient.connect(location, { middleware });
  await assertFlightError(() => client.listTables(), "UNAUTHENTICATED");
  await folder.write("users", "bob:builder\n");
  process.kill("SIGHUP");
  const [bob] = await runWith("builder\n", "hash-password", "bob");
  await folder.write("users", `${ada}\n${bob}\n`);
  // The wrong file may have been read or not; the right one is, sooner or later.
  process.kill("SIGHUP");
  assertEquals(
    await within(process.readLine(), "the files to be read again"),
    "reloaded certificates, users, tokens and rules",
  );
  assertEquals(await client.listTables(), []);
  process.kill("SIGTERM");
  const { code, stderr } = await process.ended();
  assertEquals(code, 0);
  assert(!stderr.includes("builder"), stderr);
});

Deno.test("serve speaks TLS, knows clients by their certificates, and takes new ones on SIGHUP", async () => {
  await using folder = new Folder();
  await using authority = await Authority.make();
  const old = await authority.issue("DNS:localhost");
  const [tlsCert, tlsKey, clientCa] = [
    await folder.write("cert.pem", old.cert),
    await folder.write("key.pem", old.key),
    await folder.write("ca.pem", authority.cert),
  ];
  const { process, location } = await serve(
    folder,
    ...["--tls-cert", tlsCert, "--tls-key", tlsKey, "--client-ca", clientCa],
    "--log=text",
  );
  await using _ = process;
  assertMatch(location, /^grpc\+tls:\/\/localhost:\d+$/);
  const certificate = await authority.issue("DNS:ada.example");
  const tls = { ca: authority.cert, certificate };
  await using client = await TinyClient.connect(location, { tls });
  const next = await authority.issue("DNS:localhost");
  await folder.write("cert.pem", next.cert);
  await folder.write("key.pem", next.key);
  process.kill("SIGHUP");
  let line: string | undefined = "";
  while (!line?.startsWith("reloaded")) {
    line = await within(process.readLine(), "the certificates to be read again");
  }
  assertEquals(await client.listTables(), []);
  await using later = await TinyClient.connect(location, { tls });
  assertEquals(await later.listTables(), []);
  await using stranger = new FlightClient(location, { tls: { ca: authority.cert } });
  await assertFlightError(() => collect(stranger.listFlights()), "UNAUTHENTICATED");
  process.kill("SIGTERM");
  const { stdout, stderr } = await process.ended();
  assertMatch(stderr, /^refused (127\.0\.0\.1|::1): the client shows no certificate/m);
  assertMatch(
    stdout,
    /^\S+Z OK method=ListFlights identity=ada\.example peer=\S+ received=2 /m,
  );
});

Deno.test("serve takes options from the environment, a flag before them", async () => {
  await using process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "-P=serve", "cli.ts", "serve", "--port=0"],
    cwd: ROOT,
    env: { TINYFLIGHT_PORT: "many", TINYFLIGHT_HOSTNAME: "127.0.0.1" },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const { code, stderr } = await process.output();
  // A variable that is wrong is told, although a flag comes before it.
  assertEquals(code, 2);
  assertMatch(
    new TextDecoder().decode(stderr),
    /^tinyflight: Cannot use the port "many"/,
  );
});

Deno.test("serve --metrics-port gives metrics on a port of its own", async () => {
  await using folder = new Folder();
  const { process } = await serve(folder, "--metrics-port=0", "--quiet");
  await using _ = process;
  const url = (await process.readLine())!.replace("metrics on ", "");
  const response = await fetch(url);
  assertMatch(await response.text(), /^tinyflight_tables 0$/m);
  const other = await fetch(new URL("/", url));
  await other.body?.cancel();
  assertEquals(other.status, 404);
  process.kill("SIGTERM");
  assertEquals((await process.ended()).code, 0);
});

Deno.test("serve listens for other machines with logins, or with --allow-open and a warning", async () => {
  await using folder = new Folder();
  const refused = await runDeno(...command(folder), "serve", "--hostname=0.0.0.0");
  assertMatch(
    refused.stderr,
    /^tinyflight: Cannot listen on "0\.0\.0\.0": without auth, .*; set --users, .*\n$/,
  );
  assertEquals(refused.code, 1);
  for (
    const [options, warnings] of [
      [["--allow-open"], 2],
      [["--users", await folder.write("users", "")], 1],
    ] as const
  ) {
    const { process } = await serve(folder, "--hostname=0.0.0.0", ...options);
    await using _ = process;
    process.kill("SIGTERM");
    const { stderr } = await process.ended();
    assertEquals(stderr.split("\n").length - 1, warnings, stderr);
    assertMatch(stderr, /^warning: [^\n]* unencrypted/m);
  }
});

Deno.test("The command says what is wrong with a configuration, and with files", async () => {
  await using folder = new Folder();
  const users = await folder.write("users", "ada:lovelace");
  const rules = await folder.write("rules", '[{"who":"*","may":"eat"}]');
  const config = (text: string) => folder.write(`${crypto.randomUUID()}.json`, text);
  const cases: [args: string[], message: RegExp][] = [
    [["--config", await config("{")], /it is no JSON/],
    [["--config", await config("[]")], /it is no object/],
    [["--config", await config('{"user":"x"}')], /"user" .*perhaps you mean "users"/],
    [["--config", await config('{"port":"x"}')], /Cannot use the port "x"/],
    [["--config", await config('{"quiet":"x"}')], /"quiet" of the .*true or false/],
    [["--users", `${folder.path}/none`], /Cannot read the users .*no such file/],
    [["--users", users], /line 1 of the users/],
    [["--rules", rules], /it allows "eat", which is none of read, write/],
    [["--tls-cert", users], /--tls-cert and --tls-key are needed, both/],
    [["--jwt-issuer", "x"], /Cannot use --jwt-issuer: it needs --jwks or --jwt-key/],
    [["--jwks", "https://x"], /--jwt-issuer and --jwt-audience are needed/],
    [["--cors", "*"], /Cannot use --cors: it needs --http/],
    [["--metrics"], /--metrics needs --http/],
    [["--log", "loud"], /Cannot use --log "loud": it has to be short, text, json/],
    [["--max-bytes=1GB", "--dir=data"], /Cannot use --max-bytes with --dir or --s3/],
    [["--max-tables=0"], /Cannot use --max-tables "0": it has to be a whole number/],
  ];
  await allOf(...cases.map(async ([args, message]) => {
    const { code, stdout, stderr } = await runDeno(
      ...command(folder),
      "serve",
      ...args,
    );
    assertMatch(stderr, /^tinyflight: [^\n]+\n$/);
    assertMatch(stderr, message);
    assert(!stderr.includes("lovelace"), stderr);
    assertEquals([code, stdout], [2, ""]);
  }));
});

Deno.test("the help and the schema have every option", async () => {
  const schema = await Deno.readTextFile(
    new URL("../../tinyflight.schema.json", import.meta.url),
  );
  assertEquals(schema, configSchema());
  for (const command of COMMANDS) {
    const help = commandHelp(command);
    for (const [name, { kind }] of command.options.all) {
      assert(help.includes(`--${name}${kind === "flag" ? "" : " "}`), name);
    }
    const long = help.split("\n").filter((line) => line.length > 90);
    assertEquals(long, []);
  }
});
