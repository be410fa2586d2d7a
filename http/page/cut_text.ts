/**
 * Texts of bounded length.
 *
 * @module
 */

/** The text, or its beginning and an ellipsis when it has more characters than that. */
export function cutText(text: string, most: number): string {
  if (text.length <= most) return text;
  // The halves of a surrogate pair stay together.
  const end = /[\uD800-\uDBFF]/.test(text[most - 2]) ? most - 2 : most - 1;
  return `${text.slice(0, end)}…`;
}
