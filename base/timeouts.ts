/**
 * How long something may take.
 *
 * @module
 */

/** The longest time that a timer can wait, in milliseconds; longer is for ever. */
export const LONGEST_TIMER: number = 2 ** 31 - 1;

/**
 * Checks the milliseconds that something may take.
 *
 * @throws {RangeError} when they are negative, or no number.
 */
export function checkTimeout(timeout: number): void {
  if (!(timeout >= 0)) {
    throw new RangeError(
      `Cannot use the timeout ${timeout}: it has to be 0 ms or more`,
    );
  }
}
