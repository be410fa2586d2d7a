/**
 * Schemas as bytes: in the form in which FlightInfo and SchemaResult have them.
 *
 * @module
 */
import { Message, Schema, type Table } from "apache-arrow";
import { arrowSchema } from "./read_arrow_schema.ts";
import { FlightError } from "../../errors.ts";
import { framedHeader } from "../format/ipc_stream.ts";
import { StreamVerifier, type VerifyOptions } from "../verify/stream_verifier.ts";
import type { SchemaLike } from "../encode/arrow_like.ts";
import { BatchRebuilder } from "../encode/rebuild_batch.ts";
import { mapFields, wireSchema } from "../encode/wire_schema.ts";

const CONTINUATION = 0xffffffff;

/** A schema of apache-arrow, as its tables have it. */
export type ArrowSchema = Table["schema"];

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

/**
 * The schema in these bytes: an encapsulated message, with the continuation marker
 * or from before there was one, or a whole IPC stream, as peers in Go send it.
 * Undefined when there are no bytes, which is how a FlightInfo says that its schema
 * is not known.
 *
 * @throws {FlightError} when the bytes are anything else, or apache-arrow does not
 * know a column's type.
 *
 * @example A schema that came with a FlightInfo
 * ```ts
 * import { decodeSchema, FlightInfo } from "@tinyflight/flight/flight";
 *
 * const info = FlightInfo.deserialize(new Uint8Array(0));
 * console.log(decodeSchema(info.schema)); // undefined
 * ```
 */
export function decodeSchema(
  bytes: Uint8Array,
  options: VerifyOptions = {},
): ArrowSchema | undefined {
  if (bytes.length === 0) return undefined;
  const verifier = new StreamVerifier(options);
  const header = firstHeader(bytes);
  if (header === undefined) {
    throw new FlightError(
      verifier.code,
      "Cannot read a schema: the bytes are not an encapsulated IPC message",
    );
  }
  const message = verifier.verify(header, new Uint8Array(0));
  if (message.kind !== "schema") {
    throw new TypeError("a stream starts with its schema");
  }
  return arrowSchema(header, message, [...message.fields.keys()]);
}

/**
 * A message without a body in the form that a stream in a file has: the
 * continuation marker, the length, and the flatbuffer padded to 8 bytes.
 *
 * @example From the header of the first FlightData
 * ```ts
 * import { encapsulate, encode } from "@tinyflight/flight/flight";
 * import { tableFromArrays } from "apache-arrow";
 *
 * for await (const { dataHeader } of encode(tableFromArrays({ day: [1, 2] }))) {
 *   const schema = encapsulate(dataHeader!);
 *   console.log(schema.length % 8); // 0
 *   break;
 * }
 * ```
 */
export function encapsulate(header: Uint8Array): Uint8Array {
  return framedHeader(header);
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

/** The flatbuffer of the first message, if its length makes sense. */
function firstHeader(bytes: Uint8Array): Uint8Array | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4) return undefined;
  const start = view.getUint32(0, true) === CONTINUATION ? 8 : 4;
  if (bytes.length < start) return undefined;
  const length = view.getInt32(start - 4, true);
  if (length <= 0 || length > bytes.length - start) return undefined;
  return bytes.subarray(start, start + length);
}
