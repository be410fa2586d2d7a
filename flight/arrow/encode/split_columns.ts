/**
 * Splits columns of apache-arrow by rows into pieces that are small enough for a message.
 *
 * @module
 */
import type { Data, DataType } from "apache-arrow";
import type { Assembly } from "../format/assembly.ts";
import { assemble } from "./assemble.ts";
import { type BodyOptions, messageSize } from "../format/write_message.ts";

/** How large a piece may be. */
export interface SplitOptions extends BodyOptions {
  /** The bytes that a piece's message should stay below. */
  maxMessageBytes: number;
  /** How many bytes of the first message are for other things. @default 0 */
  reserved?: number;
}

/**
 * All rows of these columns, in pieces whose messages stay below the limit. A row that is
 * larger is a piece of its own. Columns without rows are one piece.
 *
 * The number of rows of a piece is guessed from the size of the rows before, and corrected
 * when the piece is too large, or less than half as large as it may be.
 */
export function* splitColumns(
  types: readonly DataType[],
  columns: readonly (Data | undefined)[],
  rows: number,
  options: SplitOptions,
): Generator<Assembly> {
  const limit = options.maxMessageBytes;
  const take = (start: number, count: number) => {
    const piece = assemble(types, columns, start, count);
    const reserved = start === 0 ? options.reserved ?? 0 : 0;
    return { piece, count, size: messageSize(piece, options) + reserved };
  };
  let start = 0;
  let guess = rows;
  do {
    let best = take(start, Math.min(guess, rows - start));
    while (best.size >= limit && best.count > 1) {
      const fitting = Math.floor(best.count * limit / best.size);
      best = take(start, Math.max(1, Math.min(best.count - 1, fitting)));
    }
    while (best.size < limit / 2 && start + best.count < rows) {
      const larger = take(start, Math.min(best.count * 2, rows - start));
      if (larger.size >= limit) break;
      best = larger;
    }
    yield best.piece;
    start += best.count;
    guess = Math.max(1, Math.floor(best.count * limit / best.size));
  } while (start < rows);
}
