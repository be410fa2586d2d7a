/**
 * Writes messages with columns: record batches and dictionaries. A header is the table
 * "Message" of the format's Message.fbs.
 *
 * @module
 */
import { Builder } from "flatbuffers";
import type { FlightDataInit } from "../../../proto/flight_data.ts";
import type { Assembly } from "./assembly.ts";
import {
  CODECS,
  compressBuffer,
  type Compression,
} from "../compression/compression.ts";
import { type BufferRegion, MetadataVersion } from "./verified_message.ts";

/** How a body is laid out. */
export interface BodyOptions {
  /** How buffers are compressed; not at all when left out. */
  compression?: Compression;
  /** What the start of every buffer is a multiple of. @default 8 */
  alignment?: 8 | 64;
}

/** What a message says of itself, beside its columns. */
export interface MessageOptions extends BodyOptions {
  /** The version of the metadata. @default V5 */
  version?: MetadataVersion;
  /** The message's custom metadata. */
  metadata?: Iterable<readonly [string | Uint8Array, string | Uint8Array]>;
}

/** Which dictionary a message is of. */
export interface DictionaryPlace {
  /** The dictionary's id in the stream's schema. */
  readonly id: number;
  /** Whether the values are added to those that came before, or replace them. */
  readonly isDelta: boolean;
}

/** The numbers in the union MessageHeader. */
const SCHEMA = 1;
const DICTIONARY_BATCH = 2;
const RECORD_BATCH = 3;
const INITIAL_BYTES = 1024;
const STRUCT_BYTES = 16;
const TWO_TO_32 = 2 ** 32;
const ZEROS = new Uint8Array(64);

/** The message of a record batch. */
export function batchMessage(
  assembly: Assembly,
  options: MessageOptions = {},
): FlightDataInit {
  const { regions, parts, length } = layBody(assembly.buffers, options);
  const builder = new Builder(INITIAL_BYTES);
  const batch = writeBatch(builder, assembly, regions, options.compression);
  const dataHeader = writeMessage(builder, RECORD_BATCH, batch, length, options);
  return { dataHeader, dataBody: parts };
}

/** The message of a dictionary, or of what is to be added to one. */
export function dictionaryMessage(
  assembly: Assembly,
  { id, isDelta }: DictionaryPlace,
  options: MessageOptions = {},
): FlightDataInit {
  const { regions, parts, length } = layBody(assembly.buffers, options);
  const builder = new Builder(INITIAL_BYTES);
  const batch = writeBatch(builder, assembly, regions, options.compression);
  builder.startObject(3);
  builder.addFieldInt64(0, BigInt(id), 0n);
  builder.addFieldOffset(1, batch, 0);
  builder.addFieldInt8(2, Number(isDelta), 0);
  const dictionary = builder.endObject();
  const dataHeader = writeMessage(
    builder,
    DICTIONARY_BATCH,
    dictionary,
    length,
    options,
  );
  return { dataHeader, dataBody: parts };
}

/** The header of a schema, which has no body, around a table "Schema" in the builder. */
export function schemaMessage(builder: Builder, schema: number): Uint8Array {
  return writeMessage(builder, SCHEMA, schema, 0, {});
}

/** Writes a vector of key-value pairs; undefined without any. */
export function writeMetadata(
  builder: Builder,
  metadata: MessageOptions["metadata"] = [],
): number | undefined {
  const pairs = Array.from(metadata, ([key, value]) => {
    const written = [key, value].map((text) => builder.createString(text));
    builder.startObject(2);
    written.forEach((offset, slot) => builder.addFieldOffset(slot, offset, 0));
    return builder.endObject();
  });
  return pairs.length === 0 ? undefined : writeOffsets(builder, pairs);
}

/** Writes a vector of offsets to what was written before. */
export function writeOffsets(builder: Builder, offsets: readonly number[]): number {
  builder.startVector(4, offsets.length, 4);
  // Flatbuffers are written from their end, so that the last comes first.
  for (const offset of offsets.toReversed()) builder.addOffset(offset);
  return builder.endVector();
}

