/**
 * Tables in Parquet.
 *
 * @module
 */
import type { ParquetFile, ReaderOptions } from "parquet-wasm/bundler";
import type { ArrowMessage } from "../../flight/arrow/format/arrow_message.ts";
import { ByteReader } from "../../flight/arrow/format/byte_reader.ts";
import { readIpcStream } from "../../flight/arrow/format/ipc_stream.ts";
import { StreamVerifier } from "../../flight/arrow/verify/stream_verifier.ts";
import { MessageTable } from "../arrow/message_table.ts";
import { indicesOf } from "../values/column_names.ts";
import { FileError } from "../file_error.ts";
import type { OpenSource } from "../source/file_source.ts";
import { FileBlob } from "./file_blob.ts";
import { loadParquetWasm } from "./load_parquet_wasm.ts";
import { TrapGuard } from "./trap_guard.ts";

/** How {@linkcode openParquet} reads. */
export interface ParquetReaderOptions {
  /** The columns to read. @default all */
  readonly columns?: readonly string[];
}

/** What a batch should not be much larger than. */
const BATCH_BYTES = 4 << 20;
const MAX_BATCH_ROWS = 64 * 1024;

/**
 * Opens a Parquet file: its schema is at its end. It is read row group by row group, of
 * which one is in memory, compressed, and some rows of it, decompressed.
 *
 * @throws {FileError} when it is no sound Parquet file.
 */
export async function openParquet(
  source: OpenSource,
  { columns }: ParquetReaderOptions,
): Promise<MessageTable> {
  const file = source.name;
  const { ParquetFile } = await loadParquetWasm();
  const bytes = await source.bytes();
  const guard = new TrapGuard();
  try {
    const call = <T>(promise: Promise<T>) => orFileError(guard.race(promise), file);
    const parquet = await call(ParquetFile.fromFile(new FileBlob(bytes)));
    const options = {
      batchSize: batchRows(parquet),
      concurrency: 1,
      columns: columns && await wantedNames(parquet, columns, file),
    };
    const messages = readMessages(parquet, options, guard, call);
    return await MessageTable.open(messages, { file });
  } catch (error) {
    guard[Symbol.dispose]();
    throw error;
  }
}

/** The messages of a file: the schema, then each batch with its dictionaries. */
async function* readMessages(
  parquet: ParquetFile,
  options: ReaderOptions,
  guard: TrapGuard,
  call: <T>(promise: Promise<T>) => Promise<T>,
): AsyncGenerator<ArrowMessage> {
  using _ = guard;
  try {
    const table = await call(parquet.read({ ...options, rowGroups: [] }));
    yield (await messagesIn(table.intoIPCStream()))[0];
    const stream = await call(parquet.stream(options));
    const reader = stream.getReader();
    try {
      while (true) {
        const { value: batch, done } = await call(reader.read());
        if (done) return;
        const [_schema, ...messages] = await messagesIn(batch.intoIPCStream());
        yield* messages;
      }
    } finally {
      if (!guard.hasTrapped) await call(reader.cancel());
    }
  } finally {
    if (!guard.hasTrapped) parquet.free();
  }
}

function messagesIn(stream: Uint8Array): Promise<ArrowMessage[]> {
  return Array.fromAsync(readIpcStream(new ByteReader(stream)));
}

/** The names of the wanted columns that are there. */
async function wantedNames(
  parquet: ParquetFile,
  columns: readonly string[],
  file: string | undefined,
): Promise<string[]> {
  const [{ header, body }] = await messagesIn(parquet.schema().intoIPCStream());
  const schema = new StreamVerifier().verify(header, body);
  const names = schema.kind === "schema" ? schema.fields.map(({ name }) => name) : [];
  return indicesOf(columns, names, file).map((index) => names[index]);
}

/** How many rows a batch may have so that it does not become too large. */
function batchRows(parquet: ParquetFile): number {
  const groups = parquet.metadata().rowGroups();
  const perRow = groups.map((group) => group.totalByteSize() / group.numRows());
  const most = Math.max(1, ...perRow.filter(Number.isFinite));
  return Math.max(1, Math.min(MAX_BATCH_ROWS, Math.floor(BATCH_BYTES / most)));
}

/** The promise's result; what the library throws becomes a FileError. */
async function orFileError<T>(
  promise: Promise<T>,
  file: string | undefined,
): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof FileError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new FileError(`it is not a sound Parquet file: ${reason}`, {
      file,
      cause: error,
    });
  }
}
