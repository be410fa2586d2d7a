/**
 * The columns of a record batch as they lie in its body, for whoever takes rows out
 * of them without decoding anything.
 *
 * @module
 */
import type { FieldLayout, FieldNode } from "./field_layout.ts";
import type { VerifiedRecordBatch } from "./verified_message.ts";

/** One array of a batch; its buffers are views, not copies. */
export interface BatchColumn {
  /** What it consists of. */
  readonly field: FieldLayout;
  /** How long it is. */
  readonly node: FieldNode;
  /** Its bitmap; undefined when it has no nulls, or its type no bitmap. */
  readonly validity: Uint8Array | undefined;
  /** Its other buffers, as its type lists them. */
  readonly buffers: readonly Uint8Array[];
  /** What its views refer to; empty for other types. */
  readonly variadicBuffers: readonly Uint8Array[];
  /** The arrays under it. */
  readonly children: readonly BatchColumn[];
}

/** Rows of an array that follow each other. */
export interface RowRange {
  /** The first of them. */
  readonly start: number;
  /** How many there are. */
  readonly count: number;
}

/** What some rows of an array consist of, apart from node and bitmap. */
export interface ColumnSlice {
  /** The buffers, as the type lists them. */
  readonly buffers: readonly Uint8Array[];
  /** What the views among them refer to; absent for other types. */
  readonly variadicBuffers?: readonly Uint8Array[];
  /** For each child, the rows of it that belong to the slice. */
  readonly children: readonly (RowRange & { readonly column: BatchColumn })[];
}

/** The columns of a batch that was verified with this body, and is not compressed. */
export function batchColumns(
  batch: VerifiedRecordBatch,
  body: Uint8Array,
): readonly BatchColumn[] {
  let nodes = 0, buffers = 0, variadics = 0;
  const next = (): Uint8Array => {
    const { offset, length } = batch.buffers[buffers++];
    return body.subarray(offset, offset + length);
  };
  const column = (field: FieldLayout): BatchColumn => {
    const node = batch.nodes[nodes++];
    const own = field.buffers.map(next);
    const hasBitmap = field.buffers[0]?.role === "validity";
    const bitmap = hasBitmap ? own.shift() : undefined;
    const views = field.type.kind === "view" ? batch.variadicCounts[variadics++] : 0;
    return {
      field,
      node,
      validity: node.nullCount > 0 ? bitmap : undefined,
      buffers: own,
      variadicBuffers: Array.from({ length: views }, next),
      children: field.children.map(column),
    };
  };
  return batch.fields.map(column);
}
