/**
 * Reads protobuf for those messages for which protobufjs copies too much, or is not strict
 * enough.
 *
 * @module
 */

// A byte order mark is a part of the text like any other character.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads the fields of one message, and never beyond its end. */
export class FieldReader {
  #name: string;
  #bytes: Uint8Array;
  #at = 0;

  /** A reader of the message of this name in these bytes. */
  constructor(name: string, bytes: Uint8Array) {
    this.#name = name;
    this.#bytes = bytes;
  }

  /** Whether all of the message was read. */
  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** The next number; one of more than 53 bits is rounded. */
  varint(): number {
    let value = 0;
    for (let index = 0; index < 10; index++) {
      if (this.done) throw this.#refusal("it ends inside a number");
      const byte = this.#bytes[this.#at++];
      value += (byte & 127) * 2 ** (7 * index);
      if (byte < 128) return value;
    }
    throw this.#refusal("a number has more than 64 bits");
  }

  /** The next field of bytes, as a view. */
  bytes(): Uint8Array {
    const length = this.varint();
    if (length > this.#bytes.length - this.#at) {
      throw this.#refusal("a field is longer than the message");
    }
    const start = this.#bytes.byteOffset + this.#at;
    this.#at += length;
    return new Uint8Array(this.#bytes.buffer, start, length);
  }

  /** The next field of text, which has to be UTF-8. */
  text(): string {
    const bytes = this.bytes();
    try {
      return decoder.decode(bytes);
    } catch {
      throw this.#refusal("a text is not UTF-8");
    }
  }

  /** Skips the value of a field that is not known. */
  skip(tag: number): void {
    if (tag < 8) throw this.#refusal("a field has number 0");
    const wireType = tag % 8;
    if (wireType === 0) this.varint();
    else if (wireType === 1) this.#advance(8);
    else if (wireType === 2) this.bytes();
    else if (wireType === 5) this.#advance(4);
    else throw this.#refusal(`a field has the unknown wire type ${wireType}`);
  }

  #advance(count: number): void {
    if (count > this.#bytes.length - this.#at) {
      throw this.#refusal("it ends inside a field");
    }
    this.#at += count;
  }

  #refusal(reason: string): SyntaxError {
    return new SyntaxError(`Cannot read a ${this.#name}: ${reason}`);
  }
}
