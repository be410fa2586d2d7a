/**
 * Bytes of a text that grows.
 *
 * @module
 */

const FIRST_BYTES = 64 * 1024;
const ENCODER = new TextEncoder();
const ZERO = 48;
const MINUS = 45;

/** Takes bytes, and gives them as chunks. */
export class ByteSink {
  /** The bytes; those from `at` on are free. */
  bytes: Uint8Array = new Uint8Array(FIRST_BYTES);
  /** How many there are. */
  at = 0;
  #capacity = FIRST_BYTES;

  /** Makes room for so many more bytes. */
  reserve(count: number): void {
    if (this.at + count <= this.bytes.length) return;
    this.#capacity = Math.max(2 * this.bytes.length, this.at + count);
    const grown = new Uint8Array(this.#capacity);
    grown.set(this.bytes.subarray(0, this.at));
    this.bytes = grown;
  }

  /** Adds a byte. */
  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.at++] = value;
  }

  /** Adds characters of ASCII. */
  ascii(text: string): void {
    const length = text.length;
    this.reserve(length);
    for (let index = 0; index < length; index++) {
      this.bytes[this.at++] = text.charCodeAt(index);
    }
  }

  /** Adds a text of any characters. */
  text(text: string): void {
    this.reserve(3 * text.length);
    this.at += ENCODER.encodeInto(text, this.bytes.subarray(this.at)).written;
  }

  /** Adds bytes from a place to another. */
  copy(source: Uint8Array, start: number, end: number): void {
    this.reserve(end - start);
    const { bytes, at } = this;
    if (end - start > 48) bytes.set(source.subarray(start, end), at);
    else for (let from = start, to = at; from < end; from++) bytes[to++] = source[from];
    this.at += end - start;
  }

  /** Adds a whole number below 2^53. */
  int(value: number): void {
    this.reserve(17);
    const { bytes } = this;
    let rest = value;
    if (rest < 0) {
      bytes[this.at++] = MINUS;
      rest = -rest;
    }
    let digits = 1;
    for (let limit = 10; rest >= limit; limit *= 10) digits++;
    this.at += digits;
    for (let to = this.at - 1; digits > 0; digits--, to--) {
      // The division by bits is only for small numbers.
      const next = rest < 0x7fffffff ? rest / 10 | 0 : Math.floor(rest / 10);
      bytes[to] = ZERO + rest - 10 * next;
      rest = next;
    }
  }

  /** Adds a number with zeros before it, up to so many digits. */
  padded(value: number, digits: number): void {
    this.reserve(digits);
    this.at += digits;
    let rest = value;
    for (let to = this.at - 1, left = digits; left > 0; left--, to--) {
      const next = Math.floor(rest / 10);
      this.bytes[to] = ZERO + rest - 10 * next;
      rest = next;
    }
  }

  /** All bytes, which are nobody else's; after this there are none. */
  take(): Uint8Array {
    const taken = this.bytes.subarray(0, this.at);
    this.bytes = new Uint8Array(this.#capacity);
    this.at = 0;
    return taken;
  }
}
