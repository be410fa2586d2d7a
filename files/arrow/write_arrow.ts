/**
 * Writes Arrow's two formats: files and streams.
 *
 * @module
 */
import { joinBytes } from "../../base/join_bytes.ts";
import { encapsulate } from "../../flight/arrow/format/ipc_stream.ts";
import { MessageHeader } from "../../flight/arrow/format/message_header.ts";
import { bodyParts, type FlightDataInit } from "../../proto/flight_data.ts";
import { FileError } from "../file_error.ts";
import { type Block, FILE_START, MAGIC, writeFooter } from "./file_layout.ts";

/** Smaller pieces are joined to chunks of at least so many bytes. */
const MIN_CHUNK = 64 * 1024;
const END_MARKER = encapsulate(new Uint8Array(0));

/** The stream of these messages, the schema first, in chunks. */
export async function* writeArrowStream(
  messages: AsyncIterable<FlightDataInit>,
): AsyncGenerator<Uint8Array> {
  const chunks = new Chunks();
  for await (const message of messages) {
    const { dataHeader } = message;
    if (dataHeader === undefined || dataHeader.length === 0) continue;
    yield* chunks.add(encapsulate(dataHeader), ...bodyParts(message));
  }
  yield* chunks.add(END_MARKER);
  yield* chunks.rest();
}

/**
 * The file of these messages, the schema first, in chunks.
 *
 * @throws {FileError} when a dictionary is replaced, which a file cannot hold.
 */
export async function* writeArrowFile(
  messages: AsyncIterable<FlightDataInit>,
): AsyncGenerator<Uint8Array> {
  const chunks = new Chunks();
  const dictionaries: Block[] = [];
  const batches: Block[] = [];
  const known = new Set<bigint>();
  let schema: Uint8Array | undefined;
  yield* chunks.add(FILE_START);
  for await (const message of messages) {
    const { dataHeader } = message;
    if (dataHeader === undefined || dataHeader.length === 0) continue;
    const framed = encapsulate(dataHeader);
    const parts = bodyParts(message);
    const block = {
      offset: chunks.size,
      headerLength: framed.length,
      bodyLength: parts.reduce((sum, part) => sum + part.length, 0),
    };
    const header = new MessageHeader(dataHeader);
    if (header.kind === "schema") schema = dataHeader;
    else if (header.kind === "batch") batches.push(block);
    else {
      checkDictionary(header, known);
      dictionaries.push(block);
    }
    yield* chunks.add(framed, ...parts);
  }
  yield* chunks.add(END_MARKER);
  const footer = writeFooter(schema!, { dictionaries, batches });
  const length = new Uint8Array(4);
  new DataView(length.buffer).setInt32(0, footer.length, true);
  yield* chunks.add(footer, length, MAGIC);
  yield* chunks.rest();
}

function checkDictionary(header: MessageHeader, known: Set<bigint>): void {
  const table = header.table!;
  const id = table.bigint64(0);
  if (known.has(id) && !table.bool(2)) {
    throw new FileError(
      `the dictionary ${id} changes between batches, which Arrow's file format ` +
        "cannot hold; write a stream instead (the format arrows)",
      { verb: "write" },
    );
  }
  known.add(id);
}

/** Joins small pieces; large ones are chunks of their own, which are not copied. */
class Chunks {
  #small: Uint8Array[] = [];
  #smallBytes = 0;
  #size = 0;

  /** The bytes of all pieces. */
  get size(): number {
    return this.#size;
  }

  *add(...pieces: readonly Uint8Array[]): Generator<Uint8Array> {
    for (const piece of pieces) {
      this.#size += piece.length;
      if (piece.length < MIN_CHUNK) {
        this.#small.push(piece);
        this.#smallBytes += piece.length;
        if (this.#smallBytes >= MIN_CHUNK) yield* this.rest();
      } else {
        yield* this.rest();
        yield piece;
      }
    }
  }

  *rest(): Generator<Uint8Array> {
    if (this.#smallBytes > 0) yield joinBytes(this.#small);
    this.#small = [];
    this.#smallBytes = 0;
  }
}
