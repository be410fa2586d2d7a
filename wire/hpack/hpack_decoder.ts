/**
 * Decodes header lists (HPACK, RFC 7541), and counts them while it does.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import {
  DEFAULT_TABLE_SIZE,
  DynamicTable,
  FIELD_OVERHEAD,
  type HeaderField,
  STATIC_TABLE,
} from "./hpack_table.ts";
import { decodeHuffman, maxDecodedLength } from "./huffman.ts";

/** A block that cannot be decoded: the connection ends with COMPRESSION_ERROR. */
export class CompressionError extends Error {
  /** An error that says what is wrong with the block. */
  constructor(message: string) {
    super(`Cannot decode the headers: ${message}`);
    this.name = "CompressionError";
  }
}

/** What a block stands for. */
export interface DecodedHeaders {
  /** The fields in order; without those from which the list was too large. */
  readonly headers: HeaderField[];
  /** What the fields count: the names, the values, and 32 for each. Not exact above the limit. */
  readonly size: number;
  /** Whether that is more than was allowed. */
  readonly isTooLarge: boolean;
}

/**
 * How many octets beyond the prefix an integer may have: with four, the largest is
 * about 2^28, above every block and table.
 */
const MAX_INTEGER_OCTETS = 4;
/** Where usual texts are decoded to; longer ones get memory of their own. */
const SCRATCH_BYTES = 4096;
/** One update for the smallest size since the last block, and one for the size now. */
const MAX_SIZE_UPDATES = 2;

/** The decoder of one connection: its table is that of the peer's encoder. */
export class HpackDecoder {
  /** The most that the peer may give its table: the SETTINGS_HEADER_TABLE_SIZE of ours. */
  readonly #maxTableSize: number;
  readonly #table: DynamicTable;
  #scratch: Buffer | undefined;
  // Of the block that is being decoded.
  #block: Uint8Array = new Uint8Array();
  #at = 0;

  /** A decoder with an empty table, which may have this size. */
  constructor(maxTableSize: number = DEFAULT_TABLE_SIZE) {
    this.#maxTableSize = maxTableSize;
    this.#table = new DynamicTable(maxTableSize);
  }

  /**
   * Decodes a whole block, also when the list is larger than `maxListSize`, or the
   * table would differ from the peer's from then on.
   *
   * @throws {CompressionError} when the block breaks a rule.
   */
  decode(block: Uint8Array, maxListSize: number): DecodedHeaders {
    this.#block = block;
    this.#at = 0;
    const headers: HeaderField[] = [];
    let size = 0;
    let updates = 0;
    let isFirst = true;
    while (this.#at < block.length) {
      const first = block[this.#at];
      if ((first & 0xe0) === 0x20) {
        if (!isFirst || updates++ === MAX_SIZE_UPDATES) {
          throw new CompressionError(
            isFirst
              ? "the size of the table changes more than twice"
              : "the size of the table changes behind a field",
          );
        }
        this.#resize();
        continue;
      }
      isFirst = false;
      const isKept = size <= maxListSize;
      const field = first >= 0x80
        ? this.#lookUp(this.#readInteger(7))
        : this.#readLiteral(first, isKept);
      size += field[0].length + field[1].length + FIELD_OVERHEAD;
      if (size <= maxListSize) headers.push(field);
    }
    this.#block = new Uint8Array();
    return { headers, size, isTooLarge: size > maxListSize };
  }

  #resize(): void {
    const size = this.#readInteger(5);
    if (size > this.#maxTableSize) {
      throw new CompressionError(
        `the table is to have ${size} bytes, and may have ${this.#maxTableSize}`,
      );
    }
    this.#table.resize(size);
  }

  #lookUp(index: number): HeaderField {
    const field = index <= STATIC_TABLE.length
      ? STATIC_TABLE[index - 1]
      : this.#table.get(index - STATIC_TABLE.length - 1);
    if (field === undefined) {
      throw new CompressionError(`there is no entry ${index} in the tables`);
    }
    return field;
  }

  #readLiteral(first: number, isKept: boolean): HeaderField {
    const isIndexed = first >= 0x40;
    const index = this.#readInteger(isIndexed ? 6 : 4);
    const isMade = isIndexed || isKept;
    const name = index === 0 ? this.#readText(isMade) : this.#lookUp(index)[0];
    const value = this.#readText(isMade);
    const field: HeaderField = [name, value];
    if (isIndexed) this.#table.add(field);
    return field;
  }

  /** Reads a text; one that is not to be made is checked and counts, but is empty. */
  #readText(isMade: boolean): string {
    const { length: end } = this.#block;
    if (this.#at === end) throw new CompressionError("it ends inside a field");
    const isHuffman = this.#block[this.#at] >= 0x80;
    const length = this.#readInteger(7);
    const start = this.#at;
    if (length > end - start) {
      throw new CompressionError(
        `a text of ${length} bytes is longer than what follows of the block`,
      );
    }
    this.#at += length;
    if (isHuffman) return this.#readHuffman(start, isMade);
    if (!isMade || length === 0) return "";
    const { buffer, byteOffset } = this.#block;
    return Buffer.from(buffer, byteOffset + start, length).toString("latin1");
  }

  #readHuffman(start: number, isMade: boolean): string {
    const room = maxDecodedLength(this.#at - start);
    const target = room <= SCRATCH_BYTES
      ? this.#scratch ??= Buffer.alloc(SCRATCH_BYTES)
      : Buffer.alloc(room);
    const length = decodeHuffman(this.#block, { start, end: this.#at }, target);
    if (length === -1) {
      throw new CompressionError("a Huffman code has EOS or wrong padding");
    }
    return isMade ? target.toString("latin1", 0, length) : "";
  }

  /** Reads an integer of which so many bits stand in the octet at hand (5.1). */
  #readInteger(prefixBits: number): number {
    const block = this.#block;
    const mask = (1 << prefixBits) - 1;
    let value = block[this.#at++] & mask;
    if (value < mask) return value;
    for (let octet = 0; octet < MAX_INTEGER_OCTETS; octet++) {
      if (this.#at === block.length) {
        throw new CompressionError("it ends inside an integer");
      }
      const next = block[this.#at++];
      value += (next & 0x7f) << (7 * octet);
      if (next < 0x80) return value;
    }
    throw new CompressionError("an integer is too large");
  }
}
