/**
 * Splits a record batch by rows into messages that are small enough.
 *
 * @module
 */
import { bodyParts, type FlightDataInit } from "../../../proto/flight_data.ts";
import type { ArrowMessage } from "../format/arrow_message.ts";
import {
  allRegions,
  type BatchColumn,
  bytesIn,
  type RowRange,
  withBytes,
} from "../format/batch_columns.ts";
import { MAX_ROWS } from "../format/field_layout.ts";
import type { MessageHeader } from "../format/message_header.ts";
import type {
  VerifiedColumn,
  VerifiedRecordBatch,
} from "../format/verified_message.ts";
import { batchMessage, type MessageOptions } from "../format/write_message.ts";
import { sliceColumns } from "./slice_columns.ts";

/** Pieces begin at multiples of so many rows, where bitmaps need no copy. */
const ROW_ALIGNMENT = 8;
/** The part of the limit that a piece is to take, so that few are too large. */
const FILLING = 0.95;
/** A piece that is too large gets at most this part of its rows the next time. */
const SHRINKING = 7 / 8;
/** All pieces together may have so many times the bytes of the batch. */
const MAX_COST = 4;
/** Each piece counts for at least this part of the limit, as each is a message. */
const MIN_PIECE_COST = 1 / 8;

/** A record batch, with its message. */
export interface BatchMessage {
  /** The message. */
  readonly message: ArrowMessage;
  /** Its header. */
  readonly header: MessageHeader;
  /** What it consists of. */
  readonly batch: VerifiedRecordBatch;
}

/** Some rows as a message. */
interface Piece {
  readonly message: FlightDataInit;
  readonly count: number;
  readonly headerBytes: number;
  readonly bodyBytes: number;
}

/**
 * The batch in messages of no more than `maxBytes` bytes, header and body together;
 * none when it cannot be split, as it is compressed, or when that is of no use.
 *
 * A row that is larger is a message of its own. Where values have no order, each piece can
 * need most of what the batch has: when the pieces take more bytes than splitting is
 * worth, the rest of the batch is one message.
 *
 * @throws {Finding} when an offset or a size leads out of its column.
 */
export function* splitBatch(
  { message, header, batch }: BatchMessage,
  maxBytes: number,
): Generator<FlightDataInit> {
  const { rows } = batch;
  if (batch.compression !== undefined || rows < 2) return;
  if (batch.columns.some(isTooLong)) return;
  const columns = withBytes(batch.columns, bytesIn(message.body));
  const options = optionsOf(batch, header);
  const piece = (start: number, count: number) =>
    makePiece(columns, { start, count: alignedCount(start, count, rows) }, options);
  const headerBytes = message.header.length;
  const bodyBytes = message.body.length;
  let allowance = MAX_COST * (headerBytes + bodyBytes);
  let guess = fitting({ count: rows, headerBytes, bodyBytes }, maxBytes);
  for (let start = 0; start < rows;) {
    let next = piece(start, guess);
    while (sizeOf(next) > maxBytes && next.count > 1) {
      const fewer = Math.floor(next.count * SHRINKING);
      next = piece(start, Math.min(fitting(next, maxBytes), fewer));
    }
    if (start === 0 && 2 * next.headerBytes > maxBytes) return;
    allowance -= Math.max(sizeOf(next), maxBytes * MIN_PIECE_COST);
    if (allowance < 0) next = piece(start, rows - start);
    yield next.message;
    start += next.count;
    // Rows that are far apart make a guess from few of them much too high.
    guess = Math.min(2 * next.count, fitting(next, maxBytes));
  }
}

/** Each piece says of itself what the batch does, and is laid out as it is. */
function optionsOf(batch: VerifiedRecordBatch, header: MessageHeader): MessageOptions {
  const isAligned = allRegions(batch.columns).every(({ offset }) => offset % 64 === 0);
  return {
    version: header.version as MessageOptions["version"],
    metadata: header.readMetadata(),
    alignment: isAligned ? 64 : 8,
  };
}

/** Whether an array has more rows than a reader has to take. */
function isTooLong({ node, children }: VerifiedColumn): boolean {
  return node.length > MAX_ROWS || children.some(isTooLong);
}

function makePiece(
  columns: readonly BatchColumn[],
  { start, count }: RowRange,
  options: MessageOptions,
): Piece {
  const message = batchMessage(sliceColumns(columns, start, count), options);
  return {
    message,
    count,
    headerBytes: message.dataHeader?.length ?? 0,
    bodyBytes: bodyParts(message).reduce((sum, { length }) => sum + length, 0),
  };
}

function sizeOf({ headerBytes, bodyBytes }: Piece): number {
  return headerBytes + bodyBytes;
}

/** How many rows fit into a message, if all are as large as those of this one. */
function fitting(
  { count, headerBytes, bodyBytes }: Omit<Piece, "message">,
  maxBytes: number,
): number {
  const rows = count * (maxBytes - headerBytes) * FILLING / bodyBytes;
  return Math.max(1, Math.floor(rows));
}

/** As many rows, or a few less, so that the next piece starts at a good row. */
function alignedCount(start: number, count: number, rows: number): number {
  const end = start + count;
  if (end >= rows) return rows - start;
  const aligned = end - end % ROW_ALIGNMENT;
  return aligned > start ? aligned - start : count;
}
