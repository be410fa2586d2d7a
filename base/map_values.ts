/**
 * Objects with other values.
 *
 * @module
 */

/** An object with the same keys, and each value mapped. */
export function mapValues<T, U>(
  record: { readonly [key: string]: T },
  map: (value: T) => U,
): { [key: string]: U } {
  return Object.fromEntries(
    Object.entries(record).map(([key, value]) => [key, map(value)]),
  );
}
