/**
 * What tables, batches and schemas of apache-arrow have in common, whichever copy and
 * version of it has made them: a program often has several, since libraries bring
 * their own.
 *
 * @module
 */

/** A type. It has members beside these, which depend on its id. */
export interface TypeLike {
  /** The number of the kind of type, one of apache-arrow's enum `Type`. */
  readonly typeId: number;
}

/** A field of a schema, or of a type. */
export interface FieldLike {
  /** The field's name. */
  readonly name: string;
  /** The type of its values. */
  readonly type: TypeLike;
  /** Whether it may have nulls. */
  readonly nullable: boolean;
  /** The field's custom metadata. */
  readonly metadata: ReadonlyMap<string, string>;
}

/** A Schema. */
export interface SchemaLike {
  /** The columns. */
  readonly fields: readonly FieldLike[];
  /** The schema's custom metadata. */
  readonly metadata: ReadonlyMap<string, string>;
}

/** A Data: one array, with its buffers and its children. */
export interface DataLike {
  /** Its type. */
  readonly type: TypeLike;
  /** How many rows it has. */
  readonly length: number;
  /** The row at which it starts in its bitmaps. */
  readonly offset: number;
  /** How many of its rows are null. */
  readonly nullCount: number;
  /** The arrays in it, each a Data. */
  readonly children: readonly unknown[];
}

/** A RecordBatch. */
export interface RecordBatchLike {
  /** The names and types of its columns. */
  readonly schema: SchemaLike;
  /** Its columns, as the children of a struct. */
  readonly data: DataLike;
}

/** A Table. */
export interface TableLike {
  /** The schema of all its batches. */
  readonly schema: SchemaLike;
  /** Its rows. */
  readonly batches: readonly RecordBatchLike[];
}

/** Whether the value has what a Schema has. */
export function isSchemaLike(value: unknown): value is SchemaLike {
  return isObject(value) && Array.isArray(value.fields) && isObject(value.metadata);
}

/** Whether the value has what a RecordBatch has. */
export function isRecordBatchLike(value: unknown): value is RecordBatchLike {
  return isObject(value) && isSchemaLike(value.schema) && isDataLike(value.data);
}

/** Whether the value has what a Table has. */
export function isTableLike(value: unknown): value is TableLike {
  return isObject(value) && isSchemaLike(value.schema) && Array.isArray(value.batches);
}

function isDataLike(value: unknown): value is DataLike {
  return isObject(value) && isObject(value.type) && Array.isArray(value.children);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
