/**
 * Numbers as the shortest texts that give them back.
 *
 * @module
 */

/** A double, always with a point or an exponent, so that it is not taken for an integer. */
export function doubleText(value: number): string {
  if (!Number.isFinite(value)) return nonFiniteText(value);
  return withPoint(Object.is(value, -0) ? "-0" : String(value));
}

/** A float of 32 bits: the fewest digits that no other float of 32 bits has. */
export function floatText(value: number): string {
  if (!Number.isFinite(value)) return nonFiniteText(value);
  for (let digits = 6; digits < 9; digits++) {
    const text = Number(value.toPrecision(digits));
    if (Math.fround(text) === value) return doubleText(text);
  }
  return doubleText(Number(value.toPrecision(9)));
}

function nonFiniteText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  return value > 0 ? "inf" : "-inf";
}

function withPoint(text: string): string {
  return /[.e]/.test(text) ? text : `${text}.0`;
}
