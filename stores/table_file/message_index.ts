/**
 * The index in a table's file: where each message is, and what it sums up to.
 *
 * @module
 */
import { crc32 } from "node:zlib";
import type { TableMessage } from "../store.ts";

/**
 * The bytes of an entry: the checksum (uint32), the bytes of the framed header
 * (uint32), those of the body (uint64), and the rows (uint64), all little-endian.
 * The checksum is the CRC-32 of the entry's other bytes, the framed header and the body.
 */
export const ENTRY_BYTES = 24;
const CHECKSUM_BYTES = 4;

/** What the index tells of a message. */
export interface IndexEntry {
  /** The bytes of its header, with continuation marker, length and padding. */
  readonly headerBytes: number;
  /** The bytes of its body. */
  readonly bodyBytes: number;
  /** The rows that it adds to the table. */
  readonly rows: number;
  /** Whether these are the entry's message's bytes: header and body. */
  isOf(bytes: Uint8Array): boolean;
}

/** An index that grows with the messages. */
export class IndexWriter {
  #bytes = new Uint8Array(64 * ENTRY_BYTES);
  #length = 0;

  /** Adds a message, of which this is the framed header. */
  add(framedHeader: Uint8Array, message: TableMessage): void {
    if (this.#length === this.#bytes.length) {
      this.#bytes = new Uint8Array(this.#bytes.buffer.transfer(2 * this.#length));
    }
    const entry = this.#bytes.subarray(this.#length, this.#length + ENTRY_BYTES);
    const view = viewOf(entry);
    view.setUint32(4, framedHeader.length, true);
    view.setBigUint64(8, BigInt(message.body.length), true);
    view.setBigUint64(16, BigInt(message.rows), true);
    const ofHeader = crc32(framedHeader, crc32(entry.subarray(CHECKSUM_BYTES)));
    view.setUint32(0, crc32(message.body, ofHeader), true);
    this.#length += ENTRY_BYTES;
  }

  /** The messages in it. */
  get messages(): number {
    return this.#length / ENTRY_BYTES;
  }

  /** The index as it stands in the file. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }
}

/** The entries in these bytes of an index. */
export function readIndex(bytes: Uint8Array): IndexEntry[] {
  const entries: IndexEntry[] = [];
  for (let at = 0; at < bytes.length; at += ENTRY_BYTES) {
    entries.push(readEntry(bytes.subarray(at, at + ENTRY_BYTES)));
  }
  return entries;
}

function readEntry(bytes: Uint8Array): IndexEntry {
  const view = viewOf(bytes);
  const checksum = view.getUint32(0, true);
  return {
    headerBytes: view.getUint32(4, true),
    bodyBytes: Number(view.getBigUint64(8, true)),
    rows: Number(view.getBigUint64(16, true)),
    isOf: (message) =>
      crc32(message, crc32(bytes.subarray(CHECKSUM_BYTES))) === checksum,
  };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
