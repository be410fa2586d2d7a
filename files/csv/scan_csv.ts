/**
 * Finds the cells of a CSV file (RFC 4180).
 *
 * @module
 */
import { isUtf8 } from "node:buffer";
import { FileError } from "../file_error.ts";
import { type Block, countLines, ESCAPED, PLAIN, QUOTED } from "./block.ts";
import { findBadUtf8 } from "../values/find_bad_utf8.ts";

/** How {@linkcode scanCsv} reads. */
export interface ScanOptions {
  /** The byte between two cells. */
  readonly delimiter: number;
  /** How many cells each row has. @default as many as the first */
  readonly columns?: number;
  /** The file's name, for messages. */
  readonly file?: string;
  /** Whether the bytes are only the first of the file. @default false */
  readonly isPart?: boolean;
  /** So many rows are wanted. @default all */
  readonly maxRows?: number;
  /** The most bytes of a block, unless a row is larger. @default 2 MiB */
  readonly blockBytes?: number;
}

const DEFAULT_BLOCK_BYTES = 2 << 20;
/** The largest row. */
const MAX_ROW_BYTES = 64 << 20;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const QUOTE = 34;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/**
 * The rows of a file, in blocks. A block's memory is used again for the next one. Empty
 * lines are no rows, unless a row has one cell only.
 *
 * @throws {FileError} when a row has too many or too few cells, a quote is not closed or
 * has text behind it, or bytes are not UTF-8.
 */
export async function* scanCsv(
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  options: ScanOptions,
): AsyncGenerator<Block> {
  const scanner = new Scanner(options);
  for await (const chunk of chunks) {
    for (let from = 0; from < chunk.length;) {
      from += scanner.fill(chunk.subarray(from));
      if (scanner.isFull) {
        const block = scanner.scan(false);
        if (block.rows > 0) yield block;
      }
    }
  }
  const block = scanner.scan(!options.isPart);
  if (block.rows > 0) yield block;
}

class Scanner {
  readonly #options: ScanOptions;
  readonly #stops = new Uint8Array(256);
  #bytes: Uint8Array;
  /** The cells found in the bytes: with one place more, for a line feed at their end. */
  #starts = new Int32Array(1 << 16);
  #ends = new Int32Array(1 << 16);
  #kinds = new Uint8Array(1 << 16);
  /** Where the first row that was not given starts. */
  #start = 0;
  #filled = 0;
  #line = 1;
  /** The lines of the rows that were found last. */
  #lines = 0;
  /** The number of the first byte in the file. */
  #offset = 0;
  #columns: number | undefined;
  #isFirst = true;

  constructor(options: ScanOptions) {
    this.#options = options;
    this.#columns = options.columns;
    this.#bytes = new Uint8Array((options.blockBytes ?? DEFAULT_BLOCK_BYTES) + 1);
    for (const byte of [options.delimiter, LINE_FEED, CARRIAGE_RETURN]) {
      this.#stops[byte] = 1;
    }
  }

  /** Whether there is no room for more bytes. */
  get isFull(): boolean {
    return this.#filled === this.#bytes.length - 1;
  }

