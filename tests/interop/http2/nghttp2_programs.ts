/**
 * The load generator and the client of nghttp2.
 *
 * @module
 */
import { aptInstall, run } from "../install.ts";

const PACKAGE = "nghttp2-client";

/**
 * Installs `h2load` and `nghttp` from Debian's packages, unless they are there already.
 *
 * @throws {Error} that says how to install it by hand.
 */
export async function prepareNghttp2(): Promise<void> {
  if ((await run("h2load", ["--version"])).success) return;
  await aptInstall(PACKAGE, "h2load");
}
