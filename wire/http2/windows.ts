/**
 * Flow control: how much each side may send (RFC 9113, 5.2 and 6.9).
 *
 * @module
 */

/** The largest window (RFC 9113, 6.9.1). */
export const MAX_WINDOW: number = 2 ** 31 - 1;
/** The window of a connection, and of streams without a setting (RFC 9113, 6.9.2). */
export const DEFAULT_WINDOW = 65_535;
/** A window that was used up is used again when it has this size, or as much as is left. */
const MIN_USEFUL_BYTES = 1024;

/** How much may be sent. It is negative when a setting has made it smaller than what was sent. */
export class SendWindow {
  #size: number;
  #initial: number;
  /** Whether all of it was used, so that a little more is not worth a frame. */
  #isUsedUp = false;

  /** A window of this size. */
  constructor(initial: number) {
    this.#size = initial;
    this.#initial = initial;
  }

  /**
   * How many of `wanted` bytes may be sent now. A peer that opens a used-up window by a
   * few bytes at a time gets no frame for each, unless they are all that is wanted, or
   * its whole window is that small.
   */
  usable(wanted: number): number {
    if (this.#size >= wanted) return wanted;
    if (this.#size <= 0) return 0;
    if (!this.#isUsedUp) return this.#size;
    const worth = Math.min(MIN_USEFUL_BYTES, this.#initial >>> 1);
    return this.#size >= worth ? this.#size : 0;
  }

  /** So many bytes were sent. */
  use(bytes: number): void {
    this.#size -= bytes;
    this.#isUsedUp = this.#size <= 0;
  }

  /** The peer gives credit. False when the window exceeds what is allowed. */
  widen(bytes: number): boolean {
    this.#size += bytes;
    return this.#size <= MAX_WINDOW;
  }

  /**
   * The peer has changed SETTINGS_INITIAL_WINDOW_SIZE to this. False when the window
   * exceeds what is allowed.
   */
  setInitial(initial: number): boolean {
    this.#size += initial - this.#initial;
    this.#initial = initial;
    return this.#size <= MAX_WINDOW;
  }
}

/** How much the peer may send. Credit is given back when half of it is used. */
export class ReceiveWindow {
  readonly #full: number;
  /** What the peer may still send. */
  #left: number;
  /** What was taken, and the peer has no credit for yet. */
  #owed = 0;

  /** A window of this size, which the peer knows. */
  constructor(size: number) {
    this.#left = size;
    this.#full = size;
  }

  /** So many bytes came. False when the peer had no right to send them. */
  receive(bytes: number): boolean {
    this.#left -= bytes;
    return this.#left >= 0;
  }

  /**
   * So many bytes were taken. Gives how much credit the peer is to be given
   * now: 0 until it is half of the window.
   */
  take(bytes: number): number {
    this.#owed += bytes;
    if (this.#owed < this.#full >>> 1) return 0;
    const credit = this.#owed;
    this.#owed = 0;
    this.#left += credit;
    return credit;
  }
}
