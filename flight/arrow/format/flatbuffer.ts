/**
 * Reads a flatbuffer that may be hostile: what is read was found to lie inside of the
 * bytes, at its alignment.
 *
 * @module
 */
import { Finding } from "./finding.ts";

/**
 * How often each byte may be used on average. Tables may share parts: without a limit, a
 * small flatbuffer could stand for a tree that takes years to walk.
 */
const MAX_USES = 2;
const TWO_TO_32 = 2 ** 32;
const NAMES = new TextDecoder();

/** What the tables of one flatbuffer have in common. */
interface Source {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** How many more bytes may be visited. */
  allowance: number;
}

/**
 * A table of a flatbuffer. Its fields are found by slot, their number in the
 * table's definition from 0 on, where a union takes two.
 *
 * @throws {Finding} from every method, when what it reads is not sound.
 */
export class FlatTable {
  readonly #source: Source;
  readonly #start: number;
  readonly #size: number;
  readonly #vtable: number;
  readonly #vtableSize: number;

  private constructor(source: Source, start: number) {
    const { view } = source;
    checkRange(view, start, 4, 4, "a table");
    const vtable = start - view.getInt32(start, true);
    checkRange(view, vtable, 4, 2, "a vtable");
    const vtableSize = view.getUint16(vtable, true);
    const size = view.getUint16(vtable + 2, true);
    if (vtableSize < 4 || vtableSize % 2 !== 0 || size < 4) {
      throw unsound("a vtable gives impossible sizes");
    }
    checkRange(view, vtable, vtableSize, 2, "a vtable");
    checkRange(view, start, size, 4, "a table");
    spend(source, size);
    this.#source = source;
    this.#start = start;
    this.#size = size;
    this.#vtable = vtable;
    this.#vtableSize = vtableSize;
  }

  /** The table that a flatbuffer starts with. Bytes may follow after its end. */
  static root(bytes: Uint8Array): FlatTable {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const source = { bytes, view, allowance: MAX_USES * bytes.length };
    checkRange(view, 0, 4, 4, "the root");
    return new FlatTable(source, view.getUint32(0, true));
  }

  /** Whether the table has a field that refers to something else. */
  has(slot: number): boolean {
    return this.#find(slot, 4) !== 0;
  }

  /** A field of one byte. */
  uint8(slot: number): number {
    const at = this.#find(slot, 1);
    return at === 0 ? 0 : this.#source.view.getUint8(at);
  }

  /** A field that is true or false. */
  bool(slot: number): boolean {
    return this.uint8(slot) !== 0;
  }

  /** A signed field of two bytes. */
  int16(slot: number, absent = 0): number {
    const at = this.#find(slot, 2);
    return at === 0 ? absent : this.#source.view.getInt16(at, true);
  }

  /** A signed field of four bytes. */
  int32(slot: number, absent = 0): number {
    const at = this.#find(slot, 4);
    return at === 0 ? absent : this.#source.view.getInt32(at, true);
  }

