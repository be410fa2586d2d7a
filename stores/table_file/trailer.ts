/**
 * What follows a table's Arrow IPC stream in its file. Readers of such streams stop
 * at the end marker, so they open the file as it is.
 *
 * ```text
 * Arrow IPC stream, with its end marker
 * index      an entry of 24 bytes for each message
 * schema     the header of the schema message once more
 * summary    JSON: name, descriptor, rows, bytes, messages, revision, modified; and
 *            pieces and streamBytes, when the batches are in other files
 * footer     the bytes of the schema, those of the summary, the CRC-32 of both and of
 *            these two numbers (uint32, little-endian), and "TFLTABLE1   "
 * ```
 *
 * So the last bytes of a file tell all of a table but its messages, and one read of
 * them is enough.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { crc32 } from "node:zlib";
import { joinBytes } from "../../base/join_bytes.ts";
import type { FlightDescriptor } from "../../proto/messages.ts";
import type { TableEntry, TablePiece } from "../store.ts";
import { ENTRY_BYTES } from "./message_index.ts";

const MAGIC = new TextEncoder().encode("TFLTABLE1   ");
const LENGTHS_BYTES = 8;
/** The bytes at the end of a file that tell how long the rest of the trailer is. */
const FOOTER_BYTES = LENGTHS_BYTES + 4 + MAGIC.length;

/** A table's file, as far as its trailer tells. */
export interface TableFile {
  readonly entry: TableEntry;
  /** What no other file has, and is kept where the entry's revision is another. */
  readonly id: string;
  /** The messages of the stream; the index has an entry for each. */
  readonly messages: number;
  /** The bytes of the stream. */
  readonly streamBytes: number;
  /** The bytes of the whole file. */
  readonly fileBytes: number;
}

/** A file that is not a table's, or has been changed since it was written. */
export class DamagedFile extends Error {
  /** A file in which this is wrong, which reads on after "it". */
  constructor(reason: string, options?: ErrorOptions) {
    super(reason, options);
    this.name = "DamagedFile";
  }
}

/** The trailer of a file whose stream has so many bytes, and this index. */
export function writeTrailer(
  entry: TableEntry,
  streamBytes: number,
  index: Uint8Array,
): Uint8Array {
  const { name, descriptor, schema, rows, bytes, revision, modified, pieces } = entry;
  const messages = index.length / ENTRY_BYTES;
  const json: Summary = {
    name,
    descriptor: descriptorToJson(descriptor),
    rows,
    bytes,
    messages,
    revision,
    modified: modified.toISOString(),
    ...pieces === undefined ? {} : { pieces, streamBytes },
  };
  const summary = new TextEncoder().encode(JSON.stringify(json));
  const footer = new Uint8Array(FOOTER_BYTES);
  const view = new DataView(footer.buffer);
  view.setUint32(0, schema.length, true);
  view.setUint32(4, summary.length, true);
  const lengths = footer.subarray(0, LENGTHS_BYTES);
  view.setUint32(8, checksum(schema, summary, lengths), true);
  footer.set(MAGIC, FOOTER_BYTES - MAGIC.length);
  return joinBytes([index, schema, summary, footer]);
}

/**
 * What the last bytes of a file tell of its table. When more of them are needed, it
 * gives how many.
 *
 * @throws {DamagedFile} when it is no such file, or not as it was written.
 */
export function readTrailer(tail: Uint8Array, fileBytes: number): TableFile | number {
  const footer = tail.subarray(-FOOTER_BYTES);
  const magic = footer.subarray(-MAGIC.length);
  if (footer.length < FOOTER_BYTES || Buffer.compare(magic, MAGIC) !== 0) {
    throw new DamagedFile(
      "is cut off, or was not written by this store, whose files end with a summary",
    );
  }
  const view = new DataView(footer.buffer, footer.byteOffset, footer.length);
  const [schemaBytes, summaryBytes] = [
    view.getUint32(0, true),
    view.getUint32(4, true),
  ];
  const needed = schemaBytes + summaryBytes + FOOTER_BYTES;
  if (needed > fileBytes) throw new DamagedFile("is cut off, or its end is damaged");
  if (needed > tail.length) return needed;
  const body = tail.subarray(tail.length - needed, tail.length - FOOTER_BYTES);
  const schema = body.slice(0, schemaBytes);
  const summary = body.subarray(schemaBytes);
  const lengths = footer.subarray(0, LENGTHS_BYTES);
  if (checksum(schema, summary, lengths) !== view.getUint32(8, true)) {
    throw new DamagedFile("has a summary at its end whose checksum is wrong");
  }
  const file = readSummary(new TextDecoder().decode(summary), schema, fileBytes);
  if (file.streamBytes + ENTRY_BYTES * file.messages + needed !== fileBytes) {
    throw new DamagedFile("has another length than its summary tells");
  }
  return file;
}

/** Where the entry of the message with this number stands in the file. */
export function indexPosition({ streamBytes }: TableFile, message: number): number {
  return streamBytes + ENTRY_BYTES * message;
}

interface Summary {
  readonly name: string;
  readonly descriptor: { readonly cmd: string } | { readonly path: string[] };
  readonly rows: number;
  readonly bytes: number;
  readonly messages: number;
  readonly revision: string;
  readonly modified: string;
  readonly pieces?: readonly TablePiece[];
  readonly streamBytes?: number;
}

function readSummary(text: string, schema: Uint8Array, fileBytes: number): TableFile {
  // The checksum has shown that this is what was written.
  const summary: Summary = JSON.parse(text);
  const { name, rows, bytes, messages, revision, pieces } = summary;
  const { streamBytes = bytes } = summary;
  const descriptor = descriptorFromJson(summary.descriptor);
  const modified = new Date(summary.modified);
  const known = { name, descriptor, schema, rows, bytes, revision, modified };
  const entry = pieces === undefined ? known : { ...known, pieces };
  return { entry, id: revision, messages, streamBytes, fileBytes };
}

function descriptorToJson(
  { type, cmd, path }: FlightDescriptor,
): Summary["descriptor"] {
  return type === "PATH" ? { path } : { cmd: Buffer.from(cmd).toString("base64") };
}

function descriptorFromJson(descriptor: Summary["descriptor"]): FlightDescriptor {
  return "path" in descriptor
    ? { type: "PATH", cmd: new Uint8Array(0), path: descriptor.path }
    : {
      type: "CMD",
      cmd: new Uint8Array(Buffer.from(descriptor.cmd, "base64")),
      path: [],
    };
}

function checksum(...parts: Uint8Array[]): number {
  return parts.reduce((sum, part) => crc32(part, sum), 0);
}
