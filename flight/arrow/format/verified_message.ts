/**
 * What is known of an Arrow message after it was verified.
 *
 * @module
 */
import type { DictionaryLayout, FieldLayout, FieldNode } from "./field_layout.ts";

/** The versions of Arrow's metadata that are in use, by their numbers. */
export const MetadataVersion = {
  /** From Arrow 0.8 on; unions have a validity bitmap. */
  V4: 3,
  /** From Arrow 1.0 on. */
  V5: 4,
} as const;

/** A version of Arrow's metadata. */
export type MetadataVersion = typeof MetadataVersion[keyof typeof MetadataVersion];

/** Where a buffer lies in the body as it was sent, so when compressed with its prefix. */
export interface BufferRegion {
  /** The byte it starts at, a multiple of 8. */
  readonly offset: number;
  /** How many bytes it has. */
  readonly length: number;
}

/** How a batch's buffers are compressed: the LZ4 frame format, or Zstandard. */
export type Compression = "lz4" | "zstd";

/** A stream's schema. */
export interface VerifiedSchema {
  /** What the message is. */
  readonly kind: "schema";
  /** The version of its metadata, which the other messages of the stream share. */
  readonly version: MetadataVersion;
  /** The columns. */
  readonly fields: readonly FieldLayout[];
  /** How many fields there are, with those of the columns' children. */
  readonly fieldCount: number;
  /** The dictionaries of the columns, by id. */
  readonly dictionaries: ReadonlyMap<bigint, DictionaryLayout>;
}

/** A record batch. */
export interface VerifiedRecordBatch {
  /** What the message is. */
  readonly kind: "batch";
  /** How many rows it has. */
  readonly rows: number;
  /** The arrays, each before its children. */
  readonly nodes: readonly FieldNode[];
  /** The buffers of those arrays. */
  readonly buffers: readonly BufferRegion[];
  /** For each array of views, how many buffers follow on that of the views. */
  readonly variadicCounts: readonly number[];
  /** How the buffers are compressed, if they are. */
  readonly compression: Compression | undefined;
  /** What the nodes belong to. */
  readonly fields: readonly FieldLayout[];
}

/** A batch of a dictionary's values. */
export interface VerifiedDictionary {
  /** What the message is. */
  readonly kind: "dictionary";
  /** The dictionary it belongs to. */
  readonly id: bigint;
  /** Whether the values follow on those that came before, or take their place. */
  readonly isDelta: boolean;
  /** The values, as one column. */
  readonly batch: VerifiedRecordBatch;
}

/** A message that may be handed on. */
export type VerifiedMessage = VerifiedSchema | VerifiedRecordBatch | VerifiedDictionary;
