/**
 * Programs in Go, installed for the tests.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

/** Where programs stay from one run to the next, each version in a folder of its own. */
const INSTALLED = new URL("../../../.interop/go/", import.meta.url);
/** How long the Go toolchain may take; the first time it compiles everything. */
const INSTALL_TIMEOUT = 600_000;

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
  if (!await areFiles(programs)) {
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

async function areFiles(paths: readonly string[]): Promise<boolean> {
  try {
    for (const path of paths) await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function install(packages: readonly string[], folder: string): Promise<void> {
  return runGo(["install", ...packages], { GOBIN: folder });
}

async function runGo(args: string[], env: Record<string, string> = {}): Promise<void> {
  const command = new Deno.Command("go", {
    args,
    env,
    stdin: "null",
    signal: AbortSignal.timeout(INSTALL_TIMEOUT),
  });
  let output: Deno.CommandOutput;
  try {
    output = await command.output();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error(
      "Cannot install the Go programs: there is no `go`. Install Go (see https://go.dev/dl) and try again",
    );
  }
  if (output.success) return;
  throw new Error(
    `Cannot install the Go programs: is the Go module proxy within reach? \`go ${
      args[0]
    }\` ended with ${output.signal ?? output.code}, and said:\n${
      new TextDecoder().decode(output.stderr)
    }`,
  );
}
