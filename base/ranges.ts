/**
 * Checks of numbers that a caller gives.
 *
 * @module
 */

/**
 * Checks a whole number.
 *
 * @throws {RangeError} when it is none, or not in the range.
 */
export function checkRange(
  name: string,
  value: number,
  least: number,
  most: number,
): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(
      `Cannot use the ${name} ${value}: it has to be a whole number from ${least} to ${most}`,
    );
  }
}
