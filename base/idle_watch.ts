/**
 * Clients that say nothing while they are waited for.
 *
 * @module
 */
import { FlightError } from "../flight/errors.ts";
import { LONGEST_TIMER } from "./timeouts.ts";

/** How often in the time that is allowed is looked whether there was progress. */
const LOOKS = 4;

/** Somebody who is waited for. */
interface Watched {
  /** Where it stands; undefined while it is not waited for. */
  progress(): string | number | undefined;
  end(reason: FlightError): void;
  before: string | number | undefined;
  /** How often it stood where it had stood before. */
  looks: number;
}

/**
 * Ends what makes no progress for too long, with RESOURCE_EXHAUSTED. One timer looks
 * at all, and only while there is somebody to look at.
 */
export class IdleWatch {
  /** How long nothing may come, in milliseconds. */
  readonly maxIdleTime: number;
  readonly #watched: Set<Watched> = new Set();
  #timer: ReturnType<typeof setInterval> | undefined;

  /** A watch that allows so many milliseconds. */
  constructor(maxIdleTime: number) {
    this.maxIdleTime = maxIdleTime;
  }

  /**
   * Calls `end` when `progress` gives the same for too long, unless this is disposed
   * of before. While it gives undefined, the client is not waited for.
   */
  watch(
    progress: () => string | number | undefined,
    end: (reason: FlightError) => void,
  ): Disposable {
    const watched: Watched = { progress, end, before: progress(), looks: 0 };
    this.#watched.add(watched);
    if (this.maxIdleTime <= LONGEST_TIMER) {
      this.#timer ??= setInterval(() => this.#look(), this.maxIdleTime / LOOKS);
    }
    return { [Symbol.dispose]: () => void this.#watched.delete(watched) };
  }

  /** Looks no more. */
  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    if (this.#watched.size === 0) return this.close();
    for (const watched of this.#watched) {
      const now = watched.progress();
      const isWaiting = now !== undefined && now === watched.before;
      watched.looks = isWaiting ? watched.looks + 1 : 0;
      watched.before = now;
      // The first look may have come right after the last progress.
      if (watched.looks <= LOOKS) continue;
      this.#watched.delete(watched);
      watched.end(
        new FlightError(
          "RESOURCE_EXHAUSTED",
          `Cannot wait any longer: the client has sent nothing for ${this.maxIdleTime} ms (maxIdleTime)`,
        ),
      );
    }
  }
}
