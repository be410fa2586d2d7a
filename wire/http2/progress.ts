/**
 * Whether something goes on.
 *
 * @module
 */

/** How many times progress is sampled within the time that is allowed. */
export const SAMPLES = 4;

/** Finds what stands still. It is sampled by somebody else's timer. */
export class Progress {
  #before: number | undefined;
  #equalSamples = 0;

  /**
   * Samples how far something is; undefined while it is not waited for. Gives whether
   * it has stood still for the time that is allowed.
   */
  isStuck(now: number | undefined): boolean {
    const isSame = now !== undefined && now === this.#before;
    this.#equalSamples = isSame ? this.#equalSamples + 1 : 0;
    this.#before = now;
    // The first sample may have been taken right after the last progress.
    return this.#equalSamples > SAMPLES;
  }
}
