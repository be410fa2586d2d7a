/**
 * Messages in, the bytes of a table's file out.
 *
 * @module
 */
import type { FlightDescriptor } from "../../proto/messages.ts";
import { encapsulate } from "../../flight/arrow/format/ipc_stream.ts";
import type { TableEntry, TableMessage, TablePiece } from "../store.ts";
import { IndexWriter } from "./message_index.ts";
import { writeTrailer } from "./trailer.ts";

/** Where the bytes of a table's file go. */
export interface ByteSink {
  /** Takes the next bytes, which stay as they are; resolves when there is room for more. */
  write(bytes: Uint8Array): Promise<void>;
}

/** What a file tells of a table that its messages do not. */
export interface TableHead {
  readonly name: string;
  readonly descriptor: FlightDescriptor;
  /** What no other file has. @default a new one */
  readonly revision?: string;
}

/** The pieces in other files that have the batches of a table. */
export interface TablePieces {
  readonly pieces: readonly TablePiece[];
  /** The rows of all of them. */
  readonly rows: number;
  /** The bytes of the whole table as one stream. */
  readonly bytes: number;
}

const END_MARKER = encapsulate(new Uint8Array(0));

/** Writes a table's file. A body is written as it is, without a copy. */
export class TableFileWriter {
  readonly #sink: ByteSink;
  readonly #head: TableHead;
  readonly #index = new IndexWriter();
  #schema: Uint8Array | undefined;
  #rows = 0;
  #bytes = END_MARKER.length;

  /** Writes the file of this table to the sink. */
  constructor(sink: ByteSink, head: TableHead) {
    this.#sink = sink;
    this.#head = head;
  }

  /** The bytes of the stream by now, with its end marker. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The rows by now. */
  get rows(): number {
    return this.#rows;
  }

  /** Writes the next message. */
  async write(message: TableMessage): Promise<void> {
    const header = encapsulate(message.header);
    this.#index.add(header, message);
    this.#schema ??= message.header.slice();
    this.#rows += message.rows;
    this.#bytes += header.length + message.body.length;
    await this.#sink.write(header);
    if (message.body.length > 0) await this.#sink.write(message.body);
  }

  /** Writes what follows after the messages; gives what is known of the table. */
  async end(pieces?: TablePieces): Promise<TableEntry> {
    if (this.#schema === undefined) {
      throw new TypeError(
        "Cannot put a table without messages: it has to have a schema",
      );
    }
    const { name, descriptor, revision = crypto.randomUUID() } = this.#head;
    const entry: TableEntry = {
      name,
      descriptor,
      schema: this.#schema,
      rows: this.#rows,
      bytes: this.#bytes,
      revision,
      modified: new Date(),
      ...pieces,
    };
    await this.#sink.write(END_MARKER);
    await this.#sink.write(writeTrailer(entry, this.#bytes, this.#index.bytes));
    return entry;
  }
}

/** Writes the file of a table with these messages; gives what is known of the table. */
export async function writeTable(
  sink: ByteSink,
  head: TableHead,
  messages: AsyncIterable<TableMessage>,
): Promise<TableEntry> {
  const writer = new TableFileWriter(sink, head);
  for await (const message of messages) await writer.write(message);
  return await writer.end();
}
