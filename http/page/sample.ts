/**
 * The first rows of a table.
 *
 * @module
 */
import { setImmediate } from "node:timers/promises";
import { bodyParts, type FlightDataInit } from "../../proto/flight_data.ts";
import { FlightError } from "../../flight/errors.ts";
import { decode } from "../../flight/arrow/decode/decode.ts";
import { splitMessages } from "../../flight/arrow/split/split_messages.ts";
import type { Share } from "../../base/shared_limit.ts";
import type { TableReading } from "../../stores/table_reading.ts";
import { type Cells, cellsOf } from "./cells.ts";

/** A sample has no more than so many rows. */
const MAX_SAMPLE_ROWS = 10_000;
/** No more messages are read after so many bytes. */
const MAX_BYTES = 16 * 1024 * 1024;
/** Dictionaries before the first row may have so many bytes. */
const MAX_BYTES_BEFORE_ROWS = 256 * 1024 * 1024;
/** Batches are split into about so many bytes, of which the first are enough. */
const PIECE_BYTES = 1024 * 1024;
/** A compressed batch cannot be split, and is not unpacked when it has more bytes. */
const MAX_UNPACKED_BYTES = 256 * 1024 * 1024;
/** So long are batches read, in milliseconds: there may be many small ones. */
const MAX_TIME_MS = 1000;

/** The first rows of some columns. */
export interface Sample {
  /** How many rows it has. */
  readonly rows: number;
  /** The parts of each column. */
  readonly columns: readonly (readonly Cells[])[];
  /** Why it has fewer rows than it could have; undefined when nothing was wrong. */
  readonly problem: string | undefined;
}

/** Which columns a sample has, and what ends it. */
export interface SampleOptions {
  /** The names of the columns, each of which may be there several times. */
  readonly columns: readonly string[];
  /** Counts the fields of schemas that are in use. */
  readonly share: Share;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/**
 * Reads the first rows of a table: some messages from its beginning, however large it is.
 * Values that cannot be read are no error, but a problem that is told.
 */
export async function readSample(
  table: TableReading,
  { columns, share, signal }: SampleOptions,
): Promise<Sample> {
  const parts: Cells[][] = [];
  let rows = 0;
  let bytes = 0;
  const end = performance.now() + MAX_TIME_MS;
  async function* counted(): AsyncGenerator<FlightDataInit> {
    for await (const data of splitMessages(table.messages(), PIECE_BYTES, { share })) {
      yield data;
      for (const part of bodyParts(data)) bytes += part.length;
      if (rows === 0 && bytes > MAX_BYTES_BEFORE_ROWS) throw tooLarge();
    }
  }
  const reader = decode(counted(), {
    columns,
    code: "DATA_LOSS",
    maxDecompressedBytes: MAX_UNPACKED_BYTES,
  });
  let problem: string | undefined;
  try {
    for await (const { data } of reader.batches()) {
      signal.throwIfAborted();
      data.children.forEach((child, column) => {
        (parts[column] ??= []).push(cellsOf(child));
      });
      rows += data.length;
      const isEnough = rows >= MAX_SAMPLE_ROWS || bytes >= MAX_BYTES;
      if (isEnough || performance.now() > end) break;
      await setImmediate();
    }
  } catch (error) {
    if (!(error instanceof FlightError)) throw error;
    problem = error.message;
  }
  return { rows: Math.min(rows, MAX_SAMPLE_ROWS), columns: parts, problem };
}

function tooLarge(): FlightError {
  return new FlightError(
    "RESOURCE_EXHAUSTED",
    `Cannot show the first rows: the dictionaries before them have more than ${MAX_BYTES_BEFORE_ROWS} bytes`,
  );
}
