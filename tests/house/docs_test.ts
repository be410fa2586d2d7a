/**
 * README and the pages in docs/: their TypeScript does what they say, and their links lead
 * somewhere. Their command lines are tested in docs_commands_test.ts, their Python with the
 * tests against other implementations, in docs_interop.ts.
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { dirname, join } from "node:path";
import { TinyServer } from "../../server.ts";
import { ROOT } from "../helpers/processes/deno_process.ts";
import {
  docBlocks,
  docPages,
  LOCATION,
  makeDocFolder,
  missingOutput,
} from "../helpers/doc_blocks.ts";

/** Paths of files in the repository. */
const PATHS = /(?<![\w./-])(?:\.?[a-z_0-9]+\/)+[a-z_0-9]+\.(?:ts|py|json|yml)\b/g;
/** What a program writes that the pages tell of. */
const WRITTEN = ["bench/transfer.json"];

const pages = await docPages();

Deno.test("The pages have code only in languages of which all code runs", async () => {
  const others = (await docBlocks()).filter(({ language }) =>
    !["ts", "sh", "python", "json"].includes(language)
  );
  assertEquals(others, []);
});

Deno.test("The pages' TypeScript runs, and prints what its comments say", async () => {
  const folder = await makeDocFolder();
  try {
    await using server = await new TinyServer({ port: 0 }).listen();
    const files: string[] = [];
    for (const { path, text } of pages) {
      const file = join(folder, path.replaceAll("/", "_"));
      // What declares tests of its own is a file of tests.
      const rest = text.replaceAll(
        /^```ts\n([^]*?)^```$/gm,
        (block: string, code: string) => {
          if (!code.includes("Deno.test(")) return block;
          files.push(`${file}_${files.length}_test.ts`);
          Deno.writeTextFileSync(files.at(-1)!, code);
          return block.replaceAll(/.*/g, "");
        },
      );
      await Deno.writeTextFile(file, rest.replaceAll(LOCATION, server.location));
      files.push(file);
    }
    const command = new Deno.Command(Deno.execPath(), {
      args: ["test", "-A", "--doc", "--config", `${ROOT}deno.json`, ...files],
      cwd: folder,
      env: { NO_COLOR: "1" },
    });
    const { code, stdout, stderr } = await command.output();
    const [told, problems] = [stdout, stderr].map((bytes) =>
      new TextDecoder().decode(bytes)
    );
    assertEquals(code, 0, told + problems);
    for (const { path, line, code } of await docBlocks("ts")) {
      if (code.includes("Deno.test(")) continue;
      const name = `${path.replaceAll("/", "_")}#${line}-`;
      const [, output] = told.split(new RegExp(`^running 1 test from .*${name}`, "m"));
      assert(output !== undefined, `${path}:${line} has not run:\n${told}`);
      const missing = missingOutput(code, output.split(/^running \d/m)[0]);
      assertEquals(missing, undefined, `${path}:${line} prints something else`);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("README's deno.json makes a copy of this repository known to a project", async () => {
  const [{ code: manifest }] = await docBlocks("json");
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(
      `${folder}/deno.json`,
      manifest.replace("../tinyflight", ROOT),
    );
    const [{ code }] = (await docBlocks("ts")).filter(({ path }) =>
      path === "README.md"
    );
    await using server = await new TinyServer({ port: 0 }).listen();
    await Deno.writeTextFile(
      `${folder}/main.ts`,
      code.replaceAll(LOCATION, server.location),
    );
    const command = new Deno.Command(Deno.execPath(), {
      args: ["run", "--check", "--allow-net", "main.ts"],
      cwd: folder,
      env: { NO_COLOR: "1" },
    });
    const { success, stdout, stderr } = await command.output();
    assert(success, new TextDecoder().decode(stderr));
    assertEquals(missingOutput(code, new TextDecoder().decode(stdout)), undefined);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("The pages' paths are there", async () => {
  for (const { path, text } of pages) {
    // Links are relative to the page, other paths to the repository.
    const unlinked = text.replaceAll(/\]\([^)]*\)/g, "");
    const names = unlinked.match(PATHS) ?? [];
    for (const name of names.filter((name) => !WRITTEN.includes(name))) {
      assert((await Deno.stat(ROOT + name)).isFile, `${path} names ${name}`);
    }
    const links = text.matchAll(/\]\((?!https?:)([^)#]+)(#[^)]*)?\)/g);
    for (const [, link] of links) {
      const target = join(ROOT, dirname(path), link);
      await Deno.stat(target).catch(() => {
        throw new Error(`${path} has a link to ${link}, which is not there`);
      });
    }
  }
});

Deno.test("docs/README.md and README have a link to every page", async () => {
  for (const index of ["README.md", "docs/README.md"]) {
    const text = await Deno.readTextFile(ROOT + index);
    for (const { path } of pages.filter(({ path }) => /^docs\/(?!README)/.test(path))) {
      const link = index === "README.md" ? path : path.replace("docs/", "");
      assertStringIncludes(text, `](${link})`);
    }
  }
});
