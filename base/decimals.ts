/**
 * Decimal numbers as texts, and as the words in which Arrow has them.
 *
 * @module
 */

/** A decimal of 256 bits has so many digits. */
const MAX_SCALE = 76;
const DECIMAL = /^(-?)(\d*)(?:\.(\d*))?$/;

/**
 * The number as a multiple of its last digit's unit; undefined when the text is no decimal
 * number, or has more digits than the type.
 */
export function parseDecimal(
  text: string,
  scale: number,
  precision: number,
): bigint | undefined {
  const match = DECIMAL.exec(text);
  if (match === null) return undefined;
  const [, sign, whole, part = ""] = match;
  if (whole === "" && part === "") return undefined;
  const digits = part.replace(/0+$/, "");
  if (digits.length > Math.max(0, scale)) return undefined;
  const value = BigInt(whole + digits.padEnd(Math.max(0, scale), "0"));
  if (String(value).length > precision && value !== 0n) return undefined;
  return sign === "" ? value : -value;
}

/**
 * The number as a text, with all digits of its scale. A schema may have any scale: with
 * one that no decimal needs, the text has an exponent in place of millions of zeros.
 */
export function formatDecimal(value: bigint, scale: number): string {
  if (Math.abs(scale) > MAX_SCALE) return `${value}e${-scale}`;
  if (scale <= 0) return String(value * 10n ** BigInt(-scale));
  const sign = value < 0n ? "-" : "";
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, "0");
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** The number in these words of 32 bits, the lowest first, in two's complement. */
export function decimalOf(words: Uint32Array): bigint {
  let value = 0n;
  for (let index = words.length - 1; index >= 0; index--) {
    value = value << 32n | BigInt(words[index]);
  }
  return BigInt.asIntN(32 * words.length, value);
}

/** Writes a number as words of 32 bits. */
export function setDecimal(words: Uint32Array, value: bigint): void {
  let rest = value;
  for (let index = 0; index < words.length; index++) {
    words[index] = Number(BigInt.asUintN(32, rest));
    rest >>= 32n;
  }
}
