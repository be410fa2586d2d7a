/**
 * Memory for large messages that are kept.
 *
 * @module
 */
import { UncountedGarbage } from "../../base/uncounted_memory.ts";

/** Smaller messages get memory that is counted. */
const MIN_UNCOUNTED_BYTES: number = 64 * 1024;
/**
 * Who drops messages that were kept says that they are garbage. In case that it does
 * not, they are looked for when as much was given as is in use, or more than this.
 */
const MIN_GIVEN_BYTES: number = 256 * 1024 * 1024;
/** Gives memory to the messages of a server, which V8's garbage collector does not count. */
export class MessageMemory {
  /** The bytes that were given and not collected. */
  #inUse = 0;
  /** Those that were given since garbage was looked for. */
  #given = 0;
  readonly #garbage = new UncountedGarbage();
  readonly #collected = new FinalizationRegistry<number>((bytes) => {
    this.#inUse -= bytes;
  });

  /** Memory of so many bytes, all of them 0. */
  take(length: number): Uint8Array {
    if (length < MIN_UNCOUNTED_BYTES) return new Uint8Array(length);
    this.#inUse += length;
    this.#given += length;
    if (this.#given > Math.max(this.#inUse, MIN_GIVEN_BYTES)) {
      this.#garbage.add(this.#given);
      this.#given = 0;
    }
    const buffer = new SharedArrayBuffer(length);
    this.#collected.register(buffer, length);
    return new Uint8Array(buffer);
  }
}
