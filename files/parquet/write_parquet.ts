/**
 * Writes Parquet.
 *
 * @module
 */
import type { RecordBatch } from "parquet-wasm/bundler";
import { joinBytes } from "../../base/join_bytes.ts";
import { encapsulate } from "../../flight/arrow/format/ipc_stream.ts";
import { MessageHeader } from "../../flight/arrow/format/message_header.ts";
import { bodyParts, type FlightDataInit } from "../../proto/flight_data.ts";
import { FileError } from "../file_error.ts";
import { loadParquetWasm, type ParquetLibrary } from "./load_parquet_wasm.ts";
import { TrapGuard } from "./trap_guard.ts";

/** How Parquet is compressed. */
export type ParquetCompression = "snappy" | "zstd" | "gzip" | "lz4" | "none";

/** How {@linkcode writeParquet} writes. */
export interface ParquetWriteOptions {
  /** How the pages are compressed. @default "snappy" */
  readonly compression?: ParquetCompression;
}

/** A row group is written, and leaves memory, when it has so many bytes. */
const ROW_GROUP_BYTES = 64 << 20;
const CREATED_BY = "tinyflight";
const END_MARKER = encapsulate(new Uint8Array(0));

/**
 * The Parquet file of these messages, the schema first, in chunks. A row group is in
 * memory at a time.
 *
 * @throws {FileError} when Parquet cannot hold a column's type.
 */
export async function* writeParquet(
  messages: AsyncIterable<FlightDataInit>,
  { compression = "snappy" }: ParquetWriteOptions,
): AsyncGenerator<Uint8Array> {
  const library = await loadParquetWasm();
  const source = new BatchSource(library, messages);
  try {
    // The file without rows shows at once whether Parquet has all types.
    const schema = library.Table.fromIPCStream(await source.schema());
    const empty = library.writeParquet(schema, propertiesOf(library, compression));
    const first = await source.next();
    if (first === undefined) yield empty;
    else yield* writeBatches(library, source.all(first), compression);
    if (source.error !== undefined) throw source.error;
  } catch (error) {
    throw asFileError(error);
  } finally {
    await source.close();
  }
}

async function* writeBatches(
  library: ParquetLibrary,
  batches: AsyncIterable<RecordBatch>,
  compression: ParquetCompression,
): AsyncGenerator<Uint8Array> {
  using guard = new TrapGuard();
  const stream = await guard.race(
    library.transformParquetStream(
      ReadableStream.from(batches),
      propertiesOf(library, compression),
    ),
  );
  const reader = stream.getReader();
  try {
    while (true) {
      const { value, done } = await guard.race(reader.read());
      if (done) return;
      yield value;
    }
  } finally {
    if (!guard.hasTrapped) await guard.race(reader.cancel());
  }
}

/**
 * Batches of the library from messages of a flight. They end where the messages fail: the
 * library would not survive an error of its source.
 */
class BatchSource {
  /** The error of the messages; undefined while there is none. */
  error: unknown;
  readonly #library: ParquetLibrary;
  readonly #streams: AsyncGenerator<Uint8Array>;

  constructor(library: ParquetLibrary, messages: AsyncIterable<FlightDataInit>) {
    this.#library = library;
    this.#streams = streamsOf(messages);
  }

  /** The stream that has the schema only, and comes first. */
  async schema(): Promise<Uint8Array> {
    const { value } = await this.#streams.next();
    return value;
  }

  /** The next batch; undefined after the last. */
  async next(): Promise<RecordBatch | undefined> {
    const { value, done } = await this.#streams.next();
    if (done) return undefined;
    const table = this.#library.Table.fromIPCStream(value);
    const [batch] = table.recordBatches();
    table.free();
    return batch;
  }

  /** This batch, and all that follow. */
  async *all(first: RecordBatch): AsyncGenerator<RecordBatch> {
    yield first;
    try {
      for (let next = await this.next(); next !== undefined; next = await this.next()) {
        yield next;
      }
    } catch (error) {
      this.error = error;
    }
  }

  async close(): Promise<void> {
    await this.#streams.return(undefined);
  }
}

/**
 * IPC streams of the schema alone, and of each batch with the dictionaries that it needs.
 */
async function* streamsOf(
  messages: AsyncIterable<FlightDataInit>,
): AsyncGenerator<Uint8Array> {
  let schema: readonly Uint8Array[] = [];
  const dictionaries = new Map<bigint, Uint8Array[]>();
  for await (const message of messages) {
    const { dataHeader } = message;
    if (dataHeader === undefined || dataHeader.length === 0) continue;
    const framed = [encapsulate(dataHeader), ...bodyParts(message)];
    const header = new MessageHeader(dataHeader);
    if (header.kind === "schema") {
      checkColumns(header);
      schema = framed;
      yield joinBytes([...schema, END_MARKER]);
    } else if (header.kind === "dictionary") {
      const table = header.table!;
      const id = table.bigint64(0);
      const known = table.bool(2) ? dictionaries.get(id) ?? [] : [];
      dictionaries.set(id, [...known, ...framed]);
    } else {
      const values = [...dictionaries.values()].flat();
      yield joinBytes([...schema, ...values, ...framed, END_MARKER]);
    }
  }
}

/** The library would lose the rows of a table without columns. */
function checkColumns(header: MessageHeader): void {
  if ([...header.table!.tables(1)].length > 0) return;
  throw new FileError("the table has no columns, and Parquet needs one", {
    verb: "write",
  });
}

function propertiesOf(
  { Compression, WriterPropertiesBuilder }: ParquetLibrary,
  compression: ParquetCompression,
) {
  const codecs = {
    snappy: Compression.SNAPPY,
    zstd: Compression.ZSTD,
    gzip: Compression.GZIP,
    lz4: Compression.LZ4_RAW,
    none: Compression.UNCOMPRESSED,
  };
  return new WriterPropertiesBuilder()
    .setCompression(codecs[compression])
    .setMaxRowGroupBytes(ROW_GROUP_BYTES)
    .setCreatedBy(CREATED_BY)
    .build();
}

/** The library throws texts, and errors of its own: they become a FileError. */
function asFileError(error: unknown): unknown {
  const isOurs = error instanceof Error && error.name !== "Error" &&
    !(error instanceof WebAssembly.RuntimeError);
  if (isOurs) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new FileError(`Parquet cannot hold the table: ${reason}`, {
    verb: "write",
    cause: error,
  });
}
