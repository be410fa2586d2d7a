/**
 * Batches for any schema: nodes and buffers that are right, but for a number here
 * and there.
 *
 * @module
 */
import type { FieldLayout } from "../../../flight/arrow/format/field_layout.ts";
import { compressBuffer } from "../../../flight/arrow/compression/compression.ts";
import type { Compression } from "../../../flight/arrow/compression/compression.ts";
import { type FlatTable, recordBatch } from "../../helpers/tables/flat_builder.ts";
import { joinBytes } from "../../../base/join_bytes.ts";
import type { Random } from "../../helpers/random.ts";
import { WildColumns } from "./wild_columns.ts";

/** A RecordBatch, and the body that goes with it. */
export interface WildBatch {
  readonly batch: FlatTable;
  readonly body: Uint8Array;
}

const COMPRESSIONS: readonly (Compression | undefined)[] = [
  undefined,
  undefined,
  undefined,
  "lz4",
  "zstd",
];

/** A batch of so many rows; indices are below `dictionaryRows` of their dictionary. */
export function wildBatch(
  fields: readonly FieldLayout[],
  rows: number,
  random: Random,
  dictionaryRows: ReadonlyMap<bigint, number>,
): WildBatch {
  const writer = new WildColumns(random, dictionaryRows);
  for (const field of fields) writer.column(field, rows);
  const { nodes, buffers, variadics } = writer;
  const compression = random.pick(COMPRESSIONS);
  const regions: [number, number][] = [];
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const buffer of buffers) {
    const bytes = compression === undefined
      ? buffer
      : joinBytes(compressBuffer(buffer, compression));
    regions.push([at, bytes.length]);
    const padding = new Uint8Array(-bytes.length & 7);
    parts.push(bytes, padding);
    at += bytes.length + padding.length;
  }
  const batch = recordBatch({
    rows,
    nodes,
    buffers: regions,
    variadics: variadics.length > 0 ? variadics : undefined,
    compression: compression && [compression === "lz4" ? 0 : 1, 0],
  });
  return { batch, body: joinBytes(parts) };
}
