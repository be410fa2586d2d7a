/**
 * What a test does at the same time.
 *
 * @module
 */

/**
 * Waits until all have ended, and gives what came of them, or throws the first error:
 * nothing outlives a test.
 */
export async function allOf<T>(...work: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(work);
  return await Promise.all(work);
}
