/**
 * Programs in Go, installed for the tests.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { exist, run } from "../install.ts";

/** Where programs stay from one run to the next, each version in a folder of its own. */
const INSTALLED = new URL("../../../.interop/go/", import.meta.url);

/** Programs to install. */
export interface GoPackages {
  /** A folder for the programs, which names their version. */
  readonly directory: string;
  /** The packages, each with its version: the program has the name of the last folder. */
  readonly packages: readonly string[];
}

/**
 * Installs the programs with the Go toolchain, unless they are there already, and gives
 * the path of each in the order of the packages.
 *
 * @throws {Error} that says what is missing, and how to get it.
 */
export async function installGo(
  { directory, packages }: GoPackages,
): Promise<string[]> {
  const folder = fileURLToPath(new URL(`${directory}/`, INSTALLED));
  const programs = packages.map((name) => `${folder}${programName(name)}`);
  if (!await exist(...programs)) {
    console.log(`Installing ${packages.map(programName).join(" and ")} in ${folder}`);
    await install(packages, folder);
  }
  return programs;
}

/**
 * Builds the program of this name in this folder, and gives its path.
 *
 * @throws {Error} that says what is missing, and how to get it.
 */
export async function buildGo(name: string, source: URL): Promise<string> {
  const program = fileURLToPath(new URL(`built/${name}`, INSTALLED));
  await runGo(["build", "-C", fileURLToPath(source), "-o", program, "."]);
  return program;
}

function programName(goPackage: string): string {
  return /([^/]+)@/.exec(goPackage)![1];
}

function install(packages: readonly string[], folder: string): Promise<void> {
  return runGo(["install", ...packages], { GOBIN: folder });
}

async function runGo(args: string[], env: Record<string, string> = {}): Promise<void> {
  const { success, isThere, output } = await run("go", args, { env });
  if (success) return;
  if (!isThere) {
    throw new Error(
      "Cannot install the Go programs: there is no `go`. Install Go (see https://go.dev/dl) and try again",
    );
  }
  throw new Error(
    `Cannot install the Go programs: is the Go module proxy within reach? \`go ${
      args[0]
    }\` said:\n${output}`,
  );
}
