/**
 * The columns of a record batch with their bytes, for taking rows out of them, checking
 * their values, or making columns of apache-arrow.
 *
 * @module
 */
import type { FieldLayout, FieldNode } from "./field_layout.ts";
import { type Numbers, readNumbers } from "./read_numbers.ts";
import type { BufferRegion, VerifiedColumn } from "./verified_message.ts";

/** One array of a batch with its bytes. */
export interface BatchColumn {
  /** What it consists of. */
  readonly field: FieldLayout;
  /** How long it is. */
  readonly node: FieldNode;
  /** Its validity bitmap as it was sent; undefined when its type has none. */
  readonly bitmap: Uint8Array | undefined;
  /** Its other buffers, as its type lists them. */
  readonly buffers: readonly Uint8Array[];
  /** The buffers that its views refer to; none for other types. */
  readonly variadicBuffers: readonly Uint8Array[];
  /** The arrays in it. */
  readonly children: readonly BatchColumn[];
}

/** Rows of an array that follow each other. */
export interface RowRange {
  /** The first of them. */
  readonly start: number;
  /** How many there are. */
  readonly count: number;
}

/** The columns with the bytes of each of their buffers. */
export function withBytes(
  columns: readonly VerifiedColumn[],
  bytesOf: (region: BufferRegion) => Uint8Array,
): readonly BatchColumn[] {
  return columns.map(({ field, node, buffers, variadicBuffers, children }) => {
    const bytes = buffers.map(bytesOf);
    const hasBitmap = field.buffers[0]?.role === "validity";
    return {
      field,
      node,
      bitmap: hasBitmap ? bytes[0] : undefined,
      buffers: hasBitmap ? bytes.slice(1) : bytes,
      variadicBuffers: variadicBuffers.map(bytesOf),
      children: withBytes(children, bytesOf),
    };
  });
}

/** The buffers' bytes as views of a body. */
export function bytesIn(body: Uint8Array): (region: BufferRegion) => Uint8Array {
  return ({ offset, length }) => body.subarray(offset, offset + length);
}

/** All buffers of the columns. */
export function* allRegions(
  columns: readonly VerifiedColumn[],
): Generator<BufferRegion> {
  for (const { buffers, variadicBuffers, children } of columns) {
    yield* buffers;
    yield* variadicBuffers;
    yield* allRegions(children);
  }
}

/** The bitmap of an array that has nulls; undefined when it has none. */
export function validityOf({ node, bitmap }: BatchColumn): Uint8Array | undefined {
  return node.nullCount > 0 ? bitmap : undefined;
}

/** The numbers in one of an array's buffers: those of these rows, or of all of them. */
export function numbersOf(
  { field, node, buffers }: BatchColumn,
  index: number,
  { start, count }: RowRange = { start: 0, count: node.length },
): Numbers {
  const { bits, extra } = field.type.buffers[index];
  const bytes = buffers[index].subarray(start * bits / 8);
  return readNumbers(bytes, bits, count + extra, !field.type.name.startsWith("Uint"));
}
