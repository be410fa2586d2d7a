/**
 * Messages in, the bytes of a table's file out.
 *
 * @module
 */
import type { FlightDescriptor } from "../../proto/messages.ts";
import { encapsulate } from "../../flight/arrow/format/ipc_stream.ts";
import type { TableEntry, TableMessage } from "../store.ts";
import { IndexWriter } from "./message_index.ts";
import { writeTrailer } from "./trailer.ts";

/** Where the bytes of a table's file go. */
export interface ByteSink {
  /** Takes the next bytes, which stay as they are; resolves when there is room for more. */
  write(bytes: Uint8Array): Promise<void>;
}

const NO_HEADER = new Uint8Array(0);

/**
 * Writes the table's file. A body is written as it is, without a copy. Gives what is
 * known of the table.
 */
export async function writeTable(
  sink: ByteSink,
  name: string,
  descriptor: FlightDescriptor,
  messages: AsyncIterable<TableMessage>,
): Promise<TableEntry> {
  const index = new IndexWriter();
  let schema: Uint8Array | undefined;
  let rows = 0;
  let bytes = 0;
  for await (const message of messages) {
    const header = encapsulate(message.header);
    index.add(header, message);
    schema ??= message.header.slice();
    rows += message.rows;
    bytes += header.length + message.body.length;
    await sink.write(header);
    if (message.body.length > 0) await sink.write(message.body);
  }
  if (schema === undefined) {
    throw new TypeError("Cannot put a table without messages: it has to have a schema");
  }
  const endMarker = encapsulate(NO_HEADER);
  await sink.write(endMarker);
  bytes += endMarker.length;
  const revision = crypto.randomUUID();
  const modified = new Date();
  const entry = { name, descriptor, schema, rows, bytes, revision, modified };
  await sink.write(writeTrailer(entry, index.bytes));
  return entry;
}
