/**
 * Booleans in the bytes of a text.
 *
 * @module
 */
import { isTextAt } from "./text_bytes.ts";

const WORDS: readonly (readonly [text: Uint8Array, value: boolean])[] = [
  ["true", true],
  ["false", false],
  ["True", true],
  ["False", false],
  ["TRUE", true],
  ["FALSE", false],
].map(([text, value]) => [new TextEncoder().encode(String(text)), Boolean(value)]);

/** `true` or `false`, in small or large letters; undefined for any other text. */
export function boolOf(
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean | undefined {
  const length = end - start;
  if (length !== 4 && length !== 5) return undefined;
  for (const [text, value] of WORDS) {
    if (isTextAt(bytes, start, end, text)) return value;
  }
}
