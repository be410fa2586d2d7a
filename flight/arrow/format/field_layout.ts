/**
 * What each field of a schema has in a record batch: its nodes and buffers, and how long
 * they have to be. It follows the "Buffer Listing for Each Layout" of the Arrow columnar
 * format.
 *
 * @module
 */
import { Finding, quote } from "./finding.ts";
import type { TypeParameters } from "./make_type.ts";

/**
 * The most rows that an array may have to be read: the format asks no implementation for
 * more than a signed number of 32 bits counts, and types without bytes, such as Null, make
 * any number of rows cheap to send.
 */
export const MAX_ROWS: number = 2 ** 31 - 1;

/** What a buffer holds. */
export type BufferRole =
  | "validity"
  | "values"
  | "offsets"
  | "sizes"
  | "type ids"
  | "views"
  | "bytes";

/** One of the buffers of a column, and how its size follows from the rows. */
export interface BufferLayout {
  /** What it holds. */
  readonly role: BufferRole;
  /** How many bits each row takes. */
  readonly bits: number;
  /** How many entries there are beyond the rows: 1 for offsets. */
  readonly extra: number;
}

/** How the buffers and children of a column belong together. */
export type LayoutKind =
  | "null"
  | "fixed"
  | "binary"
  | "view"
  | "list"
  | "list view"
  | "fixed-size list"
  | "struct"
  | "sparse union"
  | "dense union"
  | "run-end encoded";

/** An Arrow type: which buffers and children its arrays have. */
export interface TypeLayout {
  /** The type with its parameters, such as "Int32" or "Decimal128(10, 2)". */
  readonly name: string;
  /** Its number in the union Type of Schema.fbs. */
  readonly typeId: number;
  /** Its parameters. */
  readonly parameters: TypeParameters;
  /** How its buffers and children belong together. */
  readonly kind: LayoutKind;
  /** Its buffers in order, without the validity bitmap and variadic ones. */
  readonly buffers: readonly BufferLayout[];
  /** How many children it must have. */
  readonly children: number | "any";
  /** How many rows each child must have for one row of the parent, at least. */
  readonly childRows: number;
  /** A union's type id of each child; undefined when the ids count from 0. */
  readonly typeIds?: readonly number[];
}

/** A field of a schema, and what it has in a record batch. */
export interface FieldLayout {
  /** Its name, empty when it has none. */
  readonly name: string;
  /** Whether it may have nulls. */
  readonly nullable: boolean;
  /** The field that it is a child of. */
  readonly parent: FieldLayout | undefined;
  /** Its type; when it is dictionary-encoded, the type of the indices. */
  readonly type: TypeLayout;
  /** Its own buffers in order, without variadic ones. */
  readonly buffers: readonly BufferLayout[];
  /** Its children; none when it is dictionary-encoded. */
  readonly children: readonly FieldLayout[];
  /** The dictionary it refers to, if it is dictionary-encoded. */
  readonly dictionary: DictionaryLayout | undefined;
  /** How many nodes and buffers it has in a batch, with those of its children. */
  readonly parts: PartCount;
}

/** A dictionary of a schema. */
export interface DictionaryLayout {
  /** The number by which dictionary batches name it. */
  readonly id: bigint;
  /** What the dictionary's own batches consist of. */
  readonly values: FieldLayout;
}

/** How many nodes and buffers one field has in a record batch, or several have. */
export interface PartCount {
  /** How many field nodes. */
  readonly nodes: number;
  /** How many buffers, without variadic ones. */
  readonly buffers: number;
  /** How many counts of variadic buffers. */
  readonly variadics: number;
}

/** How long one array of a record batch is. */
export interface FieldNode {
  /** How many rows it has. */
  readonly length: number;
  /** How many of the rows are null. */
  readonly nullCount: number;
}

/** The names of the fields that the field is in, and its own, joined with dots. */
export function pathOf(field: FieldLayout): string {
  const names = [field.name];
  for (let up = field.parent; up !== undefined; up = up.parent) names.unshift(up.name);
  return names.join(".");
}

/** A finding about a field: "its field "a.b" has ...". */
export function about(field: FieldLayout, state: string): Finding {
  return new Finding(`its field ${quote(pathOf(field))} ${state}`);
}

/** Checks that a buffer of this many bytes can hold what the node says. */
export function checkBufferSize(
  field: FieldLayout,
  buffer: BufferLayout,
  node: FieldNode,
  bytes: number,
): void {
  if (bytes === 0 && buffer.role === "validity" && node.nullCount === 0) return;
  const needed = minimalBytes(buffer, node.length);
  if (bytes < needed) {
    throw about(
      field,
      `has ${bytes} bytes of ${buffer.role}, but ${node.length} rows need ${needed}`,
    );
  }
}

/** The fewest bytes that a buffer can have for this many rows. */
function minimalBytes(buffer: BufferLayout, rows: number): number {
  return rows === 0 ? 0 : Math.ceil((rows + buffer.extra) * buffer.bits / 8);
}
