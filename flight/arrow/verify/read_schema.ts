/**
 * Reads the table "Schema" of a message, and what each of its fields takes of a batch.
 *
 * @module
 */
import { readIndexType, readType } from "../format/arrow_types.ts";
import {
  type BufferLayout,
  type DictionaryLayout,
  type FieldLayout,
  type PartCount,
  pathOf,
  type TypeLayout,
} from "../format/field_layout.ts";
import { Finding, quote } from "../format/finding.ts";
import type { FlatTable } from "../format/flatbuffer.ts";
import { readMetadata } from "../format/message_header.ts";
import { MetadataVersion, VerifiedSchema } from "../format/verified_message.ts";

const LITTLE_ENDIAN = 0;
const BIG_ENDIAN = 1;
const DENSE_ARRAY = 0;
/** The number of Map in the union Type. */
const MAP = 17;
/**
 * The most fields of a schema. More fit into the largest header only when they share
 * their parts, and such fields take twenty times as much in memory as in the header.
 */
const MAX_FIELDS = 250_000;
const VALIDITY: BufferLayout = { role: "validity", bits: 1, extra: 0 };

/** The schema in a table "Schema" of a message of this version. */
export function readSchema(
  table: FlatTable,
  version: MetadataVersion,
  maxDepth: number,
): VerifiedSchema {
  const endianness = table.int16(0);
  if (endianness === BIG_ENDIAN) {
    throw new Finding("its data is big-endian, and only little-endian can be read");
  }
  if (endianness !== LITTLE_ENDIAN) {
    throw new Finding(`its schema has the unknown endianness ${endianness}`);
  }
  const reader = new SchemaReader(version, maxDepth);
  const fields = reader.fields(table, 1, undefined, 1);
  readMetadata(table, 2);
  table.vector(3, 8);
  const { fieldCount, dictionaries } = reader;
  return new VerifiedSchema({ version, fields, fieldCount, dictionaries });
}

/** How many nodes and buffers these fields have in a batch together. */
export function countParts(fields: readonly FieldLayout[]): PartCount {
  let nodes = 0, buffers = 0, variadics = 0;
  for (const { parts } of fields) {
    nodes += parts.nodes;
    buffers += parts.buffers;
    variadics += parts.variadics;
  }
  return { nodes, buffers, variadics };
}

/** What follows from a field's type alone. */
type SharedLayout = Pick<FieldLayout, "type" | "buffers" | "parts">;

/** Reads the fields of one schema, and collects its dictionaries. */
class SchemaReader {
  /** The dictionaries found so far, by their ids. */
  readonly dictionaries: Map<bigint, DictionaryLayout> = new Map();
  /** The fields read so far. */
  fieldCount = 0;
  readonly #version: MetadataVersion;
  readonly #maxDepth: number;
  readonly #types = new Map<string, SharedLayout>();

  constructor(version: MetadataVersion, maxDepth: number) {
    this.#version = version;
    this.#maxDepth = maxDepth;
  }

  fields(
    table: FlatTable,
    slot: number,
    parent: FieldLayout | undefined,
    depth: number,
  ): FieldLayout[] {
    const fields: FieldLayout[] = [];
    for (const child of table.tables(slot)) {
      if (depth > this.#maxDepth) {
        throw new Finding(
          `its fields are nested deeper than ${this.#maxDepth} levels`,
        );
      }
      if (++this.fieldCount > MAX_FIELDS) {
        throw new Finding(`it has more than ${MAX_FIELDS} fields`);
      }
      fields.push(this.#field(child, parent, depth));
    }
    return fields;
  }

  #field(
    table: FlatTable,
    parent: FieldLayout | undefined,
    depth: number,
  ): FieldLayout {
    const field = new Field(table.string(0) ?? "", table.bool(1), parent);
    const encoding = table.table(4);
    readMetadata(table, 6);
    const type = inField(field, () => {
      const parameters = table.table(3);
      if (parameters === undefined) throw new Finding("it has no type");
      return readType(table.uint8(2), parameters);
    });
    if (encoding === undefined) {
      this.#complete(field, type, this.fields(table, 5, field, depth + 1));
      return field;
    }
    const values = new Field(field.name, field.nullable, parent);
    this.#complete(values, type, this.fields(table, 5, values, depth + 1));
    const indexType = inField(field, () => indexTypeOf(encoding));
    field.dictionary = this.#dictionary(encoding.bigint64(0), values);
    this.#complete(field, indexType, []);
    return field;
  }

