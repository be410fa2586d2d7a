/**
 * Runs the tests against other implementations: prepares what they need, and then
 * hands them to `deno test`, with the arguments that it was given.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { prepareJava } from "./java/prepare_java.ts";
import { prepareNode } from "./node/prepare_node.ts";
import { prepareChromium } from "./page/prepare_chromium.ts";
import { prepareJupyter } from "./notebook/prepare_jupyter.ts";
import { preparePython } from "./python/prepare_python.ts";
import { prepareGateway } from "./s3/prepare_gateway.ts";

const HERE = new URL("./", import.meta.url);
const ROOT = new URL("../../", HERE);
/** How the name of a file with tests ends. */
const ENDING = "_interop.ts";
/** Where what is installed stays from one run to the next. */
const INSTALLED = new URL(".interop/", ROOT);

/**
 * The steps, each of which installs something that the tests need unless it is there,
 * and gives the environment variables by which they find it.
 */
const STEPS: readonly ((directory: URL) => Promise<Record<string, string>>)[] = [
  preparePython,
  prepareJupyter,
  prepareGateway,
  prepareNode,
  prepareChromium,
  prepareJava,
];

async function main(args: readonly string[]): Promise<number> {
  const env: Record<string, string> = {
    PYTHONDONTWRITEBYTECODE: "1",
    // Where scripts of other folders find what all share.
    PYTHONPATH: fileURLToPath(new URL("python/", HERE)),
  };
  for (const prepare of STEPS) Object.assign(env, await prepare(INSTALLED));
  const command = new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "--trace-leaks", ...args, ...testFiles()],
    cwd: fileURLToPath(ROOT),
    env,
  });
  return (await command.spawn().status).code;
}

function testFiles(): string[] {
  return Deno.readDirSync(HERE)
    .filter(({ name, isDirectory }) => isDirectory || name.endsWith(ENDING))
    .flatMap(({ name, isDirectory }) => isDirectory ? testsIn(name) : [name])
    .toArray()
    .sort()
    .map((path) => fileURLToPath(new URL(path, HERE)));
}

/** The tests of one peer or subject, which have a folder of their own. */
function testsIn(folder: string): string[] {
  return [...Deno.readDirSync(new URL(`${folder}/`, HERE))]
    .filter(({ name }) => name.endsWith(ENDING))
    .map(({ name }) => `${folder}/${name}`);
}

try {
  Deno.exit(await main(Deno.args));
} catch (error) {
  console.error(`test:interop: ${error instanceof Error ? error.message : error}`);
  Deno.exit(1);
}
