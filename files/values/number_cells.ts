/**
 * Numbers in the bytes of a text.
 *
 * @module
 */
import { setInt53, setProduct } from "./int64_words.ts";

/** What is no whole number. */
export const NO_INT = 0;
/** A whole number of 15 digits or fewer. */
export const SMALL_INT = 1;
/** A whole number with more digits. */
export const LONG_INT = 2;

const MINUS = 45;
const POINT = 46;
const ZERO = 48;
const NINE = 57;
const LARGE_E = 69;
const SMALL_E = 101;
const PLUS = 43;
/** So many digits are always below 2^53. */
const MAX_SAFE_DIGITS = 15;
/** Powers of ten that a double holds exactly. */
const POWERS = Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));
const MAX_INT64 = "9223372036854775807";
const MAX_UINT64 = "18446744073709551615";
/** Numbers without digits, as programs write them. */
const SPECIAL: ReadonlyMap<string, number> = new Map([
  ["NaN", NaN],
  ["nan", NaN],
  ["Inf", Infinity],
  ["inf", Infinity],
  ["Infinity", Infinity],
  ["-Inf", -Infinity],
  ["-inf", -Infinity],
  ["-Infinity", -Infinity],
]);
const MAX_SPECIAL = 9;
/** The first letters of these: `N`, `n`, `I`, `i` and `-`. */
const SPECIAL_STARTS = [78, 110, 73, 105, 45];

/** The characters of ASCII in these bytes, which are few: a decoder would be slower. */
export function asciiText(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at]);
  return text;
}

/**
 * Whether the text is a whole number as programs write it: without a plus sign, leading
 * zeros, or a sign of zero, so that it is not another text that is lost.
 */
export function intKind(bytes: Uint8Array, start: number, end: number): number {
  const first = bytes[start] === MINUS ? start + 1 : start;
  const digits = end - first;
  if (digits === 0) return NO_INT;
  for (let at = first; at < end; at++) {
    const byte = bytes[at];
    if (byte < ZERO || byte > NINE) return NO_INT;
  }
  if (bytes[first] === ZERO && (digits > 1 || first > start)) return NO_INT;
  return digits <= MAX_SAFE_DIGITS ? SMALL_INT : LONG_INT;
}

/** The number that {@linkcode intKind} has called small. */
export function smallInt(bytes: Uint8Array, start: number, end: number): number {
  const first = bytes[start] === MINUS ? start + 1 : start;
  let value = 0;
  for (let at = first; at < end; at++) value = 10 * value + bytes[at] - ZERO;
  return first > start ? -value : value;
}

/** Whether a number that {@linkcode intKind} accepts fits into 64 bits with a sign. */
export function fitsInt64(bytes: Uint8Array, start: number, end: number): boolean {
  const isNegative = bytes[start] === MINUS;
  const digits = end - start - Number(isNegative);
  if (digits !== MAX_INT64.length) return digits < MAX_INT64.length;
  const text = asciiText(bytes, end - digits, end);
  return text <= MAX_INT64 || isNegative && text === "9223372036854775808";
}

/** Whether a number that {@linkcode intKind} accepts fits into 64 bits without a sign. */
export function fitsUint64(bytes: Uint8Array, start: number, end: number): boolean {
  const digits = end - start;
  if (bytes[start] === MINUS) return false;
  if (digits !== MAX_UINT64.length) return digits < MAX_UINT64.length;
  return asciiText(bytes, start, end) <= MAX_UINT64;
}

/** Writes a number that fits into 64 bits, with or without a sign. */
export function setInt64(
  words: Int32Array,
  index: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  const isNegative = bytes[start] === MINUS;
  const first = isNegative ? start + 1 : start;
  if (end - first <= MAX_SAFE_DIGITS) {
    setInt53(words, index, smallInt(bytes, start, end));
    return;
  }
  let [high, low] = [0, 0];
  for (let at = first; at < end - 9; at++) high = 10 * high + bytes[at] - ZERO;
  for (let at = end - 9; at < end; at++) low = 10 * low + bytes[at] - ZERO;
  if (isNegative) setProduct(words, index, -high, 1e9, -low);
  else setProduct(words, index, high, 1e9, low);
}

/**
 * The number in the text; undefined when it is none. A number too large for a double, or
 * so small that it would become zero, is none, and neither is one with leading zeros or a
 * plus sign.
 */
export function floatOf(
  bytes: Uint8Array,
  start: number,
  end: number,
): number | undefined {
  const first = bytes[start] === MINUS ? start + 1 : start;
  let at = first;
  let mantissa = 0;
  let byte = bytes[at];
  while (at < end && (byte = bytes[at]) >= ZERO && byte <= NINE) {
    mantissa = 10 * mantissa + byte - ZERO;
    at++;
  }
  let digits = at - first;
  if (digits > 1 && bytes[first] === ZERO) return undefined;
  let decimals = 0;
  if (at < end && bytes[at] === POINT) {
    const point = at++;
    while (at < end && (byte = bytes[at]) >= ZERO && byte <= NINE) {
      mantissa = 10 * mantissa + byte - ZERO;
      at++;
    }
    decimals = at - point - 1;
    digits += decimals;
  }
  if (digits === 0) return special(bytes, start, end);
  if (at === end && digits <= MAX_SAFE_DIGITS) {
    const value = mantissa / POWERS[decimals];
    return first > start ? -value : value;
  }
  if (at < end && !isExponent(bytes, at, end)) return undefined;
  const value = Number(asciiText(bytes, start, end));
  return Number.isFinite(value) && (value !== 0 || mantissa === 0) ? value : undefined;
}

/** Whether the rest is `e`, perhaps a sign, and digits. */
function isExponent(bytes: Uint8Array, start: number, end: number): boolean {
  if (bytes[start] !== SMALL_E && bytes[start] !== LARGE_E) return false;
  let at = start + 1;
  if (bytes[at] === PLUS || bytes[at] === MINUS) at++;
  if (at >= end) return false;
  for (; at < end; at++) if (bytes[at] < ZERO || bytes[at] > NINE) return false;
  return true;
}

function special(bytes: Uint8Array, start: number, end: number): number | undefined {
  if (end - start > MAX_SPECIAL || !SPECIAL_STARTS.includes(bytes[start])) {
    return undefined;
  }
  return SPECIAL.get(asciiText(bytes, start, end));
}
