/**
 * Values of columns as people read them.
 *
 * @module
 */
import { type Data, makeVector } from "apache-arrow";
import { encodeHex } from "../../base/binary_text.ts";
import { ByteSink } from "../../files/values/byte_sink.ts";
import { scalarWriter, UnwritableValue } from "../../files/values/write_scalars.ts";

/** The most bytes of a binary value that are shown. */
const MAX_BYTES = 32;
const decoder = new TextDecoder();

/** A text for each value: exact for numbers, dates and times; JSON for nested ones. */
export function cellsOf(data: Data): string[] {
  const sink = new ByteSink();
  const write = scalarWriter(data, sink);
  const vector = makeVector(data);
  return Array.from({ length: data.length }, (_, row) => {
    if (!vector.isValid(row)) return "null";
    if (write === undefined) return textOf(vector.get(row));
    try {
      write(row);
    } catch (error) {
      if (!(error instanceof UnwritableValue)) throw error;
      sink.take();
      return textOf(vector.get(row));
    }
    return decoder.decode(sink.take());
  });
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (value instanceof Uint8Array) return binaryText(value);
  if (typeof value !== "object") return String(value);
  return JSON.stringify(
    value,
    (_, inner) =>
      typeof inner === "bigint"
        ? String(inner)
        : inner instanceof Uint8Array
        ? binaryText(inner)
        : inner,
  );
}

function binaryText(bytes: Uint8Array): string {
  const digits = encodeHex(bytes.subarray(0, MAX_BYTES));
  return `0x${digits}${bytes.length > MAX_BYTES ? "…" : ""}`;
}
