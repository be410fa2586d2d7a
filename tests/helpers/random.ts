/**
 * Numbers that look random, and are the same ones each time for the same seed.
 *
 * @module
 */

const TWO_TO_32 = 2 ** 32;

/** A generator of numbers, after Tommy Ettinger's mulberry32. */
export class Random {
  #state: number;

  /** A generator that begins where these parts, taken together, say. */
  constructor(...seed: (number | string)[]) {
    // FNV-1a, so that seeds that differ little begin far from each other.
    this.#state = [...seed.join("/")].reduce(
      (hash, character) => Math.imul(hash ^ character.charCodeAt(0), 0x01000193),
      0x811c9dc5 | 0,
    );
  }

  /** A whole number from 0 on, less than `count`. */
  below(count: number): number {
    return Math.floor(this.#next() / TWO_TO_32 * count);
  }

  /** A whole number from `low` to `high`, both of which may come. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** True once in so many times, on average. */
  oneIn(times: number): boolean {
    return this.below(times) === 0;
  }

  /** One of the items. */
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)];
  }

  /** So many bytes. */
  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256));
  }

  #next(): number {
    this.#state = this.#state + 0x6d2b79f5 | 0;
    let bits = Math.imul(this.#state ^ this.#state >>> 15, this.#state | 1);
    bits ^= bits + Math.imul(bits ^ bits >>> 7, bits | 61);
    return (bits ^ bits >>> 14) >>> 0;
  }
}
