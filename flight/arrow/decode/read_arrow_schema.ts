/**
 * apache-arrow's Schema from a schema message that was verified.
 *
 * @module
 */
import { type DataType, Dictionary, Field, type Int32, Schema } from "apache-arrow";
import { FlightError } from "../../errors.ts";
import { type FieldLayout, pathOf, type TypeLayout } from "../format/field_layout.ts";
import { quote } from "../format/finding.ts";
import type { FlatTable } from "../format/flatbuffer.ts";
import { makeType } from "../format/make_type.ts";
import { MessageHeader, readMetadata } from "../format/message_header.ts";
import type { VerifiedSchema } from "../format/verified_message.ts";
import { textMetadata } from "./text_metadata.ts";

/**
 * The schema in this header, with those columns only whose indices are given.
 *
 * @throws {FlightError} UNIMPLEMENTED when apache-arrow has no type for a column, or
 * cannot hold its metadata.
 */
export function readArrowSchema(
  header: Uint8Array,
  verified: VerifiedSchema,
  columns: readonly number[],
): Schema {
  const schema = new MessageHeader(header).table!;
  const tables = [...schema.tables(1)];
  const reader = new FieldReader();
  const fields = columns.map((index) => {
    const layout = verified.fields[index];
    checkReadable(layout);
    return reader.field(tables[index], layout);
  });
  const metadata = textMetadata(readMetadata(schema, 2), "schema");
  return new Schema(fields, metadata, reader.dictionaries, verified.version);
}

/** Makes fields of a schema: what their layouts do not have is read again. */
class FieldReader {
  /** The types of the dictionaries' values, by id. */
  readonly dictionaries: Map<number, DataType> = new Map();

  field(table: FlatTable, layout: FieldLayout): Field {
    const { name, nullable, dictionary } = layout;
    const owner = `column ${quote(name)}`;
    const metadata = textMetadata(readMetadata(table, 6), owner);
    const children = [...table.tables(5)];
    const type = dictionary === undefined
      ? this.#type(layout.type, layout.children, children)
      : this.#dictionary(layout, table.table(4)!, children);
    return new Field(name, type, nullable, metadata);
  }

  #dictionary(
    { type, dictionary }: FieldLayout,
    encoding: FlatTable,
    children: readonly FlatTable[],
  ): DataType {
    const { values } = dictionary!;
    const id = Number(dictionary!.id);
    const known = this.dictionaries.get(id) ??
      this.#type(values.type, values.children, children);
    this.dictionaries.set(id, known);
    const indices = this.#type(type, [], []) as Int32;
    return new Dictionary(known, indices, id, encoding.bool(2));
  }

  #type(
    { typeId, parameters, typeIds }: TypeLayout,
    layouts: readonly FieldLayout[],
    tables: readonly FlatTable[],
  ): DataType {
    const fields = layouts.map((layout, index) => this.field(tables[index], layout));
    // The ids of a union may be left out, and are then the numbers of its children.
    const type = { ...parameters, typeIds: typeIds ?? [...fields.keys()] };
    return makeType(typeId, type, fields)!;
  }
}

/** Checks that apache-arrow has the types of a field, and of those in it. */
function checkReadable(field: FieldLayout): void {
  const { kind, name } = field.type;
  if (kind === "list view" || kind === "run-end encoded") {
    throw unreadable(field, `apache-arrow for JavaScript has no type ${name}`);
  }
  if (field.type.typeId === MAP && hasWideIndices(field.children[0].children[0])) {
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

/** The number of Map in the union Type. */
const MAP = 17;

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
