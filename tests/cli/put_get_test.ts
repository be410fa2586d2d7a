/** Files in and out by the command, over a server of this process. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { type Int64, tableFromArrays, type Utf8 } from "apache-arrow";
import { serving } from "../helpers/serving.ts";
import { Shell } from "../helpers/processes/tinyflight.ts";

const CITIES = "city,people,founded\nSuva,93970,1882-01-01\nNadi,,\n";

Deno.test("put, ls, head, info, get and drop: a CSV goes in and out", async () => {
  await using both = await serving();
  const { server, client } = both;
  await using shell = new Shell(server.location);
  await shell.write("cities.csv", CITIES);
  const put = await shell.run("put", "cities.csv");
  assertMatch(put.stdout, /^put cities: 2 rows, \d+ bytes\n$/);
  assertEquals([put.code, put.stderr], [0, ""]);
  const table = await client.getTable<{ people: Int64; city: Utf8 }>("cities");
  assertEquals(table.toArray().map(({ people }) => people), [93970n, null]);
  const listed = await shell.run("ls");
  assertMatch(
    listed.stdout,
    /^NAME +ROWS +BYTES +COLUMNS\ncities +2 +\d+ bytes +3\n$/,
  );
  const [json] = JSON.parse((await shell.run("ls", "--json")).stdout);
  assertEquals([json.name, json.rows, json.columns], ["cities", 2, 3]);
  assertEquals((await shell.run("ls", "--names")).stdout, "cities\n");
  assertEquals(
    (await shell.run("head", "cities", "-n", "1")).stdout,
    "city  people  founded\nSuva   93970  1882-01-01\n",
  );
  const { stdout: info } = await shell.run("info", "cities");
  assertMatch(info, /^cities\n +rows +2\n[^]*command "cities"[^]*people +int64\n/);
  const told = JSON.parse((await shell.run("info", "cities", "--json")).stdout);
  assertEquals(told.columns[2], { name: "founded", type: "date32", nullable: true });
  assertEquals((await shell.run("get", "cities")).stdout, CITIES);
  const got = await shell.run("get", "cities", "-o", "out.csv");
  assertEquals([got.code, got.stdout], [
    0,
    "got cities: 2 rows, 49 bytes in out.csv\n",
  ]);
  assertEquals(await shell.read("out.csv"), CITIES);
  assertEquals((await shell.run("drop", "cities")).stdout, "dropped cities\n");
  assertEquals(await client.listTables(), []);
  assertEquals(await shell.run("ls"), {
    code: 0,
    stdout: "",
    stderr: `There are no tables at ${server.location}\n`,
  });
  assertEquals(shell.files, ["cities.csv", "out.csv"]);
});

Deno.test("put and get pass what they read and write through pipes", async () => {
  await using both = await serving();
  await using shell = new Shell(both.server.location);
  await shell.write("cities.csv", CITIES);
  const { code, stdout, stderr } = await shell.bash(
    "cat cities.csv | tinyflight put - --as csv --name a -q && " +
      "tinyflight get a --as arrow | tinyflight put - --as arrow --name b -q && " +
      "tinyflight get b --as arrows | tinyflight put - --as arrows --name c -q && " +
      "tinyflight get c --columns city --no-header",
  );
  assertEquals([code, stderr], [0, ""]);
  assertEquals(stdout, "Suva\nNadi\n");
});

Deno.test("put takes the types, nulls and delimiters that it is told", async () => {
  await using both = await serving();
  await using shell = new Shell(both.server.location);
  await shell.write("a.txt", "1;NA;two\n2;x;three\n");
  const { code, stderr } = await shell.run(
    ...["put", "a.txt", "--as", "csv", "--delimiter", ";", "--no-header"],
    ...["--nulls", "NA", "--types", "column_1=int16,column_3=utf8", "--name", "n"],
  );
  assertEquals([code, stderr], [0, ""]);
  const { schema } = await both.client.getTable("n");
  assertEquals(schema.fields.map(({ type }) => `${type}`), ["Int16", "Utf8", "Utf8"]);
  const { stdout } = await shell.run("get", "n", "--delimiter", "tab");
  assertEquals(stdout.split("\n").slice(1), ["1\t\ttwo", "2\tx\tthree", ""]);
});

Deno.test("put puts several files, each under its own name", async () => {
  await using both = await serving();
  await using shell = new Shell(both.server.location);
  await shell.write("a.csv", "x\n1\n");
  await shell.write("b.b.tsv", "x\ty\n1\t2\n");
  const { code, stdout } = await shell.run("put", "a.csv", "b.b.tsv", "--quiet");
  assertEquals([code, stdout], [0, ""]);
  assertEquals(await both.client.listTables(), ["a", "b.b"]);
});

Deno.test("Arrow files go in, from server to server, and out, of every type, as they are", async () => {
  await using first = await serving();
  await using second = await serving();
  await using shell = new Shell(first.server.location);
  const data = new URL("../data/", import.meta.url);
  for (const name of ["run_ends", "list_views", "unions", "deltas", "all_types_zstd"]) {
    await shell.write(
      `${name}.arrows`,
      await Deno.readFile(new URL(`${name}.arrows`, data)),
    );
  }
  for (const name of ["run_ends", "list_views", "unions", "deltas", "all_types_zstd"]) {
    const { code, stderr, stdout } = await shell.bash(
      `tinyflight put ${name}.arrows -q && ` +
        `tinyflight copy ${name} --to ${second.server.location} && ` +
        `tinyflight get ${name} -q -o one.arrows && ` +
        `tinyflight get ${name} -q -l ${second.server.location} -o two.arrows && ` +
        `cmp one.arrows two.arrows && tinyflight info ${name}`,
    );
    assertEquals([code, stderr], [0, ""]);
    assertMatch(stdout, new RegExp(`^copied ${name}: \\d+ rows, `));
  }
  assertEquals(await second.client.listTables(), await first.client.listTables());
  const { stdout } = await shell.run("info", "run_ends");
  assertMatch(stdout, /RunEndEncoded<Utf8>/);
});

Deno.test("get --columns and --compression decode, and write what was asked for", async () => {
  await using both = await serving();
  await using shell = new Shell(both.server.location);
  await both.client.putTable("t", tableFromArrays({ a: [1, 2], b: ["x", "y"] }));
  const { code, stderr } = await shell.run(
    ...["get", "t", "-c", "b", "--compression", "lz4", "-o", "t.arrow"],
  );
  assertEquals([code, stderr], [0, ""]);
  await shell.run("put", "t.arrow", "--name", "u");
  const table = await both.client.getTable("u");
  assertEquals(table.schema.names, ["b"]);
  assertEquals(table.toArray().map(({ b }) => b), ["x", "y"]);
});

Deno.test("copy gives a copy another name, and keeps how a table was put", async () => {
  await using both = await serving();
  const { client, server } = both;
  await using shell = new Shell(server.location);
  await shell.write("a.csv", "x\n1\n");
  await shell.run("put", "a.csv", "--name", "p/q", "--path");
  assertEquals((await client.tableInfo("p/q")).descriptor.path, ["p", "q"]);
  const { stdout } = await shell.run("copy", "p/q", "--name", "r");
  assertMatch(stdout, /^copied p\/q as r: 1 rows/);
  await using other = await serving();
  await shell.run("copy", "p/q", "--to", other.server.location);
  assertEquals((await other.client.tableInfo("p/q")).descriptor.path, ["p", "q"]);
  const { code, stderr } = await shell.run("copy", "r");
  assertEquals(code, 2);
  assertMatch(stderr, /Cannot copy "r" onto itself/);
});

Deno.test("get writes into a pipe or a device, and through a link", async () => {
  await using both = await serving();
  await using shell = new Shell(both.server.location);
  await both.client.putTable("t", tableFromArrays({ a: [1] }));
  await shell.write("real.csv", "old");
  await Deno.symlink(`${shell.folder}/real.csv`, `${shell.folder}/link.csv`);
  await Deno.chmod(`${shell.folder}/real.csv`, 0o600);
  const { code, stdout } = await shell.bash(
    "tinyflight get t -q -o link.csv && tinyflight get t -q -o /dev/null --as csv && " +
      "mkfifo pipe && (cat pipe & tinyflight get t -q -o pipe --as csv; wait)",
  );
  assertEquals([code, stdout], [0, "a\n1.0\n"]);
  assertEquals(await shell.read("real.csv"), "a\n1.0\n");
  const stats = await Deno.lstat(`${shell.folder}/link.csv`);
  assert(stats.isSymlink);
  assertEquals((await Deno.stat(`${shell.folder}/real.csv`)).mode! & 0o777, 0o600);
  assert((await Deno.stat("/dev/null")).isCharDevice);
  assertEquals(shell.files, ["link.csv", "pipe", "real.csv"]);
});
