/**
 * Node and Bun for the tests, installed from npm.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { exist, run } from "../install.ts";

/** The packages, of the versions that the tests were written for. */
const PACKAGES: { readonly [name: string]: string } = {
  node: "24.21.0",
  bun: "1.4.5",
  typescript: "5.9.3",
};

/**
 * Installs Node, Bun and TypeScript in this directory, unless they are there already,
 * and gives the environment variables by which the tests find them.
 *
 * @throws {Error} that says what is missing, and how to get it.
 */
export async function prepareNode(directory: URL): Promise<Record<string, string>> {
  const folder = fileURLToPath(new URL("node/", directory));
  const packages = Object.entries(PACKAGES).map((pair) => pair.join("@"));
  const marker = `${folder}/${packages.join(" ")}`;
  if (!await exist(marker)) {
    console.log(`Installing ${packages.join(", ")} in ${folder}`);
    await Deno.mkdir(folder, { recursive: true });
    await Deno.writeTextFile(`${folder}/package.json`, "{}");
    await npm(folder, "install", "--save-exact", ...packages);
    await Deno.writeTextFile(marker, "");
  }
  const programs = `${folder}node_modules/.bin`;
  return {
    TINYFLIGHT_NODE: `${programs}/node`,
    TINYFLIGHT_BUN: `${programs}/bun`,
    TINYFLIGHT_TSC: `${programs}/tsc`,
  };
}

/** Runs npm in this folder, which has to succeed. */
export async function npm(folder: string, ...args: string[]): Promise<void> {
  const { success, isThere, output } = await run(
    "npm",
    [...args, "--no-audit", "--no-fund"],
    { cwd: folder },
  );
  if (success) return;
  if (!isThere) {
    throw new Error(
      "Cannot install Node's packages: there is no `npm`. Install Node (see https://nodejs.org) and try again",
    );
  }
  throw new Error(
    `Cannot run npm ${
      args.join(" ")
    }: is the registry within reach? It said:\n${output}`,
  );
}
