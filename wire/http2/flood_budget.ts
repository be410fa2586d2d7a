/**
 * Frames that bring nothing, and how many of them a connection may have.
 *
 * @module
 */
import { ErrorCode } from "./error_codes.ts";
import { ConnectionError } from "./frames.ts";

/** How many frames without use may come at once, and how many more in each second. */
const IDLE_FRAMES = { burst: 10_000, perSecond: 1000 };
/** How many streams may be reset at once, and how many more in each second. */
const RESETS = { burst: 1000, perSecond: 100 };
/** How often headers may unpack to far too much at once, and how often in each second. */
const BOMBS = { burst: 4, perSecond: 1 };
/** So many bytes of data, in either direction, pay for one frame without use. */
const BYTES_PER_FRAME = 1024;

/** How many of something may come, refilled by time and by useful work. */
class Bucket {
  readonly #burst: number;
  readonly #perSecond: number;
  #left: number;
  #filled: number = performance.now();

  constructor({ burst, perSecond }: { burst: number; perSecond: number }) {
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#left = burst;
  }

  take(): boolean {
    if (--this.#left >= 0) return true;
    const now = performance.now();
    this.refill((now - this.#filled) / 1000 * this.#perSecond);
    this.#filled = now;
    return this.#left >= 0;
  }

  refill(amount: number): void {
    this.#left = Math.min(this.#left + amount, this.#burst);
  }
}

/**
 * Counts what a peer does to keep the other side busy: pings, settings, empty DATA,
 * window updates, unknown frames (CVE-2019-9512, 9515, 9518), and streams that are
 * reset by it, or that it makes us reset (CVE-2023-44487, CVE-2025-8671). Calls that
 * end well and data that flows give room for more.
 */
export class FloodBudget {
  readonly #idleFrames = new Bucket(IDLE_FRAMES);
  readonly #resets = new Bucket(RESETS);
  readonly #bombs = new Bucket(BOMBS);

  /**
   * A frame has come that brings nothing.
   *
   * @throws {ConnectionError} ENHANCE_YOUR_CALM when there were too many.
   */
  idleFrame(): void {
    if (!this.#idleFrames.take()) throw tooMany("too many frames that bring nothing");
  }

  /**
   * A ping has come.
   *
   * @throws {ConnectionError} ENHANCE_YOUR_CALM when there were too many.
   */
  ping(): void {
    // The text is the one by which gRPC's clients know to ping less often.
    if (!this.#idleFrames.take()) throw tooMany("too_many_pings");
  }

  /**
   * A stream was reset by the peer, or because of the peer.
   *
   * @throws {ConnectionError} ENHANCE_YOUR_CALM when there were too many.
   */
  reset(): void {
    if (!this.#resets.take()) throw tooMany("too many streams that are reset");
  }

  /**
   * Headers have come that unpack to far more than is allowed.
   *
   * @throws {ConnectionError} ENHANCE_YOUR_CALM when there were too many.
   */
  bomb(): void {
    if (!this.#bombs.take()) throw tooMany("too many headers that unpack to too much");
  }

  /** So many bytes of data were sent or received. */
  dataMoved(bytes: number): void {
    this.#idleFrames.refill(bytes / BYTES_PER_FRAME);
  }

  /** A call has ended well. */
  callEnded(): void {
    this.#idleFrames.refill(1);
    this.#resets.refill(1);
  }
}

function tooMany(what: string): ConnectionError {
  return new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, what);
}
