/**
 * Dictionaries whose values came in several messages.
 *
 * @module
 */
import type { Data } from "apache-arrow";

/**
 * Finds values of a dictionary by their indices: those of each message that added to it
 * are a part of their own.
 */
export class DictionaryLookup {
  /** The parts, each with values of its own. */
  readonly parts: readonly Data[];
  /** Where each part starts, and the last one ends. */
  readonly #starts: readonly number[];
  #part = 0;
  #at = 0;

  /** The parts of the dictionary of this column. */
  constructor({ dictionary }: Data) {
    this.parts = dictionary!.data;
    const starts = [0];
    for (const { length } of this.parts) starts.push(starts.at(-1)! + length);
    this.#starts = starts;
  }

  /** The part that has the value that was found. */
  get part(): number {
    return this.#part;
  }

  /** Where it is in that part. */
  get at(): number {
    return this.#at;
  }

  /** Finds the value of this index, which is one of the dictionary's. */
  find(index: number): void {
    const starts = this.#starts;
    // Rows that follow each other often have values of one part.
    if (index < starts[this.#part] || index >= starts[this.#part + 1]) {
      let low = 0;
      let high = this.parts.length;
      while (high - low > 1) {
        const middle = (low + high) >> 1;
        if (starts[middle] <= index) low = middle;
        else high = middle;
      }
      this.#part = low;
    }
    this.#at = index - starts[this.#part];
  }
}
