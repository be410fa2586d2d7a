/**
 * apache-arrow's Schema from a schema message that was verified.
 *
 * @module
 */
import { DataType, Field, Schema } from "apache-arrow";
import { Message as FlatMessage } from "apache-arrow/fb/message";
import { Schema as FlatSchema } from "apache-arrow/fb/schema";
import { ByteBuffer } from "flatbuffers";
import { checkFieldMetadata, checkMetadata } from "./readable_metadata.ts";
import { FlightError } from "../../errors.ts";
import { type FieldLayout, pathOf } from "../format/field_layout.ts";
import { quote } from "../format/finding.ts";
import type { VerifiedSchema } from "../format/verified_message.ts";

/**
 * The schema in this header, with those columns only whose indices are given.
 *
 * @throws {FlightError} UNIMPLEMENTED when apache-arrow has no type for a column, or
 * cannot hold its metadata.
 */
export function arrowSchema(
  header: Uint8Array,
  verified: VerifiedSchema,
  columns: readonly number[],
): Schema {
  // A union's type ids become a view, which has to start at a multiple of 4.
  const aligned = header.byteOffset % 4 === 0 ? header : new Uint8Array(header);
  const flat = FlatMessage.getRootAsMessage(new ByteBuffer(aligned))
    .header(new FlatSchema()) as FlatSchema;
  const dictionaries = new Map<number, DataType>();
  const fields = columns.map((index) => {
    checkReadable(verified.fields[index]);
    checkFieldMetadata(flat.fields(index)!);
    const field = Field.decode(flat.fields(index)!, dictionaries)!;
    complete(field);
    return field;
  });
  checkMetadata(flat, "schema");
  const metadata = new Map<string, string>();
  for (let index = 0; index < flat.customMetadataLength(); index++) {
    const entry = flat.customMetadata(index)!;
    metadata.set(entry.key() ?? "", entry.value() ?? "");
  }
  return new Schema(fields, metadata, dictionaries, verified.version);
}

/** Checks a field, and those under it, before apache-arrow looks at their types. */
function checkReadable(field: FieldLayout): void {
  const { kind, name } = field.type;
  if (kind === "list view" || kind === "run-end encoded") {
    throw unreadable(field, `apache-arrow for JavaScript has no type ${name}`);
  }
  if (name === "Map" && hasWideIndices(field.children[0].children[0])) {
    throw unreadable(field, "apache-arrow cannot find its keys by indices of 64 bits");
  }
  if (field.dictionary !== undefined) {
    const { id, values } = field.dictionary;
    if (id > Number.MAX_SAFE_INTEGER || id < Number.MIN_SAFE_INTEGER) {
      throw unreadable(field, `its dictionary's id ${id} is no safe integer`);
    }
    checkReadable(values);
  }
  field.children.forEach(checkReadable);
}

/** apache-arrow asks for such values by bigints; a map's keys are out of our reach. */
function hasWideIndices({ dictionary, type }: FieldLayout): boolean {
  return dictionary !== undefined && type.buffers[0].bits === 64;
}

function unreadable(field: FieldLayout, reason: string): FlightError {
  return new FlightError(
    "UNIMPLEMENTED",
    `Cannot read the column ${quote(pathOf(field))}: ${reason}. ` +
      "Leave it out with the option `columns`, or have the sender cast it",
  );
}

/** Adds what a schema may leave out, and apache-arrow takes as null or as nothing. */
function complete(field: Field): void {
  if (field.name === null) Object.assign(field, { name: "" });
  const type = DataType.isDictionary(field.type) ? field.type.dictionary : field.type;
  if (DataType.isUnion(type) && type.typeIds.length === 0) {
    const ids = Int32Array.from(type.children, (_, index) => index);
    Object.assign(type, { typeIds: ids, typeIdToChildIndex: { ...ids } });
  }
  for (const child of type.children ?? []) complete(child);
}
