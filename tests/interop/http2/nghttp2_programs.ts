/**
 * The load generator and the client of nghttp2.
 *
 * @module
 */

const PACKAGE = "nghttp2-client";
/** How long the package manager may take, in milliseconds. */
const INSTALL_TIMEOUT = 300_000;

/**
 * Installs `h2load` and `nghttp` from Debian's packages, unless they are there already.
 *
 * @throws {Error} that says how to install it by hand.
 */
export async function prepareNghttp2(): Promise<void> {
  if ((await run("h2load", "--version")).success) return;
  console.log(`Installing ${PACKAGE} with apt-get`);
  for (const words of [["update"], ["install", "-y", PACKAGE]]) {
    const { success, output } = await run("apt-get", ...words);
    if (success) continue;
    throw new Error(
      `Cannot install h2load: run \`apt-get install ${PACKAGE}\` as root, or install nghttp2 in another way, and try again. apt-get said:\n${output}`,
    );
  }
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
