/**
 * Booleans in the bytes of a text.
 *
 * @module
 */

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
    if (text.length === length && isAt(bytes, start, text)) return value;
  }
}

/** Whether these bytes stand at a place. */
function isAt(bytes: Uint8Array, start: number, text: Uint8Array): boolean {
  for (let at = 0; at < text.length; at++) {
    if (bytes[start + at] !== text[at]) return false;
  }
  return true;
}
