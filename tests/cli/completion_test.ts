/** What shells complete of the command. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { tableFromArrays } from "apache-arrow";
import { COMMANDS } from "../../cli/commands.ts";
import { commandHelp, helpText } from "../../cli/help.ts";
import { serving } from "../helpers/serving.ts";
import { Shell } from "../helpers/processes/tinyflight.ts";

const POINTS = tableFromArrays({ x: [1, 2] });

/** A name that does harm where a shell evaluates it. */
const HARMFUL = "cost$(touch harm) `touch harm`";

/** Whether this machine has a shell. */
async function has(shell: string): Promise<boolean> {
  try {
    await new Deno.Command(shell, { args: ["-c", ":"] }).output();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

Deno.test("bash completes commands, options, values, files and names of tables", async () => {
  await using both = await serving();
  for (const name of ["quakes", "cities", HARMFUL]) {
    await both.client.putTable(name, POINTS);
  }
  await using shell = new Shell(both.server.location);
  await shell.write("a b.csv", "x\n1\n");
  await shell.bash("tinyflight completion bash > completion.bash");
  const complete = async (...words: string[]) => {
    const { stdout, stderr } = await shell.bash(
      `source completion.bash; compopt() { :; }; COMP_WORDS=(tinyflight ${
        words.map((word) => `'${word}'`).join(" ")
      }); COMP_CWORD=${words.length}; _tinyflight; printf '%s\\n' "\${COMPREPLY[@]}"`,
    );
    assertEquals(stderr, "");
    return stdout.trimEnd().split("\n");
  };
  assertEquals(await complete("he"), ["head", "help"]);
  assertEquals(await complete("get", "qua"), ["quakes"]);
  assertEquals(await complete("get", "cost"), [
    "cost\\$\\(touch\\ harm\\)\\ \\`touch\\ harm\\`",
  ]);
  assertEquals(await complete("get", "x", "--out"), ["--output"]);
  assertEquals(await complete("put", "a"), ["a b.csv"]);
  assertEquals(await complete("put", "x", "--as", "p"), ["parquet"]);
  assertEquals(await complete("completion", ""), ["bash", "zsh", "fish"]);
  assertEquals(shell.files, ["a b.csv", "completion.bash"]);
});

for (const name of ["zsh", "fish"]) {
  const ignore = !await has(name);
  const why = ignore ? ` (skipped: there is no ${name})` : "";
  Deno.test({
    name: `${name} takes its script, and completes${why}`,
    ignore,
    fn: async () => {
      await using both = await serving();
      for (const name of ["quakes", HARMFUL]) await both.client.putTable(name, POINTS);
      await using shell = new Shell(both.server.location);
      const { stdout } = await shell.run("completion", name);
      await shell.write("script", stdout);
      const run = (line: string) =>
        shell.bash(
          `mkdir bin; printf '#!/bin/sh\\nexec "%s" run -q -A --config "%s" "%s" "$@"\\n' ` +
            `"$DENO" "$CONFIG" "$CLI" > bin/tinyflight; chmod +x bin/tinyflight; ` +
            `PATH="$PWD/bin:$PATH" ${name} -c '${line}'`,
        );
      if (name === "fish") {
        const { stdout, stderr } = await run(
          'source script; complete -C "tinyflight ge"; complete -C "tinyflight get "',
        );
        assertEquals([stdout.split("\n"), stderr], [
          ["get\tget a table as a file", HARMFUL, "quakes", ""],
          "",
        ]);
      } else {
        const { stdout, stderr } = await run(
          "autoload -U compinit; compinit -u -d dump; source ./script; " +
            "compadd() { print -rl -- $tables }; _tinyflight_tables",
        );
        assertEquals([stdout.split("\n"), stderr], [[HARMFUL, "quakes", ""], ""]);
      }
      assert(!shell.files.includes("harm"));
    },
  });
}

Deno.test("the help begins with what a newcomer does, and has every command", () => {
  const help = helpText();
  assertMatch(help, /Try it:\n +tinyflight serve/);
  for (const { name, summary } of COMMANDS) {
    assertStringIncludes(help, `  ${name}`);
    assertStringIncludes(help, summary);
  }
  assertEquals(help.split("\n").filter((line) => line.length > 90), []);
});

Deno.test("every command's help has examples, which the command understands", () => {
  for (const command of COMMANDS) {
    assert(command.examples.length > 0, command.name);
    for (const { line } of command.examples) {
      assertMatch(line, new RegExp(`^${command.name}\\b`));
      const flags = line.matchAll(/ --([a-z-]+)/g);
      for (const [, flag] of flags) {
        const known = COMMANDS.some(({ options }) => options.all.has(flag));
        assert(known, `${line} has --${flag}`);
      }
    }
    assertStringIncludes(commandHelp(command), "Examples:");
  }
});
