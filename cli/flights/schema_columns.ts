/**
 * The columns of a schema, also of types that apache-arrow for JavaScript does not have.
 *
 * @module
 */
import { typeName } from "../../files/values/column_types.ts";
import { firstHeader } from "../../flight/arrow/decode/decode_schema.ts";
import { layoutName } from "../../flight/arrow/format/layout_name.ts";
import { StreamVerifier } from "../../flight/arrow/verify/stream_verifier.ts";
import { decodeSchema, FlightError } from "../../flight/mod.ts";

/** A column of a schema. */
export interface SchemaColumn {
  /** Its name. */
  readonly name: string;
  /** Its type, in the words of pyarrow where there are such. */
  readonly type: string;
  /** Whether it may have nulls. */
  readonly nullable: boolean;
}

/**
 * The columns of the schema in a FlightInfo; undefined when there is none.
 *
 * @throws {FlightError} when the schema is not sound.
 */
export function columnsOf(schema: Uint8Array): SchemaColumn[] | undefined {
  try {
    return decodeSchema(schema)?.fields.map(({ name, type, nullable }) => ({
      name,
      type: typeName(type),
      nullable,
    }));
  } catch (error) {
    if (!(error instanceof FlightError) || error.code !== "UNIMPLEMENTED") throw error;
  }
  const header = firstHeader(schema);
  if (header === undefined) return undefined;
  const message = new StreamVerifier().verify(header, new Uint8Array(0));
  if (message.kind !== "schema") return undefined;
  return message.fields.map((field) => ({
    name: field.name,
    type: layoutName(field),
    nullable: field.nullable,
  }));
}
