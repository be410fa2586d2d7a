/**
 * Some rows of a CSV file, as places of cells in bytes.
 *
 * @module
 */
import { FileError } from "../file_error.ts";

/** How a cell is written. */
export const PLAIN = 0;
/** In quotes. */
export const QUOTED = 1;
/** In quotes, with doubled quotes inside. */
export const ESCAPED = 2;

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const QUOTE = 34;
const TEXT = new TextDecoder();
/** A longer cell is cut in a message. */
const MAX_SHOWN = 40;

/** Rows that follow each other; their cells lie one after the other in the arrays. */
export interface Block {
  /** The bytes in which the cells are. */
  readonly bytes: Uint8Array;
  /** The place of the first cell's row in them. */
  readonly start: number;
  /** Where each cell starts. */
  readonly starts: Int32Array;
  /** Where each ends. */
  readonly ends: Int32Array;
  /** How each is written: {@linkcode PLAIN}, {@linkcode QUOTED} or {@linkcode ESCAPED}. */
  readonly kinds: Uint8Array;
  /** How many rows there are. */
  readonly rows: number;
  /** How many cells a row has. */
  readonly columns: number;
  /** The line in which the first row starts, from 1 on. */
  readonly line: number;
}

/** The text of a cell. */
export function textOfCell(block: Block, cell: number): string {
  const { bytes, starts, ends, kinds } = block;
  const text = TEXT.decode(bytes.subarray(starts[cell], ends[cell]));
  return kinds[cell] === ESCAPED ? text.replaceAll('""', '"') : text;
}

/** The line in which a byte is. */
function lineOfByte(block: Block, at: number): number {
  return block.line + countLines(block.bytes, block.start, at);
}

/** How many lines end between two places. */
export function countLines(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at++) {
    if (bytes[at] === LINE_FEED) count++;
    else if (bytes[at] === CARRIAGE_RETURN && bytes[at + 1] !== LINE_FEED) count++;
  }
  return count;
}

/** The error of a cell whose value is not what it has to be. */
export function cellError(
  block: Block,
  cell: number,
  wanted: string,
  { file, names }: { file: string | undefined; names: readonly string[] },
): FileError {
  const column = cell % block.columns;
  const text = textOfCell(block, cell);
  const shown = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}...` : text;
  return new FileError(`${JSON.stringify(shown)} is not ${wanted}`, {
    file,
    line: lineOfByte(block, block.starts[cell]),
    column: column + 1,
    columnName: names[column],
  });
}

/** Copies a cell's bytes, with single quotes for doubled ones; gives how many these are. */
export function copyCell(block: Block, cell: number, target: Uint8Array): number {
  const { bytes, starts, ends } = block;
  let length = 0;
  for (let from = starts[cell]; from < ends[cell]; from++) {
    target[length++] = bytes[from];
    if (bytes[from] === QUOTE) from++;
  }
  return length;
}
