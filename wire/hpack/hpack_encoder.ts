/**
 * Encodes header lists (HPACK, RFC 7541).
 *
 * @module
 */
import {
  DEFAULT_TABLE_SIZE,
  DynamicTable,
  FIELD_OVERHEAD,
  type HeaderField,
  STATIC_TABLE,
} from "./hpack_table.ts";
import { encodeHuffman, huffmanLength } from "./huffman.ts";

/**
 * Names whose values are nobody's business: they are encoded so that nobody keeps them
 * in a table, where compression could reveal them (RFC 7541, 7.1.3).
 */
const SENSITIVE =
  /token|secret|password|api-?key|^(authorization|proxy-authorization|cookie|set-cookie)$/;
/** Names whose values differ from call to call, so that a table would only fill up. */
const CHANGING: ReadonlySet<string> = new Set([
  "content-length",
  "date",
  "grpc-message",
  "grpc-status-details-bin",
  "grpc-timeout",
  "grpc-trace-bin",
  "traceparent",
  "x-request-id",
]);
/** The part of the table that one field may take. */
const MAX_TABLE_SHARE = 1 / 4;

/** How a literal begins (RFC 7541, 6.2): the bits before the integer, and how many follow. */
const INDEXED = { bits: 0x40, prefix: 6 } as const;
const NOT_INDEXED = { bits: 0x00, prefix: 4 } as const;
const NEVER_INDEXED = { bits: 0x10, prefix: 4 } as const;

/** What the static table has of a name. */
interface StaticName {
  /** Its first index. */
  readonly index: number;
  /** The index of each value. */
  readonly values: ReadonlyMap<string, number>;
}

/** The names of the static table, which all connections share. */
const STATIC_NAMES: ReadonlyMap<string, StaticName> = makeStaticNames();

/** The encoder of one connection. */
export class HpackEncoder {
  readonly #ownMaxSize: number;
  readonly #table: DynamicTable;
  /**
   * The values of each name in the dynamic table, with their numbers, counted from 0 as
   * they were added.
   */
  readonly #added: Map<string, Map<string, number>> = new Map();
  /** The smallest size since the last block; undefined when the size is as it was. */
  #smallestSize: number | undefined;
  #target: Uint8Array<ArrayBuffer> = new Uint8Array(512);
  #at = 0;