  #complete(field: Field, type: TypeLayout, children: readonly FieldLayout[]): void {
    inField(field, () => checkChildren(type, children));
    const shared = this.#shared(type);
    field.type = shared.type;
    field.buffers = shared.buffers;
    field.children = children;
    field.parts = shared.parts;
    if (children.length === 0) return;
    const under = countParts(children);
    field.parts = {
      nodes: shared.parts.nodes + under.nodes,
      buffers: shared.parts.buffers + under.buffers,
      variadics: shared.parts.variadics + under.variadics,
    };
  }

  /** What all fields of a type share, as a schema may have very many fields. */
  #shared(type: TypeLayout): SharedLayout {
    const known = this.#types.get(type.name);
    if (known !== undefined) return known;
    const buffers = this.#hasValidity(type)
      ? [VALIDITY, ...type.buffers]
      : type.buffers;
    const variadics = type.kind === "view" ? 1 : 0;
    const shared = {
      type,
      buffers,
      parts: { nodes: 1, buffers: buffers.length, variadics },
    };
    this.#types.set(type.name, shared);
    return shared;
  }

  /** Unions and run-end encoded arrays have a bitmap, without use, only before V5. */
  #hasValidity(type: TypeLayout): boolean {
    if (type.kind === "null") return false;
    if (this.#version === MetadataVersion.V4) return true;
    return !type.kind.endsWith("union") && type.kind !== "run-end encoded";
  }

  #dictionary(id: bigint, values: FieldLayout): DictionaryLayout {
    const known = this.dictionaries.get(id);
    if (known === undefined) {
      const dictionary = { id, values };
      this.dictionaries.set(id, dictionary);
      return dictionary;
    }
    if (!sameType(known.values, values)) {
      throw new Finding(
        `its fields ${quote(pathOf(known.values))} and ${quote(pathOf(values))} ` +
          `share the dictionary ${id}, but not its type`,
      );
    }
    return known;
  }
}

/** A field that is being read: its children refer to it before it is complete. */
class Field implements FieldLayout {
  readonly name: string;
  readonly nullable: boolean;
  readonly parent: FieldLayout | undefined;
  type!: TypeLayout;
  buffers!: FieldLayout["buffers"];
  children!: readonly FieldLayout[];
  dictionary: DictionaryLayout | undefined;
  parts!: PartCount;

  constructor(name: string, nullable: boolean, parent: FieldLayout | undefined) {
    this.name = name;
    this.nullable = nullable;
    this.parent = parent;
  }
}

function indexTypeOf(encoding: FlatTable): TypeLayout {
  // Whether the dictionary is ordered is only found sound here.
  encoding.bool(2);
  const kind = encoding.int16(3);
  if (kind !== DENSE_ARRAY) {
    throw new Finding(`its dictionary kind ${kind} is unknown`);
  }
  return readIndexType(encoding.table(1));
}

function checkChildren(type: TypeLayout, children: readonly FieldLayout[]): void {
  if (type.children !== "any" && children.length !== type.children) {
    throw new Finding(
      `a ${type.name} has ${type.children} children, not ${children.length}`,
    );
  }
  if (type.typeId === MAP) {
    const entries = children[0];
    if (entries.type.kind !== "struct" || entries.children.length !== 2) {
      throw new Finding("the child of a Map is a Struct of two fields");
    }
  }
  if (type.kind === "run-end encoded") {
    const [runEnds] = children;
    const good = /^Int(16|32|64)$/.test(runEnds.type.name);
    if (!good || runEnds.dictionary !== undefined) {
      throw new Finding("the run ends are an Int16, Int32 or Int64");
    }
  }
}

/** Whether two fields hold the same values, whatever their names are. */
function sameType(a: FieldLayout, b: FieldLayout): boolean {
  if (a.type.name !== b.type.name || a.dictionary?.id !== b.dictionary?.id) {
    return false;
  }
  return a.children.length === b.children.length &&
    a.children.every((child, index) => sameType(child, b.children[index]));
}

function inField<T>(field: FieldLayout, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Finding)) throw error;
    throw new Finding(`in its field ${quote(pathOf(field))}, ${error.message}`);
  }
}
