/**
 * Schemas from bytes: from the form in which FlightInfo and SchemaResult have them.
 *
 * @module
 */
import { readArrowSchema } from "./read_arrow_schema.ts";
import { CONTINUATION_MARKER } from "../format/ipc_stream.ts";
import { FlightError } from "../../errors.ts";
import type { ArrowSchema } from "../format/arrow_schema.ts";
import { StreamVerifier, type VerifyOptions } from "../verify/stream_verifier.ts";

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
  return readArrowSchema(header, message, [...message.fields.keys()]);
}

/** The flatbuffer of the first message, if its length makes sense. */
export function firstHeader(bytes: Uint8Array): Uint8Array | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4) return undefined;
  const start = view.getUint32(0, true) === CONTINUATION_MARKER ? 8 : 4;
  if (bytes.length < start) return undefined;
  const length = view.getInt32(start - 4, true);
  if (length <= 0 || length > bytes.length - start) return undefined;
  return bytes.subarray(start, start + length);
}
