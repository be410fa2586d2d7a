/**
 * Finds the type of a column from all of its cells.
 *
 * @module
 */
import type { DataType } from "apache-arrow";
import { ScalarGuess } from "../values/scalar_guess.ts";
import type { Block } from "./block.ts";
import type { NullCells } from "./null_cells.ts";

/** What is known of one column. */
export class ColumnGuess {
  readonly #guess = new ScalarGuess();

  /** Looks at the column's cells in a block. */
  see(block: Block, column: number, nulls: NullCells): void {
    const guess = this.#guess;
    const { bytes, starts, ends, rows, columns } = block;
    const cells = rows * columns;
    for (let cell = column; cell < cells && !guess.isText; cell += columns) {
      if (!nulls.isNull(block, cell)) guess.see(bytes, starts[cell], ends[cell]);
    }
  }

  /** The type that holds all of the cells exactly. */
  type(): DataType {
    return this.#guess.type();
  }
}
