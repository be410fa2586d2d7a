/**
 * Memory for large messages that are kept.
 *
 * @module
 */
import { UncountedGarbage } from "../../base/uncounted_memory.ts";

/** Smaller messages get memory that is counted. */
const MIN_UNCOUNTED_BYTES: number = 64 * 1024;
/**
 * Who has kept messages, and drops them, says that they are garbage. In case that it
 * does not, they are looked for after so many bytes.
 */
const LOOK_AFTER_BYTES: number = 512 * 1024 * 1024;

/** Gives memory to the messages of a server, which V8's garbage collector does not count. */
export class MessageMemory {
  /** The bytes that were given since garbage was looked for. */
  #given = 0;
  readonly #garbage = new UncountedGarbage();

  /** Memory of so many bytes, all of them 0. */
  take(length: number): Uint8Array {
    if (length < MIN_UNCOUNTED_BYTES) return new Uint8Array(length);
    this.#given += length;
    if (this.#given >= LOOK_AFTER_BYTES) {
      this.#garbage.add(this.#given);
      this.#given = 0;
    }
    return new Uint8Array(new SharedArrayBuffer(length));
  }
}
