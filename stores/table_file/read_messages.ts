/**
 * The messages of a table's file.
 *
 * @module
 */
import type { TableMessage } from "../store.ts";
import { ENTRY_BYTES, type IndexEntry, readIndex } from "./message_index.ts";
import { DamagedFile, indexPosition, type TableFile } from "./trailer.ts";

/** Where the bytes of a table's file come from. */
export interface TableSource {
  /** So many bytes of the index, from this position in the file. */
  readIndex(position: number, length: number): Promise<Uint8Array>;
  /**
   * The next bytes of the stream, in memory of their own. It may be called again before
   * the bytes have come.
   */
  next(length: number): Promise<Uint8Array>;
}

/** Small messages are read together up to this many bytes. */
const BLOCK_BYTES = 512 * 1024;
/** The entries of the index that are read at once. */
const INDEX_ENTRIES = 2048;
/** The continuation marker and length before a header. */
const PREFIX_BYTES = 8;

/**
 * The table's messages, each of which agrees with its checksum. One block is read
 * ahead: a large message, or several small ones.
 *
 * @throws {DamagedFile} in place of a message that is not as it was written.
 */
export async function* readMessages(
  file: TableFile,
  source: TableSource,
): AsyncGenerator<TableMessage> {
  let reading: Promise<TableMessage[]> | undefined;
  try {
    for await (const block of blocksOf(file, source)) {
      const before = reading;
      reading = readBlock(block, source);
      // An error is thrown when the block's turn comes.
      reading.catch(() => {});
      if (before !== undefined) yield* await before;
    }
    if (reading !== undefined) yield* await reading;
  } finally {
    // The source must not be closed while it is read.
    await reading?.catch(() => {});
  }
}

/** The index in blocks of what is read together. */
async function* blocksOf(
  file: TableFile,
  source: TableSource,
): AsyncGenerator<IndexEntry[]> {
  let block: IndexEntry[] = [];
  let blockBytes = 0;
  let left = file.streamBytes;
  for (let first = 0; first < file.messages; first += INDEX_ENTRIES) {
    const count = Math.min(INDEX_ENTRIES, file.messages - first);
    const position = indexPosition(file, first);
    const entries = readIndex(await source.readIndex(position, count * ENTRY_BYTES));
    for (const entry of entries) {
      const bytes = entry.headerBytes + entry.bodyBytes;
      left -= bytes;
      if (left < 0) throw new DamagedFile("has a damaged index");
      if (block.length > 0 && blockBytes + bytes > BLOCK_BYTES) {
        yield block;
        block = [];
        blockBytes = 0;
      }
      block.push(entry);
      blockBytes += bytes;
    }
  }
  if (block.length > 0) yield block;
}

async function readBlock(
  block: readonly IndexEntry[],
  source: TableSource,
): Promise<TableMessage[]> {
  const lengths = block.map(({ headerBytes, bodyBytes }) => headerBytes + bodyBytes);
  const bytes = await source.next(lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  return block.map((entry, number) => {
    const message = bytes.subarray(at, at += lengths[number]);
    if (!entry.isOf(message)) {
      throw new DamagedFile("has a message whose checksum is wrong");
    }
    return {
      header: message.subarray(PREFIX_BYTES, entry.headerBytes),
      body: message.subarray(entry.headerBytes),
      rows: entry.rows,
    };
  });
}
