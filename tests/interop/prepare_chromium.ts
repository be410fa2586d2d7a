/**
 * A browser for the tests: Chromium, from the system's packages.
 *
 * @module
 */

/** The names under which systems have it. */
const PROGRAMS = ["chromium", "chromium-browser", "google-chrome"];
/** How long an installation may take, in milliseconds. */
const INSTALL_TIMEOUT = 600_000;

/**
 * Installs Chromium by apt-get, unless there is one already, and gives the environment
 * variable by which the tests find it.
 *
 * @throws {Error} that says what is missing, and how to get it.
 */
export async function prepareChromium(): Promise<{ TINYFLIGHT_CHROMIUM: string }> {
  const found = await find();
  if (found !== undefined) return { TINYFLIGHT_CHROMIUM: found };
  console.log("Installing Chromium by apt-get");
  await aptGet("update", "-q");
  await aptGet("install", "-y", "-q", "--no-install-recommends", "chromium");
  const installed = await find();
  if (installed !== undefined) return { TINYFLIGHT_CHROMIUM: installed };
  throw new Error("Cannot find Chromium, although apt-get has installed it");
}

/** Where it is; undefined when it is not there. */
async function find(): Promise<string | undefined> {
  for (const program of PROGRAMS) {
    const { success, stdout } = await new Deno.Command("sh", {
      args: ["-c", `command -v ${program}`],
    }).output();
    if (success) return new TextDecoder().decode(stdout).trim();
  }
  return undefined;
}

/** Runs apt-get, which has to succeed. */
async function aptGet(...args: string[]): Promise<void> {
  const hint =
    "Install Chromium for the tests of the web page (as root: apt-get install chromium) and try again";
  let output: Deno.CommandOutput;
  try {
    output = await new Deno.Command("apt-get", {
      args,
      env: { DEBIAN_FRONTEND: "noninteractive" },
      stdin: "null",
      signal: AbortSignal.timeout(INSTALL_TIMEOUT),
    }).output();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error(`Cannot install Chromium: there is no apt-get. ${hint}`);
  }
  if (output.success) return;
  const told = new TextDecoder().decode(output.stderr);
  throw new Error(`Cannot run apt-get ${args.join(" ")}. ${hint}. It said:\n${told}`);
}
