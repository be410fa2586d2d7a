/**
 * Tables to put into a store, and whether they come back.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type RecordBatch, Table, tableFromArrays } from "apache-arrow";
import type { FlightDescriptor } from "../../proto/messages.ts";
import { wholeBody } from "../../proto/flight_data.ts";
import { encode } from "../../flight/arrow/encode/encode.ts";
import { ipcStreamBytes } from "../../flight/arrow/format/ipc_stream.ts";
import type { StoredTable, TableEntry, TableMessage, TableStore } from "../store.ts";

/** A table as a server hands it to a store. */
export interface Sample {
  readonly name: string;
  readonly descriptor: FlightDescriptor;
  readonly messages: readonly TableMessage[];
}

/** How large a sample is. */
export interface SampleSize {
  /** How many record batches it has. @default 2 */
  batches?: number;
  /** How many rows of 8 bytes each batch has. @default 100 */
  rows?: number;
}

/** A table of this name whose values all are this number. */
export async function sampleTable(
  name: string,
  value: number,
  { batches = 2, rows = 100 }: SampleSize = {},
): Promise<Sample> {
  const column = new Float64Array(rows).fill(value);
  const [batch] = tableFromArrays({ column }).batches;
  const table = new Table(batch.schema, Array<RecordBatch>(batches).fill(batch));
  const messages: TableMessage[] = [];
  for await (const data of encode(table, { maxMessageBytes: Infinity })) {
    messages.push({
      header: data.dataHeader ?? new Uint8Array(0),
      body: wholeBody(data),
      rows: messages.length === 0 ? 0 : rows,
    });
  }
  const cmd = new TextEncoder().encode(name);
  return { name, descriptor: { type: "CMD", cmd, path: [] }, messages };
}

/** The sample's messages, as they come in. */
export async function* incoming({ messages }: Sample): AsyncGenerator<TableMessage> {
  for (const message of messages) {
    await Promise.resolve();
    yield message;
  }
}

/** Puts the sample. */
export async function putSample(store: TableStore, sample: Sample) {
  return await store.put(sample.name, sample.descriptor, incoming(sample));
}

/** The table of this name; fails when there is none. */
export async function getTable(store: TableStore, name: string): Promise<StoredTable> {
  const table = await store.get(name);
  assert(table !== undefined, `get(${JSON.stringify(name)}) gives no table`);
  return table;
}

/** The names that the store lists. */
export async function listNames(store: TableStore, prefix = ""): Promise<string[]> {
  return await Array.fromAsync(store.list(prefix), ({ name }) => name);
}

/** Fails unless the entry says of the sample what is true. */
export function assertEntry(entry: TableEntry, sample: Sample): void {
  const { name, descriptor, messages } = sample;
  assert.equal(entry.name, name);
  assert.deepEqual({ ...entry.descriptor }, descriptor);
  assertHeader(entry.schema, messages[0].header);
  assert.equal(entry.rows, messages.reduce((sum, { rows }) => sum + rows, 0));
  assert.equal(entry.bytes, ipcStreamBytes(messages));
  assert(entry.revision.length > 0, "the revision is empty");
  assert(entry.modified instanceof Date, "`modified` is no date");
}

/** Fails unless the table's messages are those of the sample. */
export async function assertMessages(
  table: StoredTable,
  sample: Sample,
): Promise<void> {
  assertSameMessages(await Array.fromAsync(table.messages()), sample);
}

/** Fails unless these messages are those of the sample. */
export function assertSameMessages(
  found: readonly TableMessage[],
  { messages }: Sample,
): void {
  assert.equal(found.length, messages.length, "the number of messages");
  for (const [index, { header, body, rows }] of messages.entries()) {
    assertHeader(found[index].header, header);
    assert(sameBytes(found[index].body, body), `the body of message ${index}`);
    assert.equal(found[index].rows, rows);
  }
}

/** Fails unless the store has the sample's table, and says so everywhere. */
export async function assertHas(store: TableStore, sample: Sample): Promise<void> {
  const table = await getTable(store, sample.name);
  assertEntry(table, sample);
  await assertMessages(table, sample);
}

/** Zero bytes may follow after a header. */
function assertHeader(found: Uint8Array, header: Uint8Array): void {
  const rest = found.subarray(header.length);
  const isSame = sameBytes(found.subarray(0, header.length), header);
  assert(isSame && rest.length < 8 && rest.every((byte) => byte === 0), "a header");
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}
