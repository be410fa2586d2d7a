/**
 * Booleans in the bytes of a text.
 *
 * @module
 */
import { asciiText } from "./number_cells.ts";

const WORDS: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["True", true],
  ["TRUE", true],
  ["false", false],
  ["False", false],
  ["FALSE", false],
]);

/** `true` or `false`, in small or large letters; undefined for any other text. */
export function boolOf(
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean | undefined {
  const length = end - start;
  if (length !== 4 && length !== 5) return undefined;
  return WORDS.get(asciiText(bytes, start, end));
}
