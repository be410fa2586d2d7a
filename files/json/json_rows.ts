/**
 * The rows of a JSON file, in blocks of whole rows.
 *
 * @module
 */
import { isUtf8 } from "node:buffer";
import { FileError } from "../file_error.ts";
import { findBadUtf8 } from "../values/find_bad_utf8.ts";
import { JsonFault, type JsonNode } from "./json_node.ts";
import { JsonParser } from "./parse_json.ts";

/** How {@linkcode readJsonRows} reads. */
export interface JsonRowsOptions {
  /** The file's name, for messages. */
  readonly file: string | undefined;
  /** The most bytes of a block, unless a row is larger. @default 2 MiB */
  readonly blockBytes?: number;
}

const DEFAULT_BLOCK_BYTES = 2 << 20;
/** The largest row. */
const MAX_ROW_BYTES = 64 << 20;
const QUOTE = 34;
const COMMA = 44;
const LINE_FEED = 10;
const OPEN_BRACKET = 91;
const BACKSLASH = 92;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/**
 * Gives each row of a file to `row`: the objects of an array, or objects one after the
 * other, with or without line breaks between them. Yields after each block.
 *
 * @throws {FileError} with its place where the file is no JSON, a row is no object, or
 * `row` has thrown a JsonFault.
 */
export async function* readJsonRows(
  chunks: AsyncIterable<Uint8Array>,
  row: JsonNode,
  options: JsonRowsOptions,
): AsyncGenerator<void> {
  const reader = new RowReader(row, options);
  for await (const chunk of chunks) {
    for (let from = 0; from < chunk.length;) {
      from += reader.fill(chunk.subarray(from));
      if (reader.isFull && reader.read(false)) yield;
    }
  }
  if (reader.read(true)) yield;
}

class RowReader {
  readonly #row: JsonNode;
  readonly #file: string | undefined;
  readonly #parser = new JsonParser();
  #bytes: Uint8Array;
  #filled = 0;
  /** The bytes that were looked at for the ends of rows. */
  #scanned = 0;
  /** Where the last row that is whole ends. */
  #wholeEnd = 0;
  #depth = 0;
  #inText = false;
  /** Whether the rows are the items of an array; undefined before the first byte. */
  #isArray: boolean | undefined;
  #isOver = false;
  #count = 0;
  #line = 1;
  /** The number of the first byte's character in its line, and of the byte in the file. */
  #column = 1;
  #offset = 0;

  constructor(row: JsonNode, options: JsonRowsOptions) {
    this.#row = row;
    this.#file = options.file;
    this.#bytes = new Uint8Array(options.blockBytes ?? DEFAULT_BLOCK_BYTES);
  }

  /** Whether there is no room for more bytes. */
  get isFull(): boolean {
    return this.#filled === this.#bytes.length;
  }

