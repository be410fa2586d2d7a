/**
 * The columns of a message before it is written.
 *
 * @module
 */

/** Columns in the form of a message: nodes and buffers. */
export interface Assembly {
  /** How many rows there are. */
  readonly rows: number;
  /** Length and number of nulls of each column, parents before children. */
  readonly nodes: readonly {
    readonly length: number;
    readonly nullCount: number;
  }[];
  /** The columns' buffers, without padding. */
  readonly buffers: readonly Uint8Array[];
  /** How many data buffers each column of views has. */
  readonly variadicCounts: readonly number[];
}
