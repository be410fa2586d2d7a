/**
 * Files with tables: their bytes, and what is read from them.
 *
 * @module
 */
import type { RecordBatch } from "apache-arrow";
import { joinBytes } from "../../../base/join_bytes.ts";
import {
  readFile,
  type ReadFileOptions,
  writeFile,
  type WriteFileOptions,
} from "../../../files/mod.ts";
import type { EncodeSource } from "../../../flight/mod.ts";

/** What is in a file. */
export interface ReadTable {
  /** Each column's name and type. */
  readonly columns: string[];
  /** Each row's values as texts. */
  readonly rows: string[][];
}

/** A file's bytes. */
export async function fileBytes(
  source: EncodeSource,
  options: WriteFileOptions,
): Promise<Uint8Array> {
  return joinBytes(await Array.fromAsync(writeFile(source, options)));
}

/** A file's text. */
export async function fileText(
  source: EncodeSource,
  options: WriteFileOptions,
): Promise<string> {
  return new TextDecoder().decode(await fileBytes(source, options));
}

/** What is in a file with this text, or these bytes. */
export async function readTable(
  source: string | Uint8Array | AsyncIterable<Uint8Array>,
  options: ReadFileOptions,
): Promise<ReadTable> {
  const bytes = typeof source === "string" ? new TextEncoder().encode(source) : source;
  await using file = await readFile(bytes, options);
  const columns = file.schema.fields.map(({ name, type }) => `${name}: ${type}`);
  const rows: string[][] = [];
  for await (const batch of file) {
    for (const row of rowsOf(batch)) rows.push(row);
  }
  return { columns, rows };
}

/** The bytes in pieces of this length. */
export async function* pieces(
  bytes: Uint8Array,
  length: number,
): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) {
    yield await Promise.resolve(bytes.slice(at, at + length));
  }
}

/** Each row's values as texts. */
export function rowsOf(batch: RecordBatch): string[][] {
  const columns = batch.schema.fields.map((_, index) => batch.getChildAt(index)!);
  return Array.from(
    { length: batch.numRows },
    (_, row) => columns.map((column) => shown(column.get(row))),
  );
}

function shown(value: unknown): string {
  if (typeof value === "bigint") return `${value}n`;
  if (Object.is(value, -0)) return "-0";
  const text = JSON.stringify(
    value,
    (_, inner) => typeof inner === "bigint" ? `${inner}n` : inner,
  );
  return text ?? String(value);
}
