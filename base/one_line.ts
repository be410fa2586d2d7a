/**
 * Texts of strangers in a log.
 *
 * @module
 */

/** The text with its control characters escaped, so that it stays in its line. */
export function oneLine(text: string): string {
  return text.replace(
    /\p{Cc}|\u2028|\u2029/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
