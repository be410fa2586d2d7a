/**
 * Tables that tell of which version they are, so that a mixed one is noticed.
 *
 * @module
 */
import { type RecordBatch, Table, Utf8, vectorFromArray } from "apache-arrow";

/** A table of this version: its batches, rows and values all follow from the number. */
export function versionedBatches(version: number): RecordBatch[] {
  const texts = Array.from({ length: rowsOf(version) }, () => `v${version}`);
  const [batch] = new Table({
    version: vectorFromArray(new Float64Array(texts.length).fill(version)),
    text: vectorFromArray(texts, new Utf8()),
  }).batches;
  return Array.from({ length: batchesOf(version) }, () => batch);
}

/** The version of a table; an Error when it is not one whole version. */
export function versionOf(table: Table): number {
  const version: number = table.getChild("version")?.get(0);
  const texts = table.getChild("text")!;
  if (table.numRows !== rowsOf(version) * batchesOf(version)) {
    throw new Error(`version ${version} has ${table.numRows} rows`);
  }
  for (const [row, value] of [...table.getChild("version")!].entries()) {
    if (value !== version || texts.get(row) !== `v${version}`) {
      throw new Error(
        `version ${version} has ${value} and ${texts.get(row)} in row ${row}`,
      );
    }
  }
  return version;
}

function rowsOf(version: number): number {
  return 1 + (version * 7919) % 5000;
}

function batchesOf(version: number): number {
  return 1 + version % 9;
}
