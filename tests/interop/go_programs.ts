/**
 * The programs of the Arrow Flight integration suite that are written in Go.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

/** The version that the tests were written for. */
const VERSION = "v18.7.0";
const MODULE = "github.com/apache/arrow-go/v18/arrow/internal/flight_integration/cmd";
const CLIENT = "arrow-flight-integration-client";
const SERVER = "arrow-flight-integration-server";
/** Where they stay from one run to the next. */
const DIRECTORY = new URL(`../../.interop/go/${VERSION}/`, import.meta.url);

/** Where the two programs are. */
export interface GoPrograms {
  readonly client: string;
  readonly server: string;
}

/**
 * Installs the programs with the Go toolchain, unless they are there already.
 *
 * @throws {Error} that says what is missing, and how to get it.
 */
export async function prepareGo(): Promise<GoPrograms> {
  const directory = fileURLToPath(DIRECTORY);
  const programs = { client: `${directory}${CLIENT}`, server: `${directory}${SERVER}` };
  if (!await areFiles(Object.values(programs))) {
    console.log(`Installing ${CLIENT} and ${SERVER} in ${directory}`);
    await install(directory);
  }
  return programs;
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

async function install(directory: string): Promise<void> {
  const packages = [CLIENT, SERVER].map((name) => `${MODULE}/${name}@${VERSION}`);
  const command = new Deno.Command("go", {
    args: ["install", ...packages],
    env: { GOBIN: directory },
    stdin: "null",
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
    `Cannot install the Go programs: is the Go module proxy within reach? \`go install\` said:\n${
      new TextDecoder().decode(output.stderr)
    }`,
  );
}
