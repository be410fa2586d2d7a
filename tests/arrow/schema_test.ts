/** encodeSchema() and decodeSchema(). */
import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  DataType,
  Dictionary,
  Field,
  Int32,
  Message,
  MessageHeader,
  MetadataVersion,
  Schema,
  tableFromIPC,
  tableToIPC,
  UnionMode,
  Utf8,
} from "apache-arrow";
import { Field as FlatField } from "apache-arrow/fb/field";
import { Int as FlatInt } from "apache-arrow/fb/int";
import { Message as FlatMessage } from "apache-arrow/fb/message";
import { Schema as FlatSchema } from "apache-arrow/fb/schema";
import { Type as FlatType } from "apache-arrow/fb/type";
import { Union as FlatUnion } from "apache-arrow/fb/union";
import { Builder } from "flatbuffers";
import { encode } from "../../flight/arrow/encode/encode.ts";
import { FlightError } from "../../flight/errors.ts";
import { decodeSchema } from "../../flight/arrow/decode/decode_schema.ts";
import { encapsulate } from "../../flight/arrow/format/ipc_stream.ts";
import { encodeSchema } from "../../flight/arrow/encode/encode_schema.ts";
import { schemaDifference } from "../../flight/arrow/encode/stream_schema.ts";
import { readStream } from "../helpers/tables/arrow_stream.ts";
import { everyTable } from "../helpers/tables/arrow_tables.ts";

const table = everyTable();
const { schema } = table;

Deno.test("encodeSchema() and decodeSchema() keep every type, name and metadata", () => {
  const found = decodeSchema(encodeSchema(schema))!;
  assertEquals(schemaDifference(schema, found), undefined);
  assertEquals(`${found}`, `${schema}`);
  assertEquals(found.metadata, schema.metadata);
  for (const [index, field] of schema.fields.entries()) {
    assertEquals(found.fields[index].metadata, field.metadata);
    assertEquals(found.fields[index].nullable, field.nullable);
  }
});

Deno.test("encodeSchema() writes an encapsulated message, padded to 8 bytes", () => {
  const bytes = encodeSchema(schema);
  const view = new DataView(bytes.buffer);
  assertEquals(view.getUint32(0, true), 0xffffffff);
  assertEquals(view.getInt32(4, true), bytes.length - 8);
  assertEquals(bytes.length % 8, 0);
  assertEquals(tableFromIPC(bytes).schema.names, schema.names);
});

Deno.test("encodeSchema() gives the same bytes as the stream of encode()", async () => {
  for await (const { dataHeader } of encode(table)) {
    assertEquals(encapsulate(dataHeader!), encodeSchema(schema));
    break;
  }
});

Deno.test("encodeSchema() does not change the schema", () => {
  const type = new Dictionary(new Utf8(), new Int32(), 3);
  const twice = new Schema(["", "b"].map((name) => new Field(name, type)));
  const found = decodeSchema(encodeSchema(twice))!;
  assertEquals(found.fields.map(({ name, type }) => [name, type.id]), [["", 3], [
    "b",
    4,
  ]]);
  assertEquals(twice.fields.map(({ name, type }) => [name, type.id]), [["", 3], [
    "b",
    3,
  ]]);
});

Deno.test("encodeSchema() writes a name that is empty", () => {
  const bytes = encodeSchema(new Schema([new Field("", new Int32())]));
  // Without it, apache-arrow gives null.
  const message = Message.decode(bytes.subarray(8)).header() as Schema;
  assertEquals(message.fields[0].name, "");
});

Deno.test("decodeSchema() reads a message without continuation marker", () => {
  const bytes = encodeSchema(schema);
  assertEquals(`${decodeSchema(bytes.subarray(4))}`, `${schema}`);
});

Deno.test("decodeSchema() reads the schema of a whole stream", () => {
  assertEquals(`${decodeSchema(tableToIPC(table, "stream"))}`, `${table.schema}`);
  const bytes = encodeSchema(schema);
  const ended = new Uint8Array(bytes.length + 8);
  ended.set(bytes);
  ended.fill(255, bytes.length, bytes.length + 4);
  assertEquals(`${decodeSchema(ended)}`, `${schema}`);
});

Deno.test("decodeSchema() takes no bytes for no schema", () => {
  assertEquals(decodeSchema(new Uint8Array(0)), undefined);
});

Deno.test("decodeSchema() refuses what is not a schema, with the code that is given", () => {
  const bytes = encodeSchema(schema);
  const reason = "the bytes are not an encapsulated IPC message";
  for (const length of [1, 3, 4, 7, 8, 100, bytes.length - 1]) {
    const error = assertThrows(
      () => decodeSchema(bytes.subarray(0, length), { code: "DATA_LOSS" }),
      FlightError,
      reason,
    );
    assertEquals(error.code, "DATA_LOSS");
  }
  const damaged = new Uint8Array(bytes).fill(77, 12, 40);
  const error = assertThrows(() => decodeSchema(damaged), FlightError);
  assertEquals(error.code, "INVALID_ARGUMENT");
});

Deno.test("decodeSchema() refuses a type that apache-arrow does not know", () => {
  const error = assertThrows(() => decodeSchema(readStream("run_ends")), FlightError);
  assertEquals(error.code, "UNIMPLEMENTED");
  assert(error.message.includes("RunEndEncoded"), error.message);
});

Deno.test("decodeSchema() counts the ids of a union from 0 when it has none", () => {
  const builder = new Builder();
  const field = (
    name: string,
    type: FlatType,
    table: number,
    children: number[] = [],
  ) => {
    const [text, list] = [
      builder.createString(name),
      FlatField.createChildrenVector(builder, children),
    ];
    FlatField.startField(builder);
    FlatField.addName(builder, text);
    FlatField.addTypeType(builder, type);
    FlatField.addType(builder, table);
    FlatField.addChildren(builder, list);
    return FlatField.endField(builder);
  };
  const int = FlatInt.createInt(builder, 32, true);
  const children = ["a", "b"].map((name) => field(name, FlatType.Int, int));
  FlatUnion.startUnion(builder);
  FlatUnion.addMode(builder, UnionMode.Dense);
  const union = FlatUnion.endUnion(builder);
  const fields = FlatSchema.createFieldsVector(builder, [
    field("u", FlatType.Union, union, children),
  ]);
  FlatSchema.startSchema(builder);
  FlatSchema.addFields(builder, fields);
  const header = FlatSchema.endSchema(builder);
  FlatMessage.startMessage(builder);
  FlatMessage.addVersion(builder, MetadataVersion.V5);
  FlatMessage.addHeaderType(builder, MessageHeader.Schema);
  FlatMessage.addHeader(builder, header);
  builder.finish(FlatMessage.endMessage(builder));
  const { type } = decodeSchema(encapsulate(builder.asUint8Array()))!.fields[0];
  assert(DataType.isUnion(type));
  assertEquals([...type.typeIds], [0, 1]);
  assertEquals({ ...type.typeIdToChildIndex }, { 0: 0, 1: 1 });
});
