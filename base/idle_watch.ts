/**
 * Finds those who make no progress for too long.
 *
 * @module
 */
import { startInterval } from "./timer.ts";

/** How many times progress is sampled within the time that is allowed. */
const SAMPLES = 4;

/** Something whose progress is sampled. */
interface Watched {
  /** Where it stands; undefined while nobody waits for it. */
  progress(): string | number | undefined;
  end(): void;
  before: string | number | undefined;
  /** How many samples in a row were equal. */
  equalSamples: number;
}

/**
 * Ends what makes no progress for too long. One timer samples all, and only while
 * there is something to sample.
 */
export class IdleWatch {
  /** How long there may be no progress, in milliseconds. */
  readonly maxIdleTime: number;
  readonly #watched: Set<Watched> = new Set();
  #timer: Disposable | undefined;

  /** A watch that allows so many milliseconds. */
  constructor(maxIdleTime: number) {
    this.maxIdleTime = maxIdleTime;
  }

  /**
   * Calls `end` when `progress` gives the same for too long, unless this is disposed
   * of before. While it gives undefined, no progress is expected.
   */
  watch(progress: () => string | number | undefined, end: () => void): Disposable {
    const watched: Watched = { progress, end, before: progress(), equalSamples: 0 };
    this.#watched.add(watched);
    this.#timer ??= startInterval(this.maxIdleTime / SAMPLES, () => this.#sample());
    return { [Symbol.dispose]: () => void this.#watched.delete(watched) };
  }

  /** Samples no more. */
  close(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }

  #sample(): void {
    if (this.#watched.size === 0) return this.close();
    for (const watched of this.#watched) {
      const now = watched.progress();
      const isIdle = now !== undefined && now === watched.before;
      watched.equalSamples = isIdle ? watched.equalSamples + 1 : 0;
      watched.before = now;
      // The first sample may have been taken right after the last progress.
      if (watched.equalSamples <= SAMPLES) continue;
      this.#watched.delete(watched);
      watched.end();
    }
  }
}
