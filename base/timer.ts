/**
 * Timers that know how long a timer can wait.
 *
 * @module
 */

/** The longest time that a timer can wait, in milliseconds; longer is for ever. */
export const MAX_TIMER: number = 2 ** 31 - 1;

/** Calls back once after so many milliseconds, unless it is disposed of before. */
export function startTimer(milliseconds: number, callback: () => void): Disposable {
  if (milliseconds > MAX_TIMER) return { [Symbol.dispose]: () => {} };
  const timer = setTimeout(callback, milliseconds);
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}

/** Calls back every so many milliseconds, until it is disposed of. */
export function startInterval(milliseconds: number, callback: () => void): Disposable {
  if (milliseconds > MAX_TIMER) return { [Symbol.dispose]: () => {} };
  const timer = setInterval(callback, milliseconds);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