  /** A signed field of eight bytes, rounded when it is beyond 2^53. */
  int64(slot: number): number {
    const at = this.#find(slot, 8);
    return at === 0 ? 0 : readInt64(this.#source.view, at);
  }

  /** A signed field of eight bytes, exactly. */
  bigint64(slot: number): bigint {
    const at = this.#find(slot, 8);
    return at === 0 ? 0n : this.#source.view.getBigInt64(at, true);
  }

  /** The table that the field refers to. */
  table(slot: number): FlatTable | undefined {
    const at = this.#find(slot, 4);
    return at === 0 ? undefined : new FlatTable(this.#source, this.#follow(at));
  }

  /** The bytes of a string, which need not be UTF-8. */
  bytes(slot: number): Uint8Array | undefined {
    const found = this.#vector(slot, 1, 1);
    return found &&
      this.#source.bytes.subarray(found.start, found.start + found.length);
  }

  /** The text of a string; bytes that are not UTF-8 give replacement characters. */
  string(slot: number): string | undefined {
    const bytes = this.bytes(slot);
    return bytes && NAMES.decode(bytes);
  }

  /** The vector of numbers or structs of `elementSize` bytes each. */
  vector(slot: number, elementSize: number): FlatVector | undefined {
    const found = this.#vector(slot, elementSize, 0);
    return found && new FlatVector(this.#source.view, found.start, found.length);
  }

  /** The tables in a vector, each when it is asked for; none when it is absent. */
  *tables(slot: number): Generator<FlatTable> {
    const found = this.#vector(slot, 4, 0);
    if (found === undefined) return;
    for (let index = 0; index < found.length; index++) {
      yield new FlatTable(this.#source, this.#follow(found.start + 4 * index));
    }
  }

  /** Where a field of this size lies, 0 when the table does not have it. */
  #find(slot: number, size: number): number {
    const entry = 4 + 2 * slot;
    if (entry + 2 > this.#vtableSize) return 0;
    const offset = this.#source.view.getUint16(this.#vtable + entry, true);
    if (offset === 0) return 0;
    if (offset < 4 || offset + size > this.#size) {
      throw unsound("a field lies outside of its table");
    }
    const at = this.#start + offset;
    if (at % size !== 0) throw unsound("a field is not aligned");
    return at;
  }

  #follow(at: number): number {
    const offset = this.#source.view.getUint32(at, true);
    if (offset === 0) throw unsound("an offset points to itself");
    return at + offset;
  }

  #vector(
    slot: number,
    elementSize: number,
    terminators: number,
  ): { start: number; length: number } | undefined {
    const at = this.#find(slot, 4);
    if (at === 0) return undefined;
    const { view } = this.#source;
    const head = this.#follow(at);
    checkRange(view, head, 4, 4, "a vector");
    const length = view.getUint32(head, true);
    const start = head + 4;
    const size = length * elementSize;
    checkRange(view, start, size + terminators, 1, "a vector");
    const alignment = Math.min(elementSize, 8);
    if (length > 0 && start % alignment !== 0) {
      throw unsound("a vector's elements are not aligned");
    }
    if (terminators > 0 && view.getUint8(start + size) !== 0) {
      throw unsound("a string does not end with a zero byte");
    }
    spend(this.#source, size);
    return { start, length };
  }
}

/** Numbers or structs that follow each other, all known to be inside the bytes. */
export class FlatVector {
  /** How many elements there are. */
  readonly length: number;
  readonly #view: DataView;
  readonly #start: number;

  /** A vector over bytes that were checked before. */
  constructor(view: DataView, start: number, length: number) {
    this.#view = view;
    this.#start = start;
    this.length = length;
  }

  /** The four bytes at this byte of the vector, as a signed number. */
  int32(offset: number): number {
    return this.#view.getInt32(this.#start + offset, true);
  }

  /** The eight bytes at this byte of the vector, rounded when beyond 2^53. */
  int64(offset: number): number {
    return readInt64(this.#view, this.#start + offset);
  }
}

/** A signed number of eight bytes, rounded when it is beyond 2^53. */
export function readInt64(view: DataView, at: number): number {
  return view.getInt32(at + 4, true) * TWO_TO_32 + view.getUint32(at, true);
}

function checkRange(
  view: DataView,
  start: number,
  size: number,
  alignment: number,
  what: string,
): void {
  if (start < 0 || start + size > view.byteLength) {
    throw unsound(`${what} lies outside of its ${view.byteLength} bytes`);
  }
  if (start % alignment !== 0) throw unsound(`${what} is not aligned`);
}

function spend(source: Source, size: number): void {
  source.allowance -= size;
  if (source.allowance < 0) throw unsound("its parts overlap too often");
}

function unsound(reason: string): Finding {
  return new Finding(`its header is not a sound flatbuffer: ${reason}`);
}
