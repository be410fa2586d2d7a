/**
 * Arrays of apache-arrow from the columns of a batch, as views of their bytes where that
 * is possible.
 *
 * @module
 */
import { Data, DataType, type Field, type Vector } from "apache-arrow";
import { FlightError } from "../../errors.ts";
import { type BatchColumn, validityOf } from "../format/batch_columns.ts";

/** A class of typed arrays. */
interface ArrayClass {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): ArrayBufferView;
}

const NOTHING = new Uint8Array(0);

/**
 * The column as an array of this type. Its buffers have to start at multiples of 8.
 *
 * @throws {FlightError} UNIMPLEMENTED when it is a union with nulls of its own.
 */
export function loadColumn(
  column: BatchColumn,
  type: DataType,
  dictionaries: ReadonlyMap<number, Vector>,
): Data {
  const { node: { length, nullCount }, buffers } = column;
  if (DataType.isDictionary(type)) {
    const indices = viewOf(type.indices.ArrayType, buffers[0]);
    const dictionary = dictionaries.get(type.id);
    const bitmap = bitmapOf(column);
    const data = [undefined, indices, bitmap] as never;
    return new Data(type, 0, length, nullCount, data, [], dictionary);
  }
  const children = column.children.map((child, index) => {
    const field: Field = type.children[index];
    return loadColumn(child, field.type, dictionaries);
  });
  const make = (
    members: readonly (ArrayBufferView | undefined)[],
    variadicBuffers?: readonly Uint8Array[],
  ): Data =>
    new Data(
      type,
      0,
      length,
      nullCount,
      members as never,
      children,
      undefined,
      variadicBuffers,
    );
  switch (column.field.type.kind) {
    case "null":
      return make([]);
    case "dense union":
    case "sparse union": {
      checkUnion(column);
      const typeIds = viewOf(Int8Array, buffers[0]);
      const offsets = buffers.length > 1 ? viewOf(Int32Array, buffers[1]) : undefined;
      return make([offsets, undefined, undefined, typeIds]);
    }
    case "binary": {
      const offsets = viewOf(type.OffsetArrayType, buffers[0]);
      return make([offsets, buffers[1], bitmapOf(column)]);
    }
    case "list": {
      const offsets = viewOf(type.OffsetArrayType, buffers[0]);
      return make([offsets, undefined, bitmapOf(column)]);
    }
    case "fixed":
      return make([undefined, viewOf(type.ArrayType, buffers[0]), bitmapOf(column)]);
    case "view":
      return make([undefined, buffers[0], bitmapOf(column)], column.variadicBuffers);
    default:
      return make([undefined, undefined, bitmapOf(column)]);
  }
}

function bitmapOf(column: BatchColumn): Uint8Array {
  return validityOf(column) ?? NOTHING;
}

/** In metadata before V5 a union has a bitmap, for which apache-arrow has no place. */
function checkUnion({ node }: BatchColumn): void {
  if (node.nullCount === 0) return;
  throw new FlightError(
    "UNIMPLEMENTED",
    "Cannot read a union with nulls of its own: Arrow has none since version 1.0",
  );
}

function viewOf(ArrayType: ArrayClass, bytes: Uint8Array): ArrayBufferView {
  const length = Math.floor(bytes.length / ArrayType.BYTES_PER_ELEMENT);
  return new ArrayType(bytes.buffer, bytes.byteOffset, length);
}
