/** What the command says when something is wrong: one line, and an exit code. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { tableFromArrays } from "apache-arrow";
import { NAME, VERSION } from "../../cli/version.ts";
import config from "../../deno.json" with { type: "json" };
import { encode, FlightError, FlightServer } from "../../flight/mod.ts";
import { TinyServer } from "../../server.ts";
import { Authority } from "../helpers/certificates.ts";
import type { Ended } from "../helpers/processes/deno_process.ts";
import { serving } from "../helpers/serving.ts";
import { Shell } from "../helpers/processes/tinyflight.ts";
import { PASSWORDS, Users } from "../helpers/users.ts";

const POINTS = tableFromArrays({ x: Int32Array.of(1, 2, 3) });

/** Checks that a command has failed with this code, and one line. */
function assertFails(
  { code, stdout, stderr }: Ended,
  expected: number,
  message: RegExp,
) {
  assertMatch(stderr, /^tinyflight: [^\n]+\n$/);
  assertMatch(stderr, message);
  assertEquals([code, stdout], [expected, ""], stderr);
}

/** A location of this machine where nobody listens. */
function deadLocation(): string {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return `grpc://127.0.0.1:${listener.addr.port}`;
}

Deno.test("arguments that are wrong end with 2", async () => {
  await using shell = new Shell(deadLocation());
  await shell.write("a.csv", "x\n1\n");
  await shell.write("noending", "x\n1\n");
  const cases: [args: string[], message: RegExp][] = [
    [["put"], /it is used as `tinyflight put FILE\.\.\.`/],
    [["put", "noending"], /Cannot tell the format of "noending": say --as csv\|/],
    [["put", "-", "--as", "csv"], /standard input: say --name NAME/],
    [["put", "-", "--name", "x"], /format of standard input: say --as/],
    [["put", "a.csv", "--as", "xls"], /--as "xls": it has to be csv, /],
    [["put", "a.csv", "a.csv"], /Cannot put two files as one table/],
    [
      ["put", "a.csv", "noending", "--name", "x"],
      /Cannot use --name for several files/,
    ],
    [["put", "a.csv", "--types", "x"], /it has to look like id=int64/],
    [["put", "a.csv", "--types", "x=int6"], /the type "int6": it has to be one of/],
    [["put", "a.csv", "--delimiter", "xy"], /the delimiter "xy": it has to be one /],
    [["put", "a.csv", "--name="], /--name: it is empty/],
    [["get"], /`tinyflight get NAME`/],
    [["get", ""], /Cannot use an empty name/],
    [["get", "a", "-o", "x.foo"], /from the name "x\.foo": say --as/],
    [["get", "a", "--as", "arrow", "--delimiter", ";"], /--delimiter with the format/],
    [["get", "a", "--outptu", "x"], /no option "--outptu"; perhaps you mean --output/],
    [["get", "a", "--path", "--command"], /Cannot use --path with --command/],
    [["ls", "x"], /`tinyflight ls`/],
    [["ls", "--json", "--names"], /--json and --names/],
    [["head", "a", "-n", "none"], /--rows "none": it has to be a whole number/],
    [["ls", "-l", "localhost:1"], /perhaps you mean grpc:\/\/localhost:1$/m],
    [["ls", "-l", "http://a:1"], /perhaps you mean grpc:\/\/a:1$/m],
    [["ls", "-l", "https://a:1"], /perhaps you mean grpc\+tls:\/\/a:1$/m],
    [["ls", "-l", "grpc+tsl://a:1"], /has to look like .*; perhaps you mean grpc:/],
    [["ls", "--ca", "x"], /--ca at "grpc:.* which has no TLS: .* grpc\+tls:\/\//],
    [["ls", "--insecure"], /--insecure at "grpc:.* which has no TLS/],
    [["ls", "-l", "grpc+tls://a", "--cert", "x"], /--cert and --key are needed, both/],
    [["ls", "-l", "grpc+tls://a", "--ca", "x"], /the authorities "x": .* no such file/],
    [["ls", "--token", "x", "--user", "y"], /Cannot log in twice/],
    [["ls", "--user", "ada"], /no terminal to ask .* TINYFLIGHT_PASSWORD is not set/],
    [["ls", "--handshake"], /--handshake needs --user/],
    [["ls", "--header", "x"], /the header "x": it has to look like name:value/],
    [["completion", "tcsh"], /the shells are bash, zsh, fish/],
    [["drpo", "x"], /"drpo": .* perhaps you mean `tinyflight drop`/],
    [["help", "what"], /"what": there is no such command/],
    [["-l", "x", "ls"], /the command comes first/],
  ];
  for (const [args, message] of cases) {
    assertFails(await shell.run(...args), 2, message);
  }
});

Deno.test("arguments that are wrong are told before a server is looked for", async () => {
  await using shell = new Shell(deadLocation());
  await shell.write("a.csv", "x\n1\n");
  const both = ["--path", "--command"];
  const cases: [args: string[], message: RegExp][] = [
    [["put", "a.csv", ...both], /Cannot use --path with --command/],
    [["get", "a", ...both], /Cannot use --path with --command/],
    [["head", "a", ...both], /Cannot use --path with --command/],
    [["info", "a", ...both], /Cannot use --path with --command/],
    [["copy", "a", "--name", "b", ...both], /Cannot use --path with --command/],
    [["put", "a.csv", "--types", "x=int6"], /the type "int6"/],
    [["put", "a.csv", "--as", "json", "--nulls", "x"], /--nulls with the format json/],
    [["get", "a", "--delimiter", "xy"], /the delimiter "xy"/],
    [["head", ""], /Cannot use an empty name/],
    [["info", ""], /Cannot use an empty name/],
    [["copy", "", "--name", "b"], /Cannot use an empty name/],
    [["drop", "a", ""], /Cannot use an empty name/],
  ];
  for (const [args, message] of cases) {
    // Without a server, whoever waits for one fails with another code.
    assertFails(await shell.run(...args, "--wait", "1s"), 2, message);
  }
});

Deno.test("arguments that are wrong for one of several files put none", async () => {
  await using both = await serving();
  await using shell = new Shell(both.server.location);
  await shell.write("a.csv", "x;y\n1;2\n");
  await shell.write("b.ndjson", '{"x":1}\n');
  const put = await shell.run("put", "a.csv", "b.ndjson", "--delimiter", ";");
  assertFails(put, 2, /--delimiter with the format ndjson/);
  assertEquals(await both.client.listTables(), []);
});

Deno.test("a table that is not there ends with 3, and names that are near", async () => {
  await using both = await serving();
  await using shell = new Shell(both.server.location);
  for (const command of ["get", "head", "info", "drop", "copy"]) {
    const more = command === "copy" ? ["--name", "y"] : [];
    const message = /Cannot find "quaeks" at "grpc.*": there are no tables$/m;
    assertFails(await shell.run(command, "quaeks", ...more), 3, message);
  }
  for (const name of ["quakes", "cities"]) await both.client.putTable(name, POINTS);
  for (const command of ["get", "drop"]) {
    assertFails(await shell.run(command, "quaeks"), 3, /perhaps you mean "quakes"$/m);
    assertFails(await shell.run(command, "zzz"), 3, /`tinyflight ls` shows those/);
  }
  const { code, stdout, stderr } = await shell.run("drop", "none", "cities", "nothing");
  assertEquals([code, stdout], [3, "dropped cities\n"]);
  assertEquals(stderr.trimEnd().split("\n").length, 2);
});

Deno.test("a server that is not there ends with 4, and what to do", async () => {
  await using shell = new Shell(deadLocation());
  const start = /refused .*`tinyflight serve` starts a server, --location/;
  for (
    const args of [["ls"], ["ping"], ["get", "a"], ["drop", "a"], ["shutdown"], [
      "copy",
      "a",
      "--name",
      "b",
    ]]
  ) {
    assertFails(await shell.run(...args), 4, start);
  }
  const unknown = await shell.run("ls", "-l", "grpc://nowhere.invalid:1");
  assertFails(unknown, 4, /there is no such host; .* --location/);
  assertFails(
    await shell.run("ls", "--wait", "1s"),
    4,
    /has answered .* within 1000 ms/,
  );
  await shell.write("a.csv", "x\n1\n");
  assertFails(await shell.run("put", "a.csv"), 4, start);
});

Deno.test("HTTP and TLS where they are not expected are told", async () => {
  await using shell = new Shell(deadLocation());
  const web = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    () => new Response("hello"),
  );
  const { port } = web.addr;
  assertFails(
    await shell.run("ls", "-l", `grpc://127.0.0.1:${port}`),
    1,
    /speaks HTTP, not gRPC .*; the Flight server has another port/,
  );
  await web.shutdown();
  await using plain = await serving();
  const secure = plain.server.location.replace("tcp", "tls");
  assertFails(
    await shell.run("ls", "-l", secure),
    4,
    /does not speak TLS; without TLS its location begins with grpc:\/\//,
  );
  await using authority = await Authority.make();
  const certificates = [await authority.issue("DNS:localhost")];
  await using tls = await new TinyServer({ port: 0, tls: { certificates } }).listen();
  assertFails(
    await shell.run("ls", "-l", tls.location.replace("tls", "tcp")),
    4,
    /if the server speaks TLS, its location begins with grpc\+tls:\/\//,
  );
  assertFails(
    await shell.run("ls", "-l", tls.location),
    4,
    /authority that is not trusted; --ca FILE/,
  );
  await shell.write("ca.pem", authority.cert);
  const trusted = ["--ca", "ca.pem", "-l", tls.location];
  assertEquals((await shell.run("ping", "-q", ...trusted)).code, 0);
  const insecure = await shell.run("ping", "-q", "--insecure", "-l", tls.location);
  assertEquals(insecure.code, 0);
  assertMatch(insecure.stderr, /^WARNING: the certificate .* is not checked/);
  const other = ["--server-name", "example.org", ...trusted];
  assertFails(await shell.run("ping", ...other), 4, /--server-name NAME/);
});

Deno.test("a client certificate is shown, and asked for", async () => {
  await using authority = await Authority.make();
  const certificates = [await authority.issue("DNS:localhost")];
  const ada = await authority.issue("DNS:ada.example");
  const tls = { certificates, clientCa: authority.cert };
  await using server = await new TinyServer({ port: 0, tls }).listen();
  await using shell = new Shell(server.location, { TINYFLIGHT_CA: "ca.pem" });
  await shell.write("ca.pem", authority.cert);
  await shell.write("cert.pem", ada.cert);
  await shell.write("key.pem", ada.key);
  assertFails(
    await shell.run("ls"),
    5,
    /no certificate.*--cert FILE and --key FILE/,
  );
  const { code } = await shell.run(
    "ping",
    "-q",
    "--cert",
    "cert.pem",
    "--key",
    "key.pem",
  );
  assertEquals(code, 0);
});

Deno.test("who is not logged in, or may not, ends with 5", async () => {
  const auth = new Users();
  const allow = (identity: string | undefined, operation: string) =>
    identity === "ada" || operation === "read";
  await using server = await new TinyServer({ port: 0, auth, allow }).listen();
  await using shell = new Shell(server.location);
  await shell.write("a.csv", "x\n1\n");
  const login = /log in with --token TOKEN \(TINYFLIGHT_TOKEN\), or with --user/;
  assertFails(await shell.run("ls"), 5, login);
  assertFails(await shell.run("put", "a.csv", "--token", "wrong"), 5, login);
  const ada = { TINYFLIGHT_USER: "ada", TINYFLIGHT_PASSWORD: PASSWORDS.ada };
  assertEquals((await shell.runWith({ env: ada }, "put", "a.csv")).code, 0);
  const handshake = await shell.runWith({ env: ada }, "ls", "--names", "--handshake");
  assertEquals([handshake.code, handshake.stdout], [0, "a\n"]);
  const mark = { TINYFLIGHT_USER: "mark", TINYFLIGHT_PASSWORD: PASSWORDS.mark };
  const refused = await shell.runWith({ env: mark }, "drop", "a");
  assertFails(refused, 5, /rules do not allow it to "mark"/);
  const [token] = auth.tokens.keys();
  assertEquals(
    (await shell.runWith({ env: { TINYFLIGHT_TOKEN: token } }, "get", "a")).stdout,
    "x\n1\n",
  );
  const wrong = await shell.runWith(
    { env: { ...ada, TINYFLIGHT_PASSWORD: "x" } },
    "ls",
  );
  assertFails(wrong, 5, login);
});

Deno.test("copy uses a token for each server", async () => {
  const [from, to] = [new Users(), new Users()];
  from.tokens.set("one", "ada");
  to.tokens.set("two", "ada");
  const open = (auth: Users) =>
    new TinyServer({ port: 0, auth, allow: () => true }).listen();
  await using source = await open(from);
  await using target = await open(to);
  await using shell = new Shell(source.location);
  await shell.write("a.csv", "x\n1\n");
  assertEquals((await shell.run("put", "a.csv", "--token", "one")).code, 0);
  const servers = ["--from", source.location, "--to", target.location];
  const both = ["--from-token", "one", "--to-token", "two"];
  assertEquals((await shell.run("copy", "a", ...servers, ...both)).code, 0);
  assertFails(await shell.run("copy", "a", ...servers, "--token", "one"), 5, /log in/);
  const got = await shell.run("get", "a", "-l", target.location, "--token", "two");
  assertEquals(got.stdout, "x\n1\n");
});

Deno.test("a headers' value reaches the server", async () => {
  const seen: (string | undefined)[] = [];
  class Headers extends FlightServer {
    override async *doGet(
      _: unknown,
      call: { headers: { get(name: string): unknown } },
    ) {
      seen.push(String(call.headers.get("database")), String(call.headers.get("x-y")));
      yield* encode(POINTS);
    }
  }
  await using server = await new Headers({ port: 0 }).listen();
  await using shell = new Shell(server.location);
  const headers = ["--header", "database: sales", "--header", "X-Y=z"];
  assertEquals((await shell.run("get", "a", ...headers)).code, 0);
  assertEquals(seen, ["sales", "z"]);
});

Deno.test("a get that fails leaves no file, and the one that was there", async () => {
  class Breaks extends FlightServer {
    override async *doGet() {
      yield* encode(POINTS);
      throw new FlightError("DATA_LOSS", "Cannot read the rest: the disk is gone");
    }
  }
  await using server = await new Breaks({ port: 0 }).listen();
  await using shell = new Shell(server.location);
  await shell.write("old.csv", "old");
  for (const file of ["new.csv", "old.csv", "new.arrow"]) {
    assertFails(await shell.run("get", "a", "-o", file), 1, /the disk is gone/);
  }
  assertEquals(shell.files, ["old.csv"]);
  assertEquals(await shell.read("old.csv"), "old");
  await using both = await serving();
  await both.client.putTable("a", POINTS);
  const get = (file: string) =>
    shell.run("get", "a", "-l", both.server.location, "-o", file);
  assertFails(
    await get("nowhere/x.csv"),
    1,
    /"nowhere\/x\.csv": there is no such folder/,
  );
  await Deno.mkdir(`${shell.folder}/folder.csv`);
  assertFails(await get("folder.csv"), 1, /it is a folder; name a file in it/);
});

Deno.test("a put of a file that is wrong leaves the table that was there", async () => {
  await using both = await serving();
  await using shell = new Shell(both.server.location);
  await both.client.putTable("a", POINTS);
  await shell.write("a.csv", "x,y\n1,2\n1,2,3\n");
  assertFails(await shell.run("put", "a.csv"), 1, /"a\.csv": line 3/);
  assertFails(await shell.run("put", "none.csv"), 1, /"none\.csv": .* no such file/);
  assertEquals((await both.client.getTable("a")).numRows, 3);
});

Deno.test("the command knows the package's name and version", () => {
  assertEquals([NAME, VERSION], [config.name, config.version]);
  assert(VERSION.length > 0);
});