  /** An encoder with an empty table that never gets larger than this. */
  constructor(maxTableSize: number = DEFAULT_TABLE_SIZE) {
    this.#ownMaxSize = Math.min(maxTableSize, DEFAULT_TABLE_SIZE);
    this.#table = new DynamicTable(this.#ownMaxSize, {
      onEvict: (field) => this.#forget(field),
    });
    if (this.#ownMaxSize < DEFAULT_TABLE_SIZE) this.#smallestSize = this.#ownMaxSize;
  }

  /** Takes over the peer's SETTINGS_HEADER_TABLE_SIZE; the next block tells it. */
  setMaxTableSize(maxTableSize: number): void {
    const size = Math.min(maxTableSize, this.#ownMaxSize);
    if (size === this.#table.maxSize) return;
    this.#smallestSize = Math.min(size, this.#smallestSize ?? size);
    this.#table.resize(size);
  }

  /**
   * Encodes a list as one block, in memory of its own.
   *
   * @throws {RangeError} when a character is not an octet. The peer's table then lacks
   * what ours has, and the connection has to end.
   */
  encode(headers: Iterable<HeaderField>): Uint8Array<ArrayBuffer> {
    this.#at = 0;
    if (this.#smallestSize !== undefined) this.#writeSizes(this.#smallestSize);
    for (const [name, value] of headers) this.#writeField(name, value);
    return this.#target.slice(0, this.#at);
  }

  #writeSizes(smallest: number): void {
    const { maxSize } = this.#table;
    this.#reserve(16);
    if (smallest < maxSize) this.#writeInteger(smallest, 0x20, 5);
    this.#writeInteger(maxSize, 0x20, 5);
    this.#smallestSize = undefined;
  }

  #writeField(name: string, value: string): void {
    const number = this.#added.get(name)?.get(value);
    const index = number === undefined
      ? STATIC_NAMES.get(name)?.values.get(value)
      : this.#toIndex(number);
    if (index !== undefined) {
      this.#reserve(8);
      this.#writeInteger(index, 0x80, 7);
      return;
    }
    const form = this.#formOf(name, value);
    const nameIndex = this.#nameIndex(name);
    this.#reserve(16 + (nameIndex === 0 ? name.length : 0) + value.length);
    this.#writeInteger(nameIndex, form.bits, form.prefix);
    if (nameIndex === 0) this.#writeText(name);
    this.#writeText(value);
    if (form === INDEXED) this.#remember(name, value);
  }

  #formOf(
    name: string,
    value: string,
  ): typeof INDEXED | typeof NOT_INDEXED | typeof NEVER_INDEXED {
    if (SENSITIVE.test(name)) return NEVER_INDEXED;
    const size = name.length + value.length + FIELD_OVERHEAD;
    const isLarge = size > this.#table.maxSize * MAX_TABLE_SHARE;
    return isLarge || CHANGING.has(name) ? NOT_INDEXED : INDEXED;
  }

  /** The index at which a name stands in one of the tables; 0 when it is in none. */
  #nameIndex(name: string): number {
    const fixed = STATIC_NAMES.get(name);
    if (fixed !== undefined) return fixed.index;
    const added = this.#added.get(name);
    if (added === undefined) return 0;
    const [number] = added.values();
    return this.#toIndex(number);
  }

  /** The index at which the field of this number stands now. */
  #toIndex(number: number): number {
    return STATIC_TABLE.length + this.#table.added - number;
  }

  #remember(name: string, value: string): void {
    const number = this.#table.added;
    this.#table.add([name, value]);
    const values = this.#added.get(name);
    if (values === undefined) this.#added.set(name, new Map([[value, number]]));
    else values.set(value, number);
  }

  #forget([name, value]: HeaderField): void {
    const values = this.#added.get(name)!;
    values.delete(value);
    if (values.size === 0) this.#added.delete(name);
  }

  #writeText(text: string): void {
    const length = huffmanLength(text);
    if (length < text.length) {
      this.#writeInteger(length, 0x80, 7);
      this.#at = encodeHuffman(text, this.#target, this.#at);
      return;
    }
    this.#writeInteger(text.length, 0, 7);
    for (let index = 0; index < text.length; index++) {
      this.#target[this.#at++] = text.charCodeAt(index);
    }
  }

  /** Writes an integer behind these bits, of which an octet has so many for it (5.1). */
  #writeInteger(value: number, bits: number, prefixBits: number): void {
    const target = this.#target;
    const mask = (1 << prefixBits) - 1;
    if (value < mask) {
      target[this.#at++] = bits | value;
      return;
    }
    target[this.#at++] = bits | mask;
    let rest = value - mask;
    for (; rest >= 0x80; rest >>>= 7) target[this.#at++] = (rest & 0x7f) | 0x80;
    target[this.#at++] = rest;
  }

  /** Makes room for so many octets more. */
  #reserve(length: number): void {
    if (this.#at + length <= this.#target.length) return;
    const larger = new Uint8Array((this.#at + length) * 2);
    larger.set(this.#target.subarray(0, this.#at));
    this.#target = larger;
  }
}

function makeStaticNames(): Map<string, StaticName> {
  const names = new Map<string, StaticName & { values: Map<string, number> }>();
  for (const [position, [name, value]] of STATIC_TABLE.entries()) {
    const known = names.get(name);
    if (known !== undefined) known.values.set(value, position + 1);
    else {
      const values = new Map([[value, position + 1]]);
      names.set(name, { index: position + 1, values });
    }
  }
  return names;
}
