/**
 * Cells without a value.
 *
 * @module
 */
import { isTextAt } from "../values/text_bytes.ts";
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
    const end = block.ends[cell];
    if (start === end) return true;
    for (const text of this.#texts) {
      if (isTextAt(block.bytes, start, end, text)) return true;
    }
    return false;
  }
}
