/**
 * The bytes of texts and binary values in columns.
 *
 * @module
 */
import { type Data, DataType, Vector } from "apache-arrow";

/** Tells where the bytes of a row's value are. */
export interface ByteValues {
  /** The bytes in which the last value that was found is. */
  bytes: Uint8Array;
  /** Where it starts. */
  start: number;
  /** Where it ends. */
  end: number;
  /** Finds the value of a row. */
  find(row: number): void;
}

const ENCODER = new TextEncoder();

/** Whether the type is one of texts. */
export function isText(type: DataType): boolean {
  return DataType.isUtf8(type) || DataType.isLargeUtf8(type) ||
    DataType.isUtf8View(type);
}

/** Whether the type is one of bytes. */
export function isBytes(type: DataType): boolean {
  return DataType.isBinary(type) || DataType.isLargeBinary(type) ||
    DataType.isBinaryView(type) || DataType.isFixedSizeBinary(type);
}

/** Whether the bytes of a range are those of a text. */
export function isTextAt(
  bytes: Uint8Array,
  start: number,
  end: number,
  text: Uint8Array,
): boolean {
  if (text.length !== end - start) return false;
  for (let at = 0; at < text.length; at++) {
    if (bytes[start + at] !== text[at]) return false;
  }
  return true;
}

/** The bytes of a column of texts or binary values. */
export function byteValues(data: Data): ByteValues {
  const { type, values } = data;
  if (DataType.isFixedSizeBinary(type)) {
    const width = type.byteWidth;
    return {
      bytes: values,
      start: 0,
      end: 0,
      find(row) {
        this.start = width * row;
        this.end = this.start + width;
      },
    };
  }
  if (DataType.isUtf8View(type) || DataType.isBinaryView(type)) {
    const vector = new Vector([data]);
    return {
      bytes: new Uint8Array(0),
      start: 0,
      end: 0,
      find(row) {
        const value: string | Uint8Array = vector.get(row);
        this.bytes = typeof value === "string" ? ENCODER.encode(value) : value;
        this.end = this.bytes.length;
      },
    };
  }
  const offsets: Int32Array | BigInt64Array = data.valueOffsets;
  return {
    bytes: values,
    start: 0,
    end: 0,
    find(row) {
      this.start = Number(offsets[row]);
      this.end = Number(offsets[row + 1]);
    },
  };
}
