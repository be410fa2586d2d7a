/**
 * Finds what stands between the cells of a CSV file.
 *
 * @module
 */

const COMMA = 44;
/** In the order in which they are preferred: comma, semicolon, tab, `|`. */
const CANDIDATES = [COMMA, 59, 9, 124];
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const QUOTE = 34;
/** So many rows are looked at. */
const MAX_ROWS = 100;

/**
 * The byte between the cells in the first bytes of a file: the one that each row has
 * equally often, and most often; a comma when there is none.
 */
export function sniffDelimiter(bytes: Uint8Array): number {
  let [best, most] = [COMMA, 0];
  for (const candidate of CANDIDATES) {
    const counts = countPerRow(bytes, candidate);
    const count = counts[0] ?? 0;
    if (count > most && counts.every((other) => other === count)) {
      [best, most] = [candidate, count];
    }
  }
  if (most > 0) return best;
  // Where the rows do not agree, the header says which one is meant.
  for (const candidate of CANDIDATES) {
    const [count = 0] = countPerRow(bytes, candidate);
    if (count > most) [best, most] = [candidate, count];
  }
  return best;
}

/** How often the byte stands in each row, outside of quotes; the last row may be cut off. */
function countPerRow(bytes: Uint8Array, delimiter: number): number[] {
  const counts: number[] = [];
  let [count, rowStart, cellStart] = [0, 0, 0];
  let isQuoted = false;
  let closedAt = -1;
  for (let at = 0; at < bytes.length && counts.length < MAX_ROWS; at++) {
    const byte = bytes[at];
    if (isQuoted) {
      if (byte !== QUOTE) continue;
      isQuoted = false;
      closedAt = at;
    } else if (byte === QUOTE && (at === cellStart || at === closedAt + 1)) {
      // At the start of a cell, or the second half of a doubled quote.
      isQuoted = true;
    } else if (byte === delimiter) {
      count++;
      cellStart = at + 1;
    } else if (byte === LINE_FEED || byte === CARRIAGE_RETURN) {
      if (at > rowStart) counts.push(count);
      [count, rowStart, cellStart] = [0, at + 1, at + 1];
    }
  }
  // With another delimiter a quote may seem to begin a cell, and never ends.
  if (counts.length === 0 && !isQuoted) counts.push(count);
  return counts;
}
