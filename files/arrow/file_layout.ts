/**
 * What Arrow's file format adds to a stream ("IPC file format" in the Arrow columnar
 * specification): it starts and ends with a magic text, and has a footer before the last
 * one that says where each message is.
 *
 * @module
 */
import { Finding } from "../../flight/arrow/format/finding.ts";
import { FlatTable, type FlatVector } from "../../flight/arrow/format/flatbuffer.ts";

/** The text at both ends of a file. */
export const MAGIC: Uint8Array = new TextEncoder().encode("ARROW1");
/** The magic text at the start, padded to a multiple of 8. */
export const FILE_START: Uint8Array = new Uint8Array([...MAGIC, 0, 0]);
/** The bytes of a footer's length and the magic text after it. */
export const FILE_END_BYTES = 10;
/** The bytes of a Block: where a message is, how long its header and its body are. */
const BLOCK_BYTES = 24;
/** The number of the metadata's version V5. */
const V5 = 4;
/** The footer's vtable: its size, the table's, and where the first four members are. */
const VTABLE = [12, 20, 4, 8, 12, 16];
/** Where the footer's table is, after its vtable. */
const TABLE_AT = 16;
/** Where the vectors are: their elements, after a length of 4 bytes, have to be at a multiple of 8. */
const VECTORS_AT = 36;
/** The slot of the table "Message" that refers to the schema. */
const HEADER_SLOT = 2;

/** Where a message is in a file. */
export interface Block {
  /** The position of the continuation marker. */
  readonly offset: number;
  /** The bytes of marker, length and padded header. */
  readonly headerLength: number;
  /** The bytes of the body. */
  readonly bodyLength: number;
}

/** The vtable of a schema message: its size, the table's, and where three members are. */
const MESSAGE_VTABLE = [10, 12, 8, 10, 4];
/** Where the message's table is, after its vtable. */
const MESSAGE_AT = 16;
/** Where the footer is of which the message refers to the schema, at a multiple of 8. */
const FOOTER_AT = 32;
/** The number of Schema in the union of headers. */
const SCHEMA = 1;

/** What a footer says. */
export interface Footer {
  /** Where the dictionaries are, in the order in which they apply. */
  readonly dictionaries: readonly Block[];
  /** Where the record batches are, in their order. */
  readonly batches: readonly Block[];
}

/** Whether these first bytes are those of a file. */
export function startsLikeFile(bytes: Uint8Array): boolean {
  return MAGIC.every((byte, index) => bytes[index] === byte);
}

/**
 * The footer in these bytes.
 *
 * @throws {Finding} when they are none.
 */
export function readFooter(bytes: Uint8Array): Footer {
  const footer = FlatTable.root(bytes);
  return {
    dictionaries: readBlocks(footer.vector(2, BLOCK_BYTES)),
    batches: readBlocks(footer.vector(3, BLOCK_BYTES)),
  };
}

/**
 * The schema message for a file that has none: a message whose table "Schema" is that of
 * the footer in these bytes.
 *
 * @throws {Finding} when they are no footer, or it has no schema.
 */
export function schemaMessageOf(bytes: Uint8Array): Uint8Array {
  const footer = FlatTable.root(bytes);
  if (footer.table(1) === undefined) throw new Finding("its footer has no schema");
  const message = new Uint8Array(FOOTER_AT + bytes.length);
  message.set(bytes, FOOTER_AT);
  const view = new DataView(message.buffer);
  view.setUint32(0, MESSAGE_AT, true);
  MESSAGE_VTABLE.forEach((entry, index) => view.setUint16(4 + 2 * index, entry, true));
  view.setInt32(MESSAGE_AT, MESSAGE_AT - 4, true);
  const at = MESSAGE_AT + 4;
  view.setUint32(at, FOOTER_AT + tableAt(bytes, 1) - at, true);
  view.setInt16(MESSAGE_AT + 8, footer.int16(0), true);
  view.setUint8(MESSAGE_AT + 10, SCHEMA);
  return message;
}

/**
 * The footer as bytes. The schema message's whole flatbuffer becomes a part of it, and
 * its table "Schema" the footer's, so that a schema of any types stays as it is.
 */
export function writeFooter(schemaMessage: Uint8Array, footer: Footer): Uint8Array {
  const { dictionaries, batches } = footer;
  const dictionariesAt = VECTORS_AT;
  const batchesAt = dictionariesAt + 8 + BLOCK_BYTES * dictionaries.length;
  const messageAt = batchesAt + 4 + BLOCK_BYTES * batches.length;
  const bytes = new Uint8Array(messageAt + schemaMessage.length);
  bytes.set(schemaMessage, messageAt);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, TABLE_AT, true);
  VTABLE.forEach((entry, index) => view.setUint16(4 + 2 * index, entry, true));
  view.setInt32(TABLE_AT, TABLE_AT - 4, true);
  view.setInt16(TABLE_AT + 4, V5, true);
  const schemaAt = messageAt + tableAt(schemaMessage, HEADER_SLOT);
  [schemaAt, dictionariesAt, batchesAt].forEach((target, index) => {
    const at = TABLE_AT + 8 + 4 * index;
    view.setUint32(at, target - at, true);
  });
  writeBlocks(view, dictionariesAt, dictionaries);
  writeBlocks(view, batchesAt, batches);
  return bytes;
}

/** Where the table is to which a slot of the root table refers; both were read before. */
function tableAt(flatbuffer: Uint8Array, slot: number): number {
  const { buffer, byteOffset, byteLength } = flatbuffer;
  const view = new DataView(buffer, byteOffset, byteLength);
  const root = view.getUint32(0, true);
  const vtable = root - view.getInt32(root, true);
  const at = root + view.getUint16(vtable + 4 + 2 * slot, true);
  return at + view.getUint32(at, true);
}

function writeBlocks(view: DataView, at: number, blocks: readonly Block[]): void {
  view.setUint32(at, blocks.length, true);
  blocks.forEach(({ offset, headerLength, bodyLength }, index) => {
    const start = at + 4 + BLOCK_BYTES * index;
    view.setBigInt64(start, BigInt(offset), true);
    view.setInt32(start + 8, headerLength, true);
    view.setBigInt64(start + 16, BigInt(bodyLength), true);
  });
}

function readBlocks(vector: FlatVector | undefined): Block[] {
  return Array.from({ length: vector?.length ?? 0 }, (_, index) => {
    const start = BLOCK_BYTES * index;
    return {
      offset: vector!.int64(start),
      headerLength: vector!.int32(start + 8),
      bodyLength: vector!.int64(start + 16),
    };
  });
}
