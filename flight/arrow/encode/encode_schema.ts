/**
 * Schemas as bytes.
 *
 * @module
 */
import { Message, Schema } from "apache-arrow";
import { encapsulate } from "../format/ipc_stream.ts";
import type { SchemaLike } from "./arrow_like.ts";
import { BatchRebuilder } from "./rebuild_batch.ts";
import { mapFields, wireSchema } from "./wire_schema.ts";

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
  return encapsulate(schemaHeader(wireSchema(new BatchRebuilder().schema(schema))));
}

/** The flatbuffer Message of a schema that {@linkcode wireSchema} made. */
export function schemaHeader(schema: Schema): Uint8Array {
  // apache-arrow leaves an empty name out, and some readers insist on a name. This
  // one is empty and still counts as there.
  const emptyName = new Uint8Array(0) as unknown as string;
  const fields = mapFields(
    schema.fields,
    (field) => field.name !== "" ? field : Object.assign(field, { name: emptyName }),
  );
  return Message.encode(Message.from(new Schema(fields, schema.metadata)));
}
