/**
 * The kind of secret by which tokens are signed.
 *
 * @module
 */
import type { ValueKind } from "../base/check_options.ts";
import { BYTES } from "../base/value_kinds.ts";

/** The least bytes of a secret. */
export const MIN_KEY_BYTES = 32;

/** A secret by which tokens are signed. */
export const SIGNING_KEY: ValueKind = {
  ...BYTES,
  wanted: `a Uint8Array of ${MIN_KEY_BYTES} bytes or more`,
  isInRange: (value) => (value as Uint8Array).length >= MIN_KEY_BYTES,
  isSecret: true,
};
