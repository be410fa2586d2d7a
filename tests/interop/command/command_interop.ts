/** The command `tinyflight` with servers of pyarrow, and files of pyarrow. */
import { assertEquals, assertMatch } from "@std/assert";
import { serving } from "../../helpers/serving.ts";
import { Shell } from "../../helpers/processes/tinyflight.ts";
import { PythonProcess } from "../python/python_process.ts";
import { pythonScript } from "../python/python_cases.ts";

/** Runs a script of this folder to its end, which has to be a good one. */
async function python(...args: string[]): Promise<void> {
  const command = new Deno.Command(Deno.env.get("TINYFLIGHT_PYTHON")!, {
    args: [pythonScript("command/command_files"), ...args],
  });
  const { success, stderr } = await command.output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

Deno.test("the command with pyarrow's server: a CSV comes back as Parquet", async () => {
  await using server = new PythonProcess(
    pythonScript("python/pyarrow_server"),
    "grpc://localhost:0",
  );
  await using shell = new Shell(await server.line());
  await python("make", shell.folder);
  const run = async (...args: string[]) => {
    const { code, stdout, stderr } = await shell.run(...args);
    assertEquals([code, stderr], [0, ""]);
    return stdout;
  };
  await run("put", "table.parquet", "odd.arrow", "-q");
  assertMatch(await run("ls"), /^odd +5 .* 5\ntable +3 .* 4\n/m);
  await run("get", "table", "-o", "got.parquet");
  await python("same", `${shell.folder}/table.parquet`, `${shell.folder}/got.parquet`);
  await run("get", "odd", "-o", "got.arrow");
  await python("same", `${shell.folder}/odd.arrow`, `${shell.folder}/got.arrow`);
  assertMatch(await run("info", "odd"), /runs +.*\n +views +/);
  await run("get", "table", "-o", "table.csv");
  await run(
    ...["put", "table.csv", "--name", "again", "--types"],
    "price=decimal128(3, 2),at=timestamp[us, UTC]",
  );
  await run("get", "again", "-o", "again.parquet");
  await python(
    "same",
    `${shell.folder}/table.parquet`,
    `${shell.folder}/again.parquet`,
  );
  assertMatch(
    await run("head", "table", "-n", "1"),
    /1\.50 +2024-02-29T12:00:00\.000001Z/,
  );
  assertEquals(await run("drop", "again"), "dropped again\n");
  const missing = await shell.run("get", "tabel");
  assertEquals(missing.code, 3);
  assertMatch(missing.stderr, /perhaps you mean "table"\n$/);
  await using both = await serving();
  await run("copy", "odd", "--to", both.server.location);
  await run("get", "odd", "-l", both.server.location, "-o", "copied.arrow");
  await python("same", `${shell.folder}/odd.arrow`, `${shell.folder}/copied.arrow`);
  await run("copy", "odd", "--from", both.server.location, "--name", "back");
  const down = await shell.run("shutdown");
  assertEquals(down.code, 1);
  assertMatch(down.stderr, /does not offer it; its actions: drop_table\n$/);
});

Deno.test("the command with pyarrow's server: paths, two endpoints, no counts, a handshake", async () => {
  await using server = new PythonProcess(
    pythonScript("command/path_server"),
    ...["grpc://localhost:0", "lovelace"],
  );
  const env = { TINYFLIGHT_USER: "ada", TINYFLIGHT_HANDSHAKE: "1" };
  await using shell = new Shell(await server.line(), {
    ...env,
    TINYFLIGHT_PASSWORD: "lovelace",
  });
  await python("make", shell.folder);
  const put = await shell.run("put", "table.parquet", "--name", "a/b", "--path");
  assertEquals([put.code, put.stderr], [0, ""]);
  const { stdout } = await shell.run("ls");
  assertMatch(stdout, /^a\/b +- +- +4\n$/m);
  const got = await shell.run("get", "a/b", "-o", "got.parquet");
  assertEquals([got.code, got.stderr], [0, ""]);
  await python("same", `${shell.folder}/table.parquet`, `${shell.folder}/got.parquet`);
  const stranger = await shell.runWith({ env: { TINYFLIGHT_PASSWORD: "x" } }, "ls");
  assertEquals(stranger.code, 5);
  assertMatch(stranger.stderr, /^tinyflight: [^\n]+; log in with --token[^\n]+\n$/);
});
