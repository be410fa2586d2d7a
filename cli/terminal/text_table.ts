/**
 * Tables as lines of text.
 *
 * @module
 */
import { oneLine } from "../../base/one_line.ts";

/** How a table is laid out. */
export interface TextTableOptions {
  /** Which columns have their cells at the right, such as numbers. */
  readonly right?: readonly boolean[];
  /** The most characters of a cell. @default 60 */
  readonly maxWidth?: number;
}

/** Lines with cells below each other, of which the first row is the head. */
export function textTable(
  rows: readonly (readonly string[])[],
  { right = [], maxWidth = 60 }: TextTableOptions = {},
): string[] {
  const cells = rows.map((row) => row.map((cell) => cut(oneLine(cell), maxWidth)));
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...cells.map((row) => widthOf(row[column])))
  );
  return cells.map((row) =>
    row.map((cell, column) => {
      const space = " ".repeat(widths[column] - widthOf(cell));
      return right[column] ? space + cell : cell + space;
    }).join("  ").trimEnd()
  );
}

function cut(text: string, length: number): string {
  const characters = [...text];
  return characters.length > length
    ? `${characters.slice(0, length - 1).join("")}…`
    : text;
}

/** How many columns of a terminal a text takes: two for wide characters. */
function widthOf(text: string): number {
  let width = 0;
  for (const { segment } of SEGMENTER.segment(text)) {
    width += WIDE.test(segment) ? 2 : 1;
  }
  return width;
}

const SEGMENTER = new Intl.Segmenter();
const WIDE =
  /^[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
