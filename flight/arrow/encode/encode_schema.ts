/**
 * Schemas as bytes: the table "Schema" of the format's Schema.fbs.
 *
 * @module
 */
import { DataType, type Field, type Schema } from "apache-arrow";
import { Builder } from "flatbuffers";
import { encapsulate } from "../format/ipc_stream.ts";
import { schemaMessage, writeMetadata, writeOffsets } from "../format/write_message.ts";
import type { SchemaLike } from "./arrow_like.ts";
import { BatchRebuilder } from "./rebuild_batch.ts";
import { streamSchema } from "./stream_schema.ts";

/**
 * The schema as an encapsulated IPC message, for FlightInfo and SchemaResult.
 *
 * @throws {TypeError} when a column has a type that Arrow IPC cannot carry.
 *
 * @example What a flight's schema is
 * ```ts
 * import { decodeSchema, encodeSchema } from "@tinyflight/flight/flight";
 * import { Field, Int32, Schema } from "apache-arrow";
 *
 * const bytes = encodeSchema(new Schema([new Field("day", new Int32())]));
 * console.log(`${decodeSchema(bytes)}`); // Schema<{ 0: day: Int32 }>
 * ```
 */
export function encodeSchema(schema: SchemaLike): Uint8Array {
  return encapsulate(schemaHeader(streamSchema(new BatchRebuilder().schema(schema))));
}

/** The header of a schema that {@linkcode streamSchema} made. */
export function schemaHeader({ fields, metadata }: Schema): Uint8Array {
  const builder = new Builder(INITIAL_BYTES);
  const fieldVector = writeFields(builder, fields);
  const pairs = writeMetadata(builder, metadata);
  builder.startObject(4);
  builder.addFieldOffset(1, fieldVector, 0);
  if (pairs !== undefined) builder.addFieldOffset(2, pairs, 0);
  return schemaMessage(builder, builder.endObject());
}

const INITIAL_BYTES = 1024;

/** How many members the largest table of a type has. */
const MAX_MEMBERS = 3;

function writeFields(builder: Builder, fields: readonly Field[]): number {
  return writeOffsets(builder, fields.map((field) => writeField(builder, field)));
}

function writeField(
  builder: Builder,
  { name, type, nullable, metadata }: Field,
): number {
  const values: DataType = DataType.isDictionary(type) ? type.dictionary : type;
  // Some readers insist on a name: so one that is empty is written, too.
  const nameText = builder.createString(name);
  const typeTable = writeType(builder, values);
  const encoding = DataType.isDictionary(type)
    ? writeEncoding(builder, type.id, type.indices, type.isOrdered)
    : undefined;
  const children = writeFields(builder, values.children ?? []);
  const pairs = writeMetadata(builder, metadata);
  builder.startObject(7);
  builder.addFieldOffset(0, nameText, 0);
  builder.addFieldInt8(1, Number(nullable), 0);
  builder.addFieldInt8(2, values.typeId, 0);
  builder.addFieldOffset(3, typeTable, 0);
  if (encoding !== undefined) builder.addFieldOffset(4, encoding, 0);
  builder.addFieldOffset(5, children, 0);
  if (pairs !== undefined) builder.addFieldOffset(6, pairs, 0);
  return builder.endObject();
}

/** Writes the table of a type: the same type of the format as of apache-arrow. */
function writeType(builder: Builder, type: DataType): number {
  if (DataType.isTimestamp(type)) {
    const zone = type.timezone ? builder.createString(type.timezone) : undefined;
    builder.startObject(2);
    builder.addFieldInt16(0, type.unit, 0);
    if (zone !== undefined) builder.addFieldOffset(1, zone, 0);
    return builder.endObject();
  }
  if (DataType.isUnion(type)) {
    const ids = writeInt32s(builder, type.typeIds);
    builder.startObject(2);
    builder.addFieldInt16(0, type.mode, 0);
    builder.addFieldOffset(1, ids, 0);
    return builder.endObject();
  }
  builder.startObject(MAX_MEMBERS);
  writeParameters(builder, type);
  return builder.endObject();
}

/**
 * Writes those parameters of a type that are numbers into its table; one that is the
 * format's default is left out.
 */
function writeParameters(builder: Builder, type: DataType): void {
  if (DataType.isInt(type)) {
    builder.addFieldInt32(0, type.bitWidth, 0);
    builder.addFieldInt8(1, Number(type.isSigned), 0);
  } else if (DataType.isFloat(type)) {
    builder.addFieldInt16(0, type.precision, 0);
  } else if (DataType.isDecimal(type)) {
    builder.addFieldInt32(0, type.precision, 0);
    builder.addFieldInt32(1, type.scale, 0);
    builder.addFieldInt32(2, type.bitWidth, 128);
  } else if (DataType.isTime(type)) {
    builder.addFieldInt16(0, type.unit, 1);
    builder.addFieldInt32(1, type.bitWidth, 32);
  } else if (DataType.isDate(type) || DataType.isDuration(type)) {
    builder.addFieldInt16(0, type.unit, 1);
  } else if (DataType.isInterval(type)) {
    builder.addFieldInt16(0, type.unit, 0);
  } else if (DataType.isFixedSizeBinary(type)) {
    builder.addFieldInt32(0, type.byteWidth, 0);
  } else if (DataType.isFixedSizeList(type)) {
    builder.addFieldInt32(0, type.listSize, 0);
  } else if (DataType.isMap(type)) {
    builder.addFieldInt8(0, Number(type.keysSorted), 0);
  }
}

function writeEncoding(
  builder: Builder,
  id: number,
  indices: DataType,
  isOrdered: boolean,
): number {
  const indexType = writeType(builder, indices);
  builder.startObject(4);
  builder.addFieldInt64(0, BigInt(id), 0n);
  builder.addFieldOffset(1, indexType, 0);
  builder.addFieldInt8(2, Number(isOrdered), 0);
  return builder.endObject();
}

function writeInt32s(builder: Builder, numbers: Int32Array): number {
  builder.startVector(4, numbers.length, 4);
  for (const number of numbers.toReversed()) builder.addInt32(number);
  return builder.endVector();
}