  /** Takes bytes, as many as there is room for; gives how many. */
  fill(chunk: Uint8Array): number {
    if (this.isFull) this.#grow();
    const taken = chunk.subarray(0, this.#bytes.length - this.#filled);
    this.#bytes.set(taken, this.#filled);
    this.#filled += taken.length;
    return taken.length;
  }

  /** Reads the rows that are whole; at the file's end all of them. */
  read(isEnd: boolean): boolean {
    this.#findEnd();
    const end = isEnd ? this.#filled : this.#wholeEnd;
    const bytes = this.#bytes.subarray(0, end);
    if (end === 0 && !isEnd) return false;
    if (!isUtf8(bytes)) throw this.#badUtf8(bytes);
    const parser = this.#parser;
    parser.bytes = this.#bytes;
    parser.end = end;
    parser.at = 0;
    const before = this.#count;
    try {
      this.#readRows(isEnd);
    } catch (error) {
      if (!(error instanceof JsonFault)) throw error;
      throw this.#error(error.message, error.at, error.path);
    }
    this.#pass(parser.at);
    return this.#count > before;
  }

  #readRows(isEnd: boolean): void {
    const parser = this.#parser;
    if (this.#isArray === undefined) this.#begin();
    while (true) {
      parser.skipSpace();
      if (parser.at >= parser.end) break;
      if (this.#isOver) throw new JsonFault("more follows after the array", parser.at);
      if (this.#isArray) {
        if (parser.take(CLOSE_BRACKET)) {
          this.#isOver = true;
          continue;
        }
        if (this.#count > 0) parser.expect(COMMA);
        parser.skipSpace();
      }
      if (parser.bytes[parser.at] !== OPEN_BRACE || parser.at >= parser.end) {
        throw new JsonFault("a row has to be an object", parser.at);
      }
      parser.value(this.#row);
      this.#count++;
    }
    if (isEnd && this.#isArray && !this.#isOver) {
      throw new JsonFault("the array is not closed before the file ends", parser.at);
    }
  }

  /** Finds out whether the rows are in an array. */
  #begin(): void {
    const parser = this.#parser;
    if (BYTE_ORDER_MARK.every((byte, index) => parser.bytes[index] === byte)) {
      parser.at = BYTE_ORDER_MARK.length;
    }
    this.#isArray = parser.take(OPEN_BRACKET);
  }

  /** Looks at the bytes that came, for where the last whole row ends. */
  #findEnd(): void {
    const bytes = this.#bytes;
    const filled = this.#filled;
    let depth = this.#depth;
    let at = this.#scanned;
    while (at < filled) {
      const byte = bytes[at];
      if (this.#inText) {
        if (byte === BACKSLASH) at++;
        else if (byte === QUOTE) this.#inText = false;
      } else if (byte === QUOTE) this.#inText = true;
      else if (byte === OPEN_BRACE) depth++;
      else if (byte === CLOSE_BRACE && --depth <= 0) {
        depth = 0;
        this.#wholeEnd = at + 1;
      }
      at++;
    }
    // A backslash may be the last byte: then the one after it is passed over later.
    this.#scanned = at;
    this.#depth = depth;
  }

  /** Forgets the bytes before this place, which were read. */
  #pass(at: number): void {
    const bytes = this.#bytes;
    this.#column = this.#columnAt(at);
    this.#line += countLines(bytes, 0, at);
    this.#offset += at;
    bytes.copyWithin(0, at, this.#filled);
    this.#filled -= at;
    this.#scanned -= at;
    this.#wholeEnd = 0;
  }

  #grow(): void {
    const length = this.#bytes.length;
    if (length > MAX_ROW_BYTES) {
      throw this.#error(`the row has more than ${MAX_ROW_BYTES} bytes`, 0);
    }
    const grown = new Uint8Array(2 * length);
    grown.set(this.#bytes.subarray(0, this.#filled));
    this.#bytes = grown;
  }

  #columnAt(at: number): number {
    const lineStart = this.#bytes.subarray(0, at).lastIndexOf(LINE_FEED) + 1;
    let column = lineStart > 0 ? 1 : this.#column;
    for (let place = lineStart; place < at; place++) {
      if ((this.#bytes[place] & 0xc0) !== 0x80) column++;
    }
    return column;
  }

  #error(reason: string, at: number, columnName?: string): FileError {
    return new FileError(reason, {
      file: this.#file,
      line: this.#line + countLines(this.#bytes, 0, at),
      column: this.#columnAt(at),
      columnName,
    });
  }

  #badUtf8(bytes: Uint8Array): FileError {
    const at = findBadUtf8(bytes);
    return new FileError("the bytes are not UTF-8", {
      file: this.#file,
      line: this.#line + countLines(bytes, 0, at),
      offset: this.#offset + at,
    });
  }
}

/** How many lines end between two places; a carriage return alone ends none. */
function countLines(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at++) if (bytes[at] === LINE_FEED) count++;
  return count;
}
