/**
 * What is known of an Arrow message after it was verified.
 *
 * @module
 */
import type { Compression } from "../compression/compression.ts";
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

/** Where a buffer is in the body: as it was sent, so with its prefix when compressed. */
export interface BufferRegion {
  /** The byte it starts at, a multiple of 8. */
  readonly offset: number;
  /** How many bytes it has. */
  readonly length: number;
}

/** A stream's schema. It is a class, so that one that was kept elsewhere is known again. */
export class VerifiedSchema {
  /** What the message is. */
  readonly kind = "schema";
  /** The version of its metadata, which the other messages of the stream share. */
  readonly version: MetadataVersion;
  /** The columns. */
  readonly fields: readonly FieldLayout[];
  /** How many fields there are, with those of the columns' children. */
  readonly fieldCount: number;
  /** The dictionaries of the columns, by id. */
  readonly dictionaries: ReadonlyMap<bigint, DictionaryLayout>;

  /** A schema of these parts. */
  constructor(parts: Omit<VerifiedSchema, "kind">) {
    this.version = parts.version;
    this.fields = parts.fields;
    this.fieldCount = parts.fieldCount;
    this.dictionaries = parts.dictionaries;
  }
}

/** One array of a record batch: a column, or what is in one. */
export interface VerifiedColumn {
  /** What it consists of. */
  readonly field: FieldLayout;
  /** How long it is. */
  readonly node: FieldNode;
  /** Its buffers, as the field lists them. */
  readonly buffers: readonly BufferRegion[];
  /** The buffers that its views refer to; none for other types. */
  readonly variadicBuffers: readonly BufferRegion[];
  /** The arrays in it. */
  readonly children: readonly VerifiedColumn[];
}

/** A record batch. */
export interface VerifiedRecordBatch {
  /** What the message is. */
  readonly kind: "batch";
  /** How many rows it has. */
  readonly rows: number;
  /** Its columns. */
  readonly columns: readonly VerifiedColumn[];
  /** How the buffers are compressed, if they are. */
  readonly compression: Compression | undefined;
}

/** A batch of a dictionary's values. */
export interface VerifiedDictionary {
  /** What the message is. */
  readonly kind: "dictionary";
  /** The dictionary it belongs to. */
  readonly id: bigint;
  /** Whether the values are added to those that came before, or replace them. */
  readonly isDelta: boolean;
  /** The values, as one column. */
  readonly batch: VerifiedRecordBatch;
}

/** A message that may be handed on. */
export type VerifiedMessage = VerifiedSchema | VerifiedRecordBatch | VerifiedDictionary;