  /** Takes bytes, as many as there is room for; gives how many. */
  fill(chunk: Uint8Array): number {
    const rest = this.#filled - this.#start;
    if (this.#start > 0) {
      this.#bytes.copyWithin(0, this.#start, this.#filled);
      this.#offset += this.#start;
      this.#start = 0;
      this.#filled = rest;
    } else if (this.isFull) this.#grow();
    const taken = chunk.subarray(0, this.#bytes.length - 1 - this.#filled);
    this.#bytes.set(taken, this.#filled);
    this.#filled += taken.length;
    return taken.length;
  }

  /** The rows that are whole; at the file's end all of them. */
  scan(isEnd: boolean): Block {
    if (this.#isFirst) this.#skipMark();
    const bytes = this.#bytes;
    const start = this.#start;
    const line = this.#line;
    // A line feed at the end ends each loop without a look at the length.
    bytes[this.#filled] = LINE_FEED;
    const rows = this.#findRows(isEnd);
    const end = this.#start;
    if (!isUtf8(bytes.subarray(start, end))) throw this.#badUtf8(start, end);
    this.#line = line + this.#lines;
    return {
      bytes,
      start,
      starts: this.#starts,
      ends: this.#ends,
      kinds: this.#kinds,
      rows,
      columns: this.#columns ?? 0,
      line,
    };
  }

  /** Finds the cells of all whole rows; gives how many rows these are. */
  #findRows(isEnd: boolean): number {
    const bytes = this.#bytes;
    const stops = this.#stops;
    const filled = this.#filled;
    const { delimiter, maxRows = Infinity } = this.#options;
    let at = this.#start;
    let rowStart = at;
    let count = 0;
    let rowCount = 0;
    let rows = 0;
    this.#lines = 0;
    let linesInCells = 0;
    while (
      rows < maxRows && (at < filled || isEnd && at === filled && count > rowCount)
    ) {
      if (count + 1 >= this.#starts.length) this.#growCells();
      // A cell.
      const starts = this.#starts;
      const ends = this.#ends;
      const kinds = this.#kinds;
      if (bytes[at] === QUOTE && at < filled) {
        let end = at + 1;
        let kind = QUOTED;
        while (true) {
          while (bytes[end] !== QUOTE && end < filled) end++;
          if (end >= filled || (end + 1 === filled && !isEnd)) {
            if (!isEnd) return this.#stopAt(rowStart, rows);
            if (end >= filled) throw this.#unclosed(at, count - rowCount);
          }
          if (bytes[end + 1] !== QUOTE || end + 1 >= filled) break;
          kind = ESCAPED;
          end += 2;
        }
        starts[count] = at + 1;
        ends[count] = end;
        kinds[count] = kind;
        linesInCells += countLines(bytes, at, end);
        at = end + 1;
        if (stops[bytes[at]] === 0) throw this.#textAfterQuote(at, count - rowCount);
      } else {
        starts[count] = at;
        while (stops[bytes[at]] === 0) at++;
        ends[count] = at;
        kinds[count] = PLAIN;
      }
      count++;
      if (bytes[at] === delimiter && at < filled) {
        at++;
        continue;
      }
      // The end of a row.
      if (at >= filled && !isEnd) return this.#stopAt(rowStart, rows);
      if (bytes[at] === CARRIAGE_RETURN) {
        if (at + 1 >= filled && !isEnd) return this.#stopAt(rowStart, rows);
        at++;
        if (bytes[at] === LINE_FEED && at < filled) at++;
      } else at++;
      const cells = count - rowCount;
      if (cells !== this.#columns) {
        const isEmpty = cells === 1 && starts[rowCount] === ends[rowCount] &&
          kinds[rowCount] === PLAIN;
        if (isEmpty) count = rowCount;
        else if (this.#columns === undefined) this.#columns = cells;
        else throw this.#ragged(rowStart, cells);
      }
      if (count > rowCount) rows++;
      this.#lines += 1 + linesInCells;
      linesInCells = 0;
      rowCount = count;
      rowStart = at;
    }
    return this.#stopAt(Math.min(rowStart, filled), rows);
  }

  #stopAt(start: number, rows: number): number {
    this.#start = start;
    return rows;
  }

  #skipMark(): void {
    this.#isFirst = false;
    const bytes = this.#bytes.subarray(0, this.#filled);
    if (BYTE_ORDER_MARK.every((byte, index) => bytes[index] === byte)) this.#start = 3;
    const isUtf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) ||
      (bytes[0] === 0xfe && bytes[1] === 0xff);
    if (isUtf16) throw this.#error("it is in UTF-16, and UTF-8 is needed", 0);
  }

  /** Makes room for a row that is larger than all bytes that there are. */
  #grow(): void {
    const length = this.#bytes.length;
    if (length > MAX_ROW_BYTES) {
      throw this.#error(
        `the row has more than ${MAX_ROW_BYTES} bytes; perhaps a quote is not closed`,
        this.#start,
      );
    }
    const grown = new Uint8Array(2 * length - 1);
    grown.set(this.#bytes.subarray(0, this.#filled));
    this.#bytes = grown;
  }

  #growCells(): void {
    const length = 2 * this.#starts.length;
    const [starts, ends] = [new Int32Array(length), new Int32Array(length)];
    const kinds = new Uint8Array(length);
    starts.set(this.#starts);
    ends.set(this.#ends);
    kinds.set(this.#kinds);
    this.#starts = starts;
    this.#ends = ends;
    this.#kinds = kinds;
  }

  #error(reason: string, at: number, cell?: number): FileError {
    const line = this.#line + countLines(this.#bytes, this.#start, at);
    const column = cell === undefined ? undefined : cell + 1;
    return new FileError(reason, { file: this.#options.file, line, column });
  }

  #ragged(at: number, cells: number): FileError {
    const wanted = this.#columns!;
    return this.#error(
      `the row has ${cells} ${cells === 1 ? "cell" : "cells"}, and not ${wanted}`,
      at,
      Math.min(cells, wanted),
    );
  }

  #unclosed(at: number, cell: number): FileError {
    return this.#error("the quote is not closed before the file ends", at, cell);
  }

  #textAfterQuote(at: number, cell: number): FileError {
    return this.#error("text follows after the closing quote", at, cell);
  }

  #badUtf8(start: number, end: number): FileError {
    const at = start + findBadUtf8(this.#bytes.subarray(start, end));
    return new FileError("the bytes are not UTF-8", {
      file: this.#options.file,
      line: this.#line + countLines(this.#bytes, start, at),
      offset: this.#offset + at,
    });
  }
}
