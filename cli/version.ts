/**
 * What the command is called, and its version: those of deno.json, which npm's package
 * does not have.
 *
 * @module
 */

/** The package's name. */
export const NAME = "@tinyflight/flight";

/** The package's version. */
export const VERSION = "0.1.0";
