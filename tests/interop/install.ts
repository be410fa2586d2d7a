/**
 * What steps that install something have in common.
 *
 * @module
 */

/** How long one command may take, in milliseconds; some compile everything. */
const MAX_TIME = 600_000;

/** How a command has ended. */
export interface Outcome {
  /** Whether it ended with 0. */
  readonly success: boolean;
  /** Whether there is such a command. */
  readonly isThere: boolean;
  /** What it printed, errors behind the rest. */
  readonly output: string;
}

/** Runs the command; one that is not there does not succeed. */
export async function run(
  command: string,
  args: readonly string[],
  { cwd, env }: { cwd?: string; env?: Record<string, string> } = {},
): Promise<Outcome> {
  try {
    const { success, stdout, stderr } = await new Deno.Command(command, {
      args: [...args],
      cwd,
      env,
      stdin: "null",
      signal: AbortSignal.timeout(MAX_TIME),
    }).output();
    const output = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    return { success, isThere: true, output };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return { success: false, isThere: false, output: `There is no ${command}` };
  }
}

/** Whether all of these files are there. */
export async function exist(...paths: readonly string[]): Promise<boolean> {
  try {
    for (const path of paths) await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/**
 * Installs a package of Debian, for the program of this name.
 *
 * @throws {Error} that says how to install it by hand.
 */
export async function aptInstall(packageName: string, program: string): Promise<void> {
  console.log(`Installing ${packageName} with apt-get`);
  const install = ["install", "-y", "--no-install-recommends", packageName];
  for (const args of [["update"], install]) {
    const { success, output } = await run("apt-get", args, {
      env: { DEBIAN_FRONTEND: "noninteractive" },
    });
    if (success) continue;
    throw new Error(
      `Cannot install ${program}: run \`apt-get install ${packageName}\` as root, or install it in another way, and try again. apt-get said:\n${output}`,
    );
  }
}

/**
 * What pip is told, so that it installs these packages as they were built, and asks for
 * nothing.
 */
export function pipInstall(...args: readonly string[]): string[] {
  return [
    ...["-m", "pip", "install", "--disable-pip-version-check", "--no-input"],
    ...["--only-binary", ":all:", ...args],
  ];
}
