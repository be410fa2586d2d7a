/**
 * Where bytes stop to be UTF-8.
 *
 * @module
 */
import { isUtf8 } from "node:buffer";

/** The longest character has so many bytes. */
const MAX_CHARACTER = 4;

/** The place of the first byte of a character that is not UTF-8; the length without one. */
export function findBadUtf8(bytes: Uint8Array): number {
  if (isUtf8(bytes)) return bytes.length;
  // The longest prefix that is UTF-8 ends where the first bad character starts.
  let [good, bad] = [0, bytes.length];
  while (bad - good > MAX_CHARACTER) {
    const middle = startOfCharacter(bytes, good + Math.floor((bad - good) / 2), good);
    if (middle > good && isUtf8(bytes.subarray(good, middle))) good = middle;
    else if (middle > good) bad = middle;
    else break;
  }
  for (let end = good + 1; end <= bytes.length; end++) {
    if (isUtf8(bytes.subarray(good, end))) good = end;
    else if (end - good >= MAX_CHARACTER) break;
  }
  return good;
}

/** Where the character starts in which a byte is. */
function startOfCharacter(bytes: Uint8Array, at: number, least: number): number {
  let start = at;
  while (start > least && (bytes[start] & 0xc0) === 0x80) start--;
  return start;
}
