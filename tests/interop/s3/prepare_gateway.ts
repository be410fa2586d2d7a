/**
 * An S3-compatible object store for the tests: versitygw, which keeps objects as files.
 *
 * @module
 */
import { installGo } from "../go/go_install.ts";

/** The version that the tests were written for. */
const VERSION = "v1.8.0";
const MODULE = "github.com/versity/versitygw/cmd/versitygw";

/**
 * Installs it, unless it is there already, and gives the environment variable by which
 * the tests find it.
 *
 * @throws {Error} that says what is missing, and how to get it.
 */
export async function prepareGateway(): Promise<{ TINYFLIGHT_VERSITYGW: string }> {
  const [program] = await installGo({
    directory: `versitygw-${VERSION}`,
    packages: [`${MODULE}@${VERSION}`],
  });
  return { TINYFLIGHT_VERSITYGW: program };
}
