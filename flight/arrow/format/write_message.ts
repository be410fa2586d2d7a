/**
 * Arrow IPC messages from columns that are assembled: the flatbuffer header, and
 * the body as a list of views that the transport joins.
 *
 * @module
 */
import { Message } from "apache-arrow";
import { CompressionType } from "apache-arrow/fb/compression-type";
import {
  BodyCompression,
  BufferRegion,
  DictionaryBatch,
  RecordBatch,
} from "apache-arrow/ipc/metadata/message";
import type { Assembly } from "./assembly.ts";
import { compressBuffer } from "./compression.ts";
import type { Compression } from "./verified_message.ts";

/** The two halves of a message. */
export interface IpcMessage {
  /** The flatbuffer Message, without continuation marker and length. */
  readonly dataHeader: Uint8Array;
  /** The body's parts, which follow each other. */
  readonly dataBody: readonly Uint8Array[];
}

/** How a body is laid out. */
export interface BodyOptions {
  /** How buffers are compressed; not at all when left out. */
  compression?: Compression;
  /** What the start of every buffer is a multiple of. @default 8 */
  alignment?: 8 | 64;
}

const ZEROS = new Uint8Array(64);

/** The message of a record batch. */
export function batchMessage(
  assembly: Assembly,
  metadata: ReadonlyMap<string, string>,
  options: BodyOptions = {},
): IpcMessage {
  const { regions, parts, length } = layBody(assembly.buffers, options);
  const header = batchHeader(assembly, regions, options, new Map(metadata));
  return {
    dataHeader: Message.encode(Message.from(header, length)),
    dataBody: parts,
  };
}

/** The message of a dictionary, or of what is to be added to one. */
export function dictionaryMessage(
  assembly: Assembly,
  dictionary: { readonly id: number; readonly isDelta: boolean },
  options: BodyOptions = {},
): IpcMessage {
  const { regions, parts, length } = layBody(assembly.buffers, options);
  const header = new DictionaryBatch(
    batchHeader(assembly, regions, options),
    dictionary.id,
    dictionary.isDelta,
  );
  return {
    dataHeader: Message.encode(Message.from(header, length)),
    dataBody: parts,
  };
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

function batchHeader(
  assembly: Assembly,
  regions: BufferRegion[],
  options: BodyOptions,
  metadata?: Map<string, string>,
): RecordBatch {
  const codec = options.compression === "lz4"
    ? CompressionType.LZ4_FRAME
    : CompressionType.ZSTD;
  return new RecordBatch(
    assembly.rows,
    [...assembly.nodes],
    regions,
    options.compression === undefined ? null : new BodyCompression(codec),
    [...assembly.variadicCounts],
    metadata,
  );
}

/** A body, and where its buffers lie in it. */
export interface Body {
  /** Where each buffer lies. */
  readonly regions: BufferRegion[];
  /** The buffers, and what is between them. */
  readonly parts: readonly Uint8Array[];
  /** The bytes in all parts. */
  readonly length: number;
}

/** Lays buffers one after the other, each at a multiple of the alignment. */
export function layBody(
  buffers: readonly Uint8Array[],
  options: BodyOptions = {},
): Body {
  const { compression, alignment = 8 } = options;
  const regions: BufferRegion[] = [];
  const parts: Uint8Array[] = [];
  let length = 0;
  for (const buffer of buffers) {
    const pieces = compression === undefined
      ? [buffer]
      : compressBuffer(buffer, compression);
    const size = pieces.reduce((sum, piece) => sum + piece.length, 0);
    regions.push(new BufferRegion(length, size));
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
