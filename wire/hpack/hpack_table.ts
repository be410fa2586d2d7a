/**
 * The tables of HPACK (RFC 7541, 2.3 and appendix A).
 *
 * @module
 */

/** A field of a header list. Each character of the two texts is an octet. */
export type HeaderField = readonly [name: string, value: string];

/** What each field counts beside its name and its value (RFC 7541, 4.1). */
export const FIELD_OVERHEAD = 32;
/** The size of a dynamic table of which no SETTINGS have said anything. */
export const DEFAULT_TABLE_SIZE = 4096;

/** The static table; its first entry has the index 1. */
export const STATIC_TABLE: readonly HeaderField[] = [
  [":authority", ""],
  [":method", "GET"],
  [":method", "POST"],
  [":path", "/"],
  [":path", "/index.html"],
  [":scheme", "http"],
  [":scheme", "https"],
  [":status", "200"],
  [":status", "204"],
  [":status", "206"],
  [":status", "304"],
  [":status", "400"],
  [":status", "404"],
  [":status", "500"],
  ["accept-charset", ""],
  ["accept-encoding", "gzip, deflate"],
  ["accept-language", ""],
  ["accept-ranges", ""],
  ["accept", ""],
  ["access-control-allow-origin", ""],
  ["age", ""],
  ["allow", ""],
  ["authorization", ""],
  ["cache-control", ""],
  ["content-disposition", ""],
  ["content-encoding", ""],
  ["content-language", ""],
  ["content-length", ""],
  ["content-location", ""],
  ["content-range", ""],
  ["content-type", ""],
  ["cookie", ""],
  ["date", ""],
  ["etag", ""],
  ["expect", ""],
  ["expires", ""],
  ["from", ""],
  ["host", ""],
  ["if-match", ""],
  ["if-modified-since", ""],
  ["if-none-match", ""],
  ["if-range", ""],
  ["if-unmodified-since", ""],
  ["last-modified", ""],
  ["link", ""],
  ["location", ""],
  ["max-forwards", ""],
  ["proxy-authenticate", ""],
  ["proxy-authorization", ""],
  ["range", ""],
  ["referer", ""],
  ["refresh", ""],
  ["retry-after", ""],
  ["server", ""],
  ["set-cookie", ""],
  ["strict-transport-security", ""],
  ["transfer-encoding", ""],
  ["user-agent", ""],
  ["vary", ""],
  ["via", ""],
  ["www-authenticate", ""],
];

/** What a field counts in a table and in a list (RFC 7541, 4.1). */
export function fieldSize([name, value]: HeaderField): number {
  return name.length + value.length + FIELD_OVERHEAD;
}

/** The dynamic table: the newest field is the first, and the oldest is evicted first. */
export class DynamicTable {
  /** A ring; the field that was added as the n-th is at n modulo its length. */
  readonly #ring: (HeaderField | undefined)[];
  #added = 0;
  #length = 0;
  #size = 0;
  #maxSize: number;
  readonly #onEvict: ((field: HeaderField) => void) | undefined;

  /** An empty table of at most this size. `onEvict` hears of each field that leaves. */
  constructor(
    maxSize: number,
    options: { onEvict?: (field: HeaderField) => void } = {},
  ) {
    this.#maxSize = maxSize;
    this.#ring = new Array(Math.floor(maxSize / FIELD_OVERHEAD) + 1);
    this.#onEvict = options.onEvict;
  }

  /** How many fields were ever added. */
  get added(): number {
    return this.#added;
  }

  /** The most that all fields may count together. */
  get maxSize(): number {
    return this.#maxSize;
  }

  /** The field that was added so many fields ago (0: the newest). */
  get(age: number): HeaderField | undefined {
    if (age >= this.#length) return undefined;
    return this.#ring[(this.#added - 1 - age) % this.#ring.length];
  }

  /** Adds a field. One that is larger than the table only empties it. */
  add(field: HeaderField): void {
    const size = fieldSize(field);
    this.#evict(this.#maxSize - size);
    if (size > this.#maxSize) return;
    this.#ring[this.#added % this.#ring.length] = field;
    this.#added++;
    this.#length++;
    this.#size += size;
  }

  /** Bounds the table anew, to no more than at first. */
  resize(maxSize: number): void {
    this.#maxSize = maxSize;
    this.#evict(maxSize);
  }

  /** Evicts fields until no more than this is taken. */
  #evict(size: number): void {
    while (this.#length > 0 && this.#size > size) {
      const slot = (this.#added - this.#length) % this.#ring.length;
      const field = this.#ring[slot]!;
      this.#ring[slot] = undefined;
      this.#length--;
      this.#size -= fieldSize(field);
      this.#onEvict?.(field);
    }
  }
}
