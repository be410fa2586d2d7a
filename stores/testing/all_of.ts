/**
 * What a test does at the same time.
 *
 * @module
 */

/** Waits until all have ended, and throws the first error: nothing outlives a test. */
export async function allOf(...work: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(work)) {
    if (result.status === "rejected") throw result.reason;
  }
}
