/**
 * Values in the form that codec_pyarrow.py gives them, too.
 *
 * @module
 */
import { DataType, type Table, Vector } from "apache-arrow";

/** The columns of a table by name, as JSON has them. */
export function plainTable(table: Table): [string, unknown[]][] {
  return table.schema.fields.map(({ name }, index) => [
    name,
    plainColumn(table.getChildAt(index)!),
  ]);
}

function plainColumn(vector: Vector): unknown[] {
  const { type } = vector;
  const isTime = DataType.isDate(type) || DataType.isTime(type) ||
    DataType.isTimestamp(type) || DataType.isDuration(type);
  if (isTime || DataType.isDecimal(type)) {
    return vector.data.flatMap((data) =>
      Array.from({ length: data.length }, (_, row) => {
        if (!data.getValid(row)) return null;
        return isTime
          ? plain(data.values[row])
          : decimal(data.values.subarray(row * data.stride, (row + 1) * data.stride));
      })
    );
  }
  const rows = Array.from({ length: vector.length }, (_, row) => vector.get(row));
  if (DataType.isInterval(type)) {
    return rows.map((value: Int32Array | null) =>
      value && [value[0], value[1], value[3] * 2 ** 32 + (value[2] >>> 0)]
    );
  }
  return rows.map(plain);
}

function plain(value: unknown): unknown {
  if (value instanceof Vector) return plainColumn(value);
  if (typeof value === "bigint") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : `${value}`;
  }
  if (typeof value === "number") return Number.isNaN(value) ? "NaN" : value;
  if (ArrayBuffer.isView(value)) return [...value as Uint8Array];
  if (typeof value !== "object" || value === null) return value;
  return [...value as Iterable<[string, unknown]>].map((
    [key, inner],
  ) => [key, plain(inner)]);
}

/** The number in these words, the lowest first, in two's complement. */
function decimal(words: Uint32Array): string {
  const bits = BigInt.asIntN(
    words.length * 32,
    words.reduceRight((sum, word) => sum << 32n | BigInt(word), 0n),
  );
  return `${bits}`;
}
