/**
 * A table's file that is in memory as a whole.
 *
 * @module
 */
import type { TableSource } from "./read_messages.ts";

/** Gives the bytes of a file that was read as a whole. */
export class BytesSource implements TableSource {
  readonly #bytes: Uint8Array;
  #position = 0;

  /** A source of these bytes. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  readIndex(position: number, length: number): Promise<Uint8Array> {
    return Promise.resolve(this.#bytes.subarray(position, position + length));
  }

  next(length: number): Promise<Uint8Array> {
    const start = this.#position;
    this.#position += length;
    return Promise.resolve(this.#bytes.subarray(start, this.#position));
  }
}
