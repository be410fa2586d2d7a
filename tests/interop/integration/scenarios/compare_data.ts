/**
 * Whether data that came back is the data that was sent.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { type Data, DataType, type Field, type Schema, Vector } from "apache-arrow";

/**
 * Fails unless the schemas say the same. The ids of dictionaries may differ, as some
 * servers number them anew.
 */
export function assertSameSchema(actual: Schema, expected: Schema): void {
  assertEquals(actual.fields.map(plainField), expected.fields.map(plainField));
  assertEquals(actual.metadata, expected.metadata);
}

/** Fails unless both have the same values; what lies under a null does not count. */
export function assertSameValues(actual: Data, expected: Data): void {
  assertEquals(valuesOf(actual), valuesOf(expected));
}

function plainField({ name, nullable, metadata, type }: Field): unknown {
  return { name, nullable, metadata, type: plainType(type) };
}

function plainType(type: DataType): unknown {
  // A time zone that is not there is null or undefined.
  const parts = Object.entries(type)
    .filter(([name, value]) => name !== "id" && value != null);
  return {
    ...Object.fromEntries(parts),
    typeId: type.typeId,
    children: type.children?.map(plainField),
    dictionary: DataType.isDictionary(type) ? plainType(type.dictionary) : undefined,
  };
}

/** The values, each as exactly as the buffers have it. */
function valuesOf(data: Data): unknown[] {
  const value = valueGetter(data);
  return Array.from(
    { length: data.length },
    (_, row) => data.getValid(row) ? value(row) : null,
  );
}

function valueGetter(data: Data): (row: number) => unknown {
  const { type, stride, values, valueOffsets } = data;
  if (DataType.isNull(type)) return () => null;
  if (DataType.isDictionary(type)) {
    const words = data.dictionary!.data.flatMap(valuesOf);
    return (row) => words[Number(values[row])];
  }
  const children = data.children.map(valuesOf);
  if (DataType.isUnion(type)) {
    return (row) => {
      const child = type.typeIdToChildIndex[data.typeIds[row]];
      return [child, children[child][valueOffsets?.[row] ?? row]];
    };
  }
  if (DataType.isStruct(type)) return (row) => children.map((child) => child[row]);
  if (DataType.isFixedSizeList(type)) {
    return (row) => children[0].slice(row * type.listSize, (row + 1) * type.listSize);
  }
  if (children.length > 0) {
    return (row) =>
      children[0].slice(Number(valueOffsets[row]), Number(valueOffsets[row + 1]));
  }
  const isWhole = DataType.isBool(type) || DataType.isUtf8View(type) ||
    DataType.isBinaryView(type) || valueOffsets !== undefined;
  if (isWhole) {
    const vector = new Vector([data]);
    return (row) => vector.get(row);
  }
  return (row) => [...values.subarray(row * stride, (row + 1) * stride)];
}
