/**
 * Writes Arrow messages for the tests field by field, so that they can be wrong in
 * ways that no library would write.
 *
 * @module
 */

/** The numbers of types in the union Type. */
export const Type = {
  Null: 1,
  Int: 2,
  FloatingPoint: 3,
  Binary: 4,
  Utf8: 5,
  Decimal: 7,
  Date: 8,
  Time: 9,
  Timestamp: 10,
  Interval: 11,
  List: 12,
  Struct: 13,
  Union: 14,
  FixedSizeBinary: 15,
  FixedSizeList: 16,
  Map: 17,
  Duration: 18,
  LargeUtf8: 20,
  LargeList: 21,
  RunEndEncoded: 22,
  Utf8View: 24,
  ListView: 25,
  LargeListView: 26,
} as const;

/** The body of a message that has none. */
export const NO_BODY = new Uint8Array(0);

/** A number in a table or vector, of so many bytes. */
export interface FlatScalar {
  size: 1 | 2 | 4 | 8;
  value: number | bigint;
}

/** What lies elsewhere in the flatbuffer, and may be referred to twice. */
export type FlatNode = FlatTable | FlatNumbers | FlatRefs | string;

/** A table: its fields by slot. */
export interface FlatTable {
  fields: readonly (FlatScalar | FlatNode | undefined)[];
}

/** A vector of numbers, or of structs of numbers, of one size. */
export interface FlatNumbers {
  size: 4 | 8;
  numbers: readonly (number | bigint)[];
  /** How many elements it claims to have, as many as numbers when left out. */
  count?: number;
}

/** A vector of tables or strings. */
export interface FlatRefs {
  refs: readonly FlatNode[];
  /** How many elements it claims to have, as many as there are when left out. */
  count?: number;
}

/** The bytes of a flatbuffer with this root. */
export function flatbuffer(root: FlatTable): Uint8Array {
  const nodes = inOrder(root);
  const places = new Map<FlatNode, number>();
  let end = 8;
  for (const node of nodes) {
    places.set(node, end + headSize(node));
    end += Math.ceil((headSize(node) + bodySize(node)) / 8) * 8;
  }
  const bytes = new Uint8Array(end);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, places.get(root)!, true);
  for (const node of nodes) write(view, node, places);
  return bytes;
}

/** A number of one byte. */
export const int8 = (value: number): FlatScalar => ({ size: 1, value });
/** A number of two bytes. */
export const int16 = (value: number): FlatScalar => ({ size: 2, value });
/** A number of four bytes. */
export const int32 = (value: number): FlatScalar => ({ size: 4, value });
/** A number of eight bytes. */
export const int64 = (value: number | bigint): FlatScalar => ({ size: 8, value });
/** A table of these fields. */
export const table = (...fields: FlatTable["fields"]): FlatTable => ({ fields });

/** A Message with this header, which the union has at that number. */
export function message(
  kind: number,
  header: FlatNode | undefined,
  bodyLength = 0,
  version = 4,
): Uint8Array {
  return flatbuffer(table(int16(version), int8(kind), header, int64(bodyLength)));
}

/** A message with a Schema of these fields. */
export function schema(...fields: FlatTable[]): Uint8Array {
  return message(1, table(undefined, { refs: fields }));
}

/** A Field of the type with this number and these parameters. */
export function field(
  name: string,
  type: number,
  parameters: FlatTable = table(),
  more: { children?: readonly FlatTable[]; dictionary?: FlatTable } = {},
): FlatTable {
  const children = more.children && { refs: more.children };
  return table(name, int8(1), int8(type), parameters, more.dictionary, children);
}

/** The parts of a RecordBatch. */
export interface BatchParts {
  /** Its rows. */
  rows: number | bigint;
  /** Length and null count of each node. */
  nodes: readonly (readonly [number | bigint, number | bigint])[];
  /** Offset and length of each buffer. */
  buffers: readonly (readonly [number | bigint, number | bigint])[];
  /** Its counts of variadic buffers. */
  variadics?: readonly number[];
  /** Codec and method of its compression. */
  compression?: readonly [number, number];
}

/** The table RecordBatch of these parts. */
export function recordBatch(parts: BatchParts): FlatTable {
  return table(
    int64(parts.rows),
    { size: 8, numbers: parts.nodes.flat(), count: parts.nodes.length },
    { size: 8, numbers: parts.buffers.flat(), count: parts.buffers.length },
    parts.compression && table(...parts.compression.map(int8)),
    parts.variadics && { size: 8, numbers: parts.variadics },
  );
}

function children(node: FlatNode): readonly FlatNode[] {
  if (typeof node === "string" || "numbers" in node) return [];
  if ("refs" in node) return node.refs;
  return node.fields.filter((field): field is FlatNode =>
    field !== undefined && (typeof field === "string" || !("value" in field))
  );
}

/** All nodes, each after every one that refers to it, as offsets are positive. */
function inOrder(root: FlatNode): FlatNode[] {
  const seen = new Set<FlatNode>();
  const order: FlatNode[] = [];
  const visit = (node: FlatNode): void => {
    if (seen.has(node)) return;
    seen.add(node);
    children(node).forEach(visit);
    order.unshift(node);
  };
  visit(root);
  return order;
}

/** What lies before the place that is referred to: vtable, or room to align. */
function headSize(node: FlatNode): number {
  if (typeof node === "string" || !("fields" in node)) return 4;
  return Math.ceil((4 + 2 * node.fields.length) / 8) * 8;
}

function bodySize(node: FlatNode): number {
  if (typeof node === "string") return 4 + new TextEncoder().encode(node).length + 1;
  if ("numbers" in node) return 4 + node.size * node.numbers.length;
  if ("refs" in node) return 4 + 4 * node.refs.length;
  return 8 + 8 * node.fields.length;
}

function write(view: DataView, node: FlatNode, places: Map<FlatNode, number>): void {
  const at = places.get(node)!;
  const refer = (from: number, to: FlatNode): void =>
    view.setUint32(from, places.get(to)! - from, true);
  if (typeof node === "string") {
    const text = new TextEncoder().encode(node);
    view.setUint32(at, text.length, true);
    new Uint8Array(view.buffer).set(text, at + 4);
  } else if ("numbers" in node) {
    view.setUint32(at, node.count ?? node.numbers.length, true);
    node.numbers.forEach((value, index) =>
      setNumber(view, at + 4 + node.size * index, { size: node.size, value })
    );
  } else if ("refs" in node) {
    view.setUint32(at, node.count ?? node.refs.length, true);
    node.refs.forEach((ref, index) => refer(at + 4 + 4 * index, ref));
  } else {
    const vtable = at - headSize(node);
    view.setInt32(at, at - vtable, true);
    view.setUint16(vtable, 4 + 2 * node.fields.length, true);
    view.setUint16(vtable + 2, 8 + 8 * node.fields.length, true);
    node.fields.forEach((field, slot) => {
      if (field === undefined) return;
      view.setUint16(vtable + 4 + 2 * slot, 8 + 8 * slot, true);
      const place = at + 8 + 8 * slot;
      if (typeof field !== "string" && "value" in field) setNumber(view, place, field);
      else refer(place, field);
    });
  }
}

function setNumber(view: DataView, at: number, { size, value }: FlatScalar): void {
  const number = BigInt(value);
  for (let index = 0; index < size; index++) {
    view.setUint8(at + index, Number(number >> BigInt(8 * index) & 255n));
  }
}
