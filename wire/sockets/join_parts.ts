/**
 * Small parts of a write, joined to one.
 *
 * @module
 */

/** A part up to here is copied: that costs less than a write of its own. */
const MAX_COPIED = 16 * 1024;
/** How many bytes small parts are joined to. */
const JOINED_BYTES = 64 * 1024;
/** The buffers for joining that are kept when no write uses them. */
const MAX_SPARE_BUFFERS = 4;

/** Joins parts, in memory that many sockets take turns to use. */
export class PartJoiner {
  readonly #spareBuffers: Uint8Array[] = [];

  /**
   * The bytes of the parts in order, in as few pieces as it takes. A piece has to be
   * written before the next one is asked for.
   */
  *join(parts: readonly Uint8Array[]): Generator<Uint8Array, void> {
    if (parts.length === 1) return yield parts[0];
    const buffer = this.#spareBuffers.pop() ?? new Uint8Array(JOINED_BYTES);
    try {
      let at = 0;
      for (let part of parts) {
        if (part.length <= MAX_COPIED) {
          if (at + part.length > buffer.length) {
            yield buffer.subarray(0, at);
            at = 0;
          }
        } else {
          if (at > 0) {
            // The head of a frame alone would be a packet, and a read, of its own.
            const head = part.subarray(0, Math.min(MAX_COPIED, buffer.length - at));
            buffer.set(head, at);
            yield buffer.subarray(0, at + head.length);
            part = part.subarray(head.length);
            at = 0;
          }
          yield part;
          continue;
        }
        buffer.set(part, at);
        at += part.length;
      }
      if (at > 0) yield buffer.subarray(0, at);
    } finally {
      if (this.#spareBuffers.length < MAX_SPARE_BUFFERS) {
        this.#spareBuffers.push(buffer);
      }
    }
  }
}
