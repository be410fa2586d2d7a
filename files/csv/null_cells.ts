/**
 * Cells without a value.
 *
 * @module
 */
import { type Block, PLAIN } from "./block.ts";

const ENCODER = new TextEncoder();

/** Tells which cells are null: empty ones, and those with certain texts, without quotes. */
export class NullCells {
  readonly #texts: readonly Uint8Array[];

  /** Beside empty cells, those with one of these texts. */
  constructor(texts: readonly string[] = []) {
    this.#texts = texts.map((text) => ENCODER.encode(text));
  }

  /** Whether a cell is null. */
  isNull(block: Block, cell: number): boolean {
    if (block.kinds[cell] !== PLAIN) return false;
    const start = block.starts[cell];
    const length = block.ends[cell] - start;
    if (length === 0) return true;
    for (const text of this.#texts) {
      if (text.length === length && isAt(block.bytes, start, text)) return true;
    }
    return false;
  }
}

function isAt(bytes: Uint8Array, start: number, text: Uint8Array): boolean {
  for (let at = 0; at < text.length; at++) {
    if (bytes[start + at] !== text[at]) return false;
  }
  return true;
}
