/**
 * A browser for the tests: Chromium, from the system's packages.
 *
 * @module
 */
import { aptInstall, run } from "../install.ts";

/** The names under which systems have it. */
const PROGRAMS = ["chromium", "chromium-browser", "google-chrome"];

/**
 * Installs Chromium by apt-get, unless there is one already, and gives the environment
 * variable by which the tests find it.
 *
 * @throws {Error} that says what is missing, and how to get it.
 */
export async function prepareChromium(): Promise<{ TINYFLIGHT_CHROMIUM: string }> {
  const found = await find();
  if (found !== undefined) return { TINYFLIGHT_CHROMIUM: found };
  await aptInstall("chromium", "Chromium");
  const installed = await find();
  if (installed !== undefined) return { TINYFLIGHT_CHROMIUM: installed };
  throw new Error("Cannot find Chromium, although apt-get has installed it");
}

/** Where it is; undefined when it is not there. */
async function find(): Promise<string | undefined> {
  for (const program of PROGRAMS) {
    const { success, output } = await run("sh", ["-c", `command -v ${program}`]);
    if (success) return output.trim();
  }
  return undefined;
}
