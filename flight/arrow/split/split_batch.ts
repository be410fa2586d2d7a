/**
 * Cuts a record batch by rows into messages that are small enough.
 *
 * @module
 */
import { type BatchColumn, batchColumns } from "../format/batch_columns.ts";
import type { IpcMessage } from "../format/write_message.ts";
import { sliceColumns } from "./slice_columns.ts";
import { sliceMessage } from "../../ipc/slice_message.ts";
import type { VerifiedRecordBatch } from "../format/verified_message.ts";

/** Cuts at such rows leave bitmaps where they are. */
const ALIGNMENT = 8;
/** The most rows that any implementation has to read; what has more is not cut. */
const MOST_ROWS = 2 ** 31 - 1;
/** How full a piece is to be, so that few turn out too large. */
const FILLING = 0.95;
/** A piece that is too large is cut at least to this share. */
const SHRINKING = 7 / 8;
/** All pieces together may cost so many times what the batch does. */
const MOST_COST = 4;
/** Each piece costs at least this share of the limit, as each is a message. */
const LEAST_COST = 1 / 8;

/** Some rows as a message. */
interface Piece {
  readonly message: IpcMessage;
  readonly count: number;
  readonly headerBytes: number;
  readonly bodyBytes: number;
}

/**
 * The batch in messages of no more than `maxBytes` bytes, header and body together;
 * none at all when it cannot be cut, as it is compressed, or when that is of no use.
 *
 * A row that is larger is a message of its own. Values that lie in no order, so that
 * each piece takes most of what the batch has, can make the pieces more than the
 * batch is worth: what is left of it then comes as one message.
 *
 * @throws {Finding} when a value that has to be followed leads astray.
 */
export function* cutBatch(
  batch: VerifiedRecordBatch,
  header: Uint8Array,
  body: Uint8Array,
  maxBytes: number,
): Generator<IpcMessage> {
  const { rows } = batch;
  if (batch.compression !== undefined || rows < 2) return;
  if (batch.nodes.some(({ length }) => length > MOST_ROWS)) return;
  const columns = batchColumns(batch, body);
  let allowance = MOST_COST * (header.length + body.length);
  let guess = fitting(rows, header.length, body.length, maxBytes);
  for (let start = 0; start < rows;) {
    let piece = cut(columns, header, start, alignedCount(start, guess, rows));
    while (sizeOf(piece) > maxBytes && piece.count > 1) {
      const { count, headerBytes, bodyBytes } = piece;
      const fewer = Math.min(
        fitting(count, headerBytes, bodyBytes, maxBytes),
        Math.floor(count * SHRINKING),
      );
      piece = cut(columns, header, start, alignedCount(start, fewer, rows));
    }
    if (start === 0 && 2 * piece.headerBytes > maxBytes) return;
    allowance -= Math.max(sizeOf(piece), maxBytes * LEAST_COST);
    if (allowance < 0) piece = cut(columns, header, start, rows - start);
    yield piece.message;
    const { count, headerBytes, bodyBytes } = piece;
    start += count;
    // Where rows are scattered, a guess from few of them would be far too high.
    guess = Math.min(2 * count, fitting(count, headerBytes, bodyBytes, maxBytes));
  }
}

function cut(
  columns: readonly BatchColumn[],
  header: Uint8Array,
  start: number,
  count: number,
): Piece {
  const message = sliceMessage(sliceColumns(columns, start, count), header);
  return {
    message,
    count,
    headerBytes: message.dataHeader.length,
    bodyBytes: message.dataBody.reduce((sum, { length }) => sum + length, 0),
  };
}

function sizeOf({ headerBytes, bodyBytes }: Piece): number {
  return headerBytes + bodyBytes;
}

/** How many rows fit, if all are as large as those that make this body. */
function fitting(
  count: number,
  headerBytes: number,
  bodyBytes: number,
  maxBytes: number,
): number {
  return Math.max(
    1,
    Math.floor(count * (maxBytes - headerBytes) * FILLING / bodyBytes),
  );
}

/** As many rows, or a few less, so that the next piece starts at a good row. */
function alignedCount(start: number, count: number, rows: number): number {
  const end = start + count;
  if (end >= rows) return rows - start;
  const aligned = end - end % ALIGNMENT;
  return aligned > start ? aligned - start : count;
}
