/**
 * The dictionaries of a stream that is being read.
 *
 * @module
 */
import { Data, type DataType, Vector } from "apache-arrow";
import { FlightError } from "../../errors.ts";
import { checkRows } from "./check_rows.ts";

/** A dictionary and what was added to it. */
interface DictionaryParts {
  readonly chunks: Data[];
  /** How many rows they have in all. */
  readonly rows: number;
  /** How many bytes they have in all. */
  readonly bytes: number;
  /** The values that were read, by index: a delta changes none of them. */
  readonly read: unknown[];
}

/**
 * The most values of a dictionary in which a value takes less than a bit: apache-arrow
 * makes an array as long as the dictionary for every map whose keys are in it.
 */
const MAX_TINY_VALUES = 2 ** 16;

/** Keeps dictionaries, each with the deltas that came for it. */
export class Dictionaries {
  /** The dictionaries as they are now. */
  readonly #parts = new Map<number, DictionaryParts>();
  /** The same for apache-arrow; a batch keeps those that it was loaded with. */
  readonly #vectors = new Map<number, Vector>();
  /** Which of them changed since they were used. */
  readonly #changed = new Set<number>();

  /** Empty dictionaries of these types: a batch of nulls may come before the values. */
  constructor(types: ReadonlyMap<number, DataType>) {
    for (const [id, type] of types) this.replace(id, new Data(type, 0, 0));
  }

  /**
   * Takes values in the place of those that the dictionary had.
   *
   * @throws {FlightError} UNIMPLEMENTED when there are more than apache-arrow can take.
   */
  replace(id: number, values: Data): void {
    const { length, byteLength } = values;
    this.#keep(id, { chunks: [values], rows: length, bytes: byteLength, read: [] });
  }

  /**
   * Adds values to the dictionary.
   *
   * @throws {FlightError} UNIMPLEMENTED when there are more than apache-arrow can take.
   */
  add(id: number, values: Data): void {
    const { chunks, rows, bytes, read } = this.#parts.get(id)!;
    // The array stays the same, as a copy for each of many deltas would take too long.
    chunks.push(values);
    this.#keep(id, {
      chunks,
      rows: rows + values.length,
      bytes: bytes + values.byteLength,
      read,
    });
  }

  /**
   * The dictionaries as vectors. They are made only when they are used: to make them after
   * each of many deltas would take too long.
   */
  vectors(): ReadonlyMap<number, Vector> {
    for (const id of this.#changed) {
      this.#vectors.set(id, dictionaryVector(this.#parts.get(id)!));
    }
    this.#changed.clear();
    return this.#vectors;
  }

  #keep(id: number, parts: DictionaryParts): void {
    const { rows, bytes } = parts;
    checkRows(rows);
    if (rows > MAX_TINY_VALUES && rows > 8 * bytes) {
      throw new FlightError(
        "UNIMPLEMENTED",
        `Cannot read a dictionary of ${rows} values in ${bytes} bytes: values of less than a bit may be ${MAX_TINY_VALUES} at most`,
      );
    }
    this.#parts.set(id, parts);
    this.#changed.add(id);
  }
}

/**
 * A vector that remembers the values that were read, so that a text is decoded once, and
 * takes bigints, by which apache-arrow asks when indices have 64 bits. `memoize()` of
 * apache-arrow would take room for all values at once, and again after each delta.
 */
function dictionaryVector({ chunks, read }: DictionaryParts): Vector {
  const vector = new Vector([...chunks]);
  return Object.create(vector, {
    get: {
      value(index: number | bigint): unknown {
        const row = Number(index);
        return read[row] ??= vector.get(row);
      },
    },
  });
}
