/**
 * Texts as bytes.
 *
 * @module
 */

/** The UTF-8 bytes of a text. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
