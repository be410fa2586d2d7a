/**
 * Some rows of an array.
 *
 * @module
 */
import type { BatchColumn, RowRange } from "../format/batch_columns.ts";

/** What some rows of an array consist of, apart from their number and bitmap. */
export interface ColumnSlice {
  /** The buffers, as the type lists them. */
  readonly buffers: readonly Uint8Array[];
  /** What the views among them refer to; absent for other types. */
  readonly variadicBuffers?: readonly Uint8Array[];
  /** For each child, the rows of it that belong to the slice. */
  readonly children: readonly (RowRange & { readonly column: BatchColumn })[];
}
