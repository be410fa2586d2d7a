/**
 * Columns of a known type from the cells of a block.
 *
 * @module
 */
import type { Data, DataType } from "apache-arrow";
import type { BinaryText } from "../../base/binary_text.ts";
import { columnData, Validity } from "../values/column_data.ts";
import { typeName } from "../values/column_types.ts";
import { type ValueStore, valueStore } from "../values/value_store.ts";
import { type Block, cellError, copyCell, ESCAPED } from "./block.ts";
import type { NullCells } from "./null_cells.ts";

/** What is the same for all blocks of a file. */
export interface CellContext {
  /** Which cells are null. */
  readonly nulls: NullCells;
  /** The file's name. */
  readonly file: string | undefined;
  /** The columns' names. */
  readonly names: readonly string[];
  /** How binary values are written. */
  readonly binary: BinaryText;
}

/** Reads one column of a file, block by block. */
export class ColumnReader {
  readonly #type: DataType;
  readonly #column: number;
  readonly #context: CellContext;
  readonly #store: ValueStore;
  /** A cell's text without doubled quotes. */
  #text = new Uint8Array(0);

  /** A reader of the column at this place. */
  constructor(type: DataType, column: number, context: CellContext) {
    this.#type = type;
    this.#column = column;
    this.#context = context;
    this.#store = valueStore(type, context.binary);
  }

  /**
   * The column's rows in a block.
   *
   * @throws {FileError} with its place, when a cell has no value of the type.
   */
  read(block: Block): Data {
    const { bytes, starts, ends, kinds, rows, columns } = block;
    const { nulls } = this.#context;
    const store = this.#store;
    const validity = new Validity(rows);
    store.grow(rows);
    for (let row = 0, cell = this.#column; row < rows; row++, cell += columns) {
      if (nulls.isNull(block, cell)) validity.setNull(row);
      else if (
        kinds[cell] === ESCAPED
          ? !this.#setEscaped(block, cell, row)
          : !store.set(bytes, starts[cell], ends[cell], row)
      ) {
        const wanted = `of the type ${typeName(this.#type)}`;
        throw cellError(block, cell, wanted, this.#context);
      }
    }
    return columnData(this.#type, rows, { validity, ...store.finish(rows) });
  }

  #setEscaped(block: Block, cell: number, row: number): boolean {
    const length = block.ends[cell] - block.starts[cell];
    if (length > this.#text.length) this.#text = new Uint8Array(2 * length);
    return this.#store.set(this.#text, 0, copyCell(block, cell, this.#text), row);
  }
}