/** At least the bytes that these columns take as a message, before compression. */
export function messageSize(
  assembly: Assembly,
  options: BodyOptions = {},
): number {
  const { nodes, buffers, variadicCounts } = assembly;
  const alignment = options.alignment ?? 8;
  const perBuffer = 16 + (options.compression === undefined ? 0 : 8);
  return buffers.reduce(
    (sum, buffer) => sum + padded(buffer.length, alignment),
    256 + 16 * nodes.length + perBuffer * buffers.length +
      8 * variadicCounts.length,
  );
}

function writeMessage(
  builder: Builder,
  kind: number,
  table: number,
  bodyLength: number,
  { version = MetadataVersion.V5, metadata }: MessageOptions,
): Uint8Array {
  const pairs = writeMetadata(builder, metadata);
  builder.startObject(5);
  builder.addFieldInt16(0, version, 0);
  builder.addFieldInt8(1, kind, 0);
  builder.addFieldOffset(2, table, 0);
  builder.addFieldInt64(3, BigInt(bodyLength), 0n);
  if (pairs !== undefined) builder.addFieldOffset(4, pairs, 0);
  builder.finish(builder.endObject());
  return builder.asUint8Array();
}

function writeBatch(
  builder: Builder,
  { rows, nodes, variadicCounts }: Assembly,
  regions: readonly BufferRegion[],
  compression: Compression | undefined,
): number {
  const nodeVector = writeStructs(
    builder,
    nodes.length,
    (index) => [nodes[index].length, nodes[index].nullCount],
  );
  const regionVector = writeStructs(
    builder,
    regions.length,
    (index) => [regions[index].offset, regions[index].length],
  );
  const codec = compression && writeCompression(builder, compression);
  const counts = variadicCounts.length > 0
    ? writeCounts(builder, variadicCounts)
    : undefined;
  builder.startObject(5);
  builder.addFieldInt64(0, BigInt(rows), 0n);
  builder.addFieldOffset(1, nodeVector, 0);
  builder.addFieldOffset(2, regionVector, 0);
  if (codec !== undefined) builder.addFieldOffset(3, codec, 0);
  if (counts !== undefined) builder.addFieldOffset(4, counts, 0);
  return builder.endObject();
}

/** Writes a vector of structs of two numbers: a FieldNode, or a Buffer. */
function writeStructs(
  builder: Builder,
  count: number,
  numbersOf: (index: number) => readonly [number, number],
): number {
  builder.startVector(STRUCT_BYTES, count, 8);
  for (let index = count - 1; index >= 0; index--) {
    const [first, second] = numbersOf(index);
    builder.prep(8, STRUCT_BYTES);
    writeInt64(builder, second);
    writeInt64(builder, first);
  }
  return builder.endVector();
}

/** Writes a natural number of eight bytes, which is faster than by a bigint. */
function writeInt64(builder: Builder, number: number): void {
  builder.writeInt32(Math.floor(number / TWO_TO_32));
  builder.writeInt32(number);
}

function writeCounts(builder: Builder, counts: readonly number[]): number {
  builder.startVector(8, counts.length, 8);
  for (const count of counts.toReversed()) builder.addInt64(BigInt(count));
  return builder.endVector();
}

function writeCompression(builder: Builder, compression: Compression): number {
  builder.startObject(2);
  builder.addFieldInt8(0, CODECS.indexOf(compression), 0);
  return builder.endObject();
}

/** A body, and where its buffers lie in it. */
interface Body {
  readonly regions: readonly BufferRegion[];
  /** The buffers, and what is between them. */
  readonly parts: readonly Uint8Array[];
  /** The bytes in all parts. */
  readonly length: number;
}

/** Lays buffers one after the other, each at a multiple of the alignment. */
function layBody(
  buffers: readonly Uint8Array[],
  { compression, alignment = 8 }: BodyOptions,
): Body {
  const regions: BufferRegion[] = [];
  const parts: Uint8Array[] = [];
  let length = 0;
  for (const buffer of buffers) {
    const pieces = compression === undefined
      ? [buffer]
      : compressBuffer(buffer, compression);
    const size = pieces.reduce((sum, piece) => sum + piece.length, 0);
    regions.push({ offset: length, length: size });
    if (size === 0) continue;
    parts.push(...pieces);
    const padding = padded(size, alignment) - size;
    if (padding > 0) parts.push(ZEROS.subarray(0, padding));
    length += size + padding;
  }
  return { regions, parts, length };
}

function padded(length: number, alignment: number): number {
  return Math.ceil(length / alignment) * alignment;
}
