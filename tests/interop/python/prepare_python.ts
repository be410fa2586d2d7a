/**
 * A Python with pyarrow and others, in a virtual environment of this project's own.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { pipInstall, run } from "../install.ts";

/** The packages, of the versions that the tests were written for. */
const PACKAGES: { readonly [name: string]: string } = {
  pyarrow: "26.0.1",
  numpy: "2.4.6",
  grpcio: "1.85.3",
  hpack: "4.2.0",
  adbc_driver_flightsql: "1.13.0",
  adbc_driver_manager: "1.13.0",
  polars: "2.1.0",
};
/** The least minor version of Python 3 for which the packages are published. */
const MIN_MINOR = 11;
/** What a Python may be called, the one that its user prefers first. */
const CANDIDATES = ["python3", "python", ...minorsFrom(MIN_MINOR)];

/**
 * Makes the environment in this directory, unless it is there already, and gives the
 * environment variable by which the tests find its interpreter.
 *
 * @throws {Error} that says what is missing, and how to get it.
 */
export async function preparePython(
  directory: URL,
): Promise<{ TINYFLIGHT_PYTHON: string }> {
  const venv = fileURLToPath(new URL("venv", directory));
  const interpreter = `${venv}/bin/python`;
  if (!await hasPackages(interpreter)) {
    const python = await findPython();
    console.log(
      `Installing ${Object.keys(PACKAGES).join(", ")} in ${venv}, with ${python}`,
    );
    // What is there already stays: other tests may be using it.
    if (!(await run(interpreter, ["-m", "pip", "--version"])).success) {
      await makeVenv(python, venv);
    }
    await installPackages(interpreter);
  }
  return { TINYFLIGHT_PYTHON: interpreter };
}

async function hasPackages(interpreter: string): Promise<boolean> {
  const versions = Object.keys(PACKAGES).map((name) => `version("${name}")`);
  const script =
    `from importlib.metadata import version; import pyarrow.flight; print(${versions})`;
  const { success, output } = await run(interpreter, ["-c", script]);
  return success && output.trim() === Object.values(PACKAGES).join(" ");
}

async function findPython(): Promise<string> {
  const script = "import sys; print(*sys.version_info[:2])";
  const found: string[] = [];
  for (const candidate of CANDIDATES) {
    const { success, output } = await run(candidate, ["-c", script]);
    if (!success) continue;
    const [major, minor] = output.split(" ").map(Number);
    if (major === 3 && minor >= MIN_MINOR) return candidate;
    found.push(`${major}.${minor}`);
  }
  throw new Error(
    `Cannot find Python 3.${MIN_MINOR} or later: ${
      found.length === 0 ? "there is no python3" : `there is only ${found.join(", ")}`
    }. Install it (on Debian: apt-get install python3 python3-venv) and try again`,
  );
}

async function makeVenv(python: string, venv: string): Promise<void> {
  const { success, output } = await run(python, ["-m", "venv", "--clear", venv]);
  if (success) return;
  throw new Error(
    `Cannot make ${venv}: ${python} lacks its module venv or a part of it (on Debian: apt-get install python3-venv). It said:\n${output}`,
  );
}

async function installPackages(interpreter: string): Promise<void> {
  const packages = Object.entries(PACKAGES).map((pair) => pair.join("=="));
  const { success, output } = await run(interpreter, pipInstall(...packages));
  if (success && await hasPackages(interpreter)) return;
  throw new Error(
    `Cannot install ${
      packages.join(" and ")
    }: is the package index PyPI within reach, and has it a wheel for this machine? pip said:\n${output}`,
  );
}

function minorsFrom(least: number): string[] {
  return [4, 3, 2, 1, 0].map((more) => `python3.${least + more}`);
}
