/**
 * Bytes on their way to the socket: small things joined, large ones as they are.
 *
 * @module
 */
import { FRAME_HEAD_BYTES } from "./frames.ts";

/** Pieces up to this size are copied; larger ones go to the socket as they are. */
const MAX_COPIED_BYTES = 4 * 1024;
/** How much is allocated at first, and at most, for what is copied. */
const MIN_CHUNK_BYTES = 1024;
const MAX_CHUNK_BYTES = 64 * 1024;

/** Collects what one write to the socket takes. */
export class OutBuffer {
  #parts: Uint8Array[] = [];
  /** Where small things are copied to. */
  #chunk: Uint8Array = new Uint8Array(MIN_CHUNK_BYTES);
  /** What of the chunk is not in `#parts` yet. */
  #start = 0;
  #end = 0;
  #length = 0;

  /** How many bytes it holds. */
  get length(): number {
    return this.#length;
  }

  /** Adds the head of a frame with a payload of so many bytes (RFC 9113, 4.1). */
  frameHead(length: number, type: number, flags: number, stream: number): void {
    const at = this.#reserve(FRAME_HEAD_BYTES);
    const chunk = this.#chunk;
    chunk[at] = length >>> 16;
    chunk[at + 1] = length >>> 8;
    chunk[at + 2] = length;
    chunk[at + 3] = type;
    chunk[at + 4] = flags;
    chunk[at + 5] = stream >>> 24;
    chunk[at + 6] = stream >>> 16;
    chunk[at + 7] = stream >>> 8;
    chunk[at + 8] = stream;
  }

  /** Adds a number of 8 bits. */
  uint8(value: number): void {
    // In this order, as room may be made in another chunk.
    const at = this.#reserve(1);
    this.#chunk[at] = value;
  }

  /** Adds a number of 16 bits. */
  uint16(value: number): void {
    this.uint8(value >>> 8);
    this.uint8(value);
  }

  /** Adds a number of 32 bits. */
  uint32(value: number): void {
    this.uint16(value >>> 16);
    this.uint16(value);
  }

  /** Adds bytes. Large ones are not copied, and must not change until they are sent. */
  bytes(bytes: Uint8Array): void {
    if (bytes.length <= MAX_COPIED_BYTES) {
      const at = this.#reserve(bytes.length);
      this.#chunk.set(bytes, at);
      return;
    }
    this.#flushChunk();
    this.#parts.push(bytes);
    this.#length += bytes.length;
  }

  /** The parts to write, in order. They stay as they are until `clear`. */
  parts(): readonly Uint8Array[] {
    this.#flushChunk();
    return this.#parts;
  }

  /** Forgets everything, to be filled again. */
  clear(): void {
    this.#parts = [];
    this.#start = this.#end = this.#length = 0;
  }

  #reserve(length: number): number {
    if (this.#end + length > this.#chunk.length) {
      this.#flushChunk();
      const doubled = Math.min(2 * this.#chunk.length, MAX_CHUNK_BYTES);
      this.#chunk = new Uint8Array(Math.max(doubled, length));
      this.#start = this.#end = 0;
    }
    const at = this.#end;
    this.#end += length;
    this.#length += length;
    return at;
  }

  #flushChunk(): void {
    if (this.#start === this.#end) return;
    this.#parts.push(this.#chunk.subarray(this.#start, this.#end));
    this.#start = this.#end;
  }
}
