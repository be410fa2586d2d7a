/**
 * Schemas of streams, and whether two of them agree.
 *
 * @module
 */
import { DataType, type DataType as Type, Field, Schema } from "apache-arrow";

/**
 * The schema of a stream: each column with a dictionary has an id of its own for it, as
 * two columns may change their dictionaries independently. Where an id occurs again, the
 * next free one replaces it.
 *
 * @throws {TypeError} when a column has a type that Arrow IPC cannot carry.
 */
export function streamSchema(schema: Schema): Schema {
  const taken = new Set<number>();
  let highest = -1;
  eachField(schema.fields, (field, path) => {
    checkType(field.type, path);
    if (DataType.isDictionary(field.type)) {
      highest = Math.max(highest, field.type.id);
    }
  });
  const fields = mapFields(
    schema.fields,
    ({ name, type, nullable, metadata }) => {
      if (!DataType.isDictionary(type)) {
        return new Field(
          name,
          type,
          nullable,
          metadata,
        );
      }
      const id = taken.has(type.id) ? ++highest : type.id;
      taken.add(id);
      return new Field(name, changed(type, { id }), nullable, metadata);
    },
  );
  return new Schema(fields, schema.metadata);
}

/** Calls `visit` with each field and its path of names, parents before children. */
function eachField(
  fields: readonly Field[],
  visit: (field: Field, path: string) => void,
  parent = "",
): void {
  for (const field of fields) {
    const path = parent === "" ? field.name : `${parent}.${field.name}`;
    visit(field, path);
    eachField(field.type.children ?? [], visit, path);
  }
}

/** The fields after a function changed each of them, children before parents. */
function mapFields(
  fields: readonly Field[],
  change: (field: Field) => Field,
): Field[] {
  return fields.map(({ name, type, nullable, metadata }) =>
    change(new Field(name, mapType(type, change), nullable, metadata))
  );
}

/** Whether the type, or a type in it, is dictionary-encoded. */
export function hasDictionary(type: Type): boolean {
  return DataType.isDictionary(type) ||
    (type.children ?? []).some((child: Field) => hasDictionary(child.type));
}

/**
 * Why batches of the schema `actual` cannot be in a stream of the schema `expected`;
 * undefined when they can. Ids of dictionaries, metadata, whether columns are nullable,
 * and the names of items of lists may differ.
 */
export function schemaDifference(
  expected: Schema,
  actual: Schema,
): string | undefined {
  const [wanted, found] = [expected.fields, actual.fields];
  for (let index = 0; index < Math.max(wanted.length, found.length); index++) {
    if (index >= found.length) {
      return `the column "${wanted[index].name}" is missing`;
    }
    if (index >= wanted.length) {
      return `the column "${found[index].name}" is one too many`;
    }
    if (wanted[index].name !== found[index].name) {
      return `column ${index} is "${found[index].name}" and not "${
        wanted[index].name
      }"`;
    }
    const [type, other] = [wanted[index].type, found[index].type].map(typeInWords);
    if (type !== other) {
      return `the column "${wanted[index].name}" is ${other} and not ${type}`;
    }
  }
}

/** The type as a text, the same for types whose values have the same bytes. */
export function typeInWords(type: Type): string {
  if (DataType.isDictionary(type)) {
    const [indices, values] = [type.indices, type.dictionary].map(typeInWords);
    return `Dictionary<${indices}, ${values}>`;
  }
  const hasNames = DataType.isStruct(type) || DataType.isUnion(type);
  const children = (type.children ?? []).map((child: Field) =>
    (hasNames ? `${child.name}: ` : "") + typeInWords(child.type)
  ).join(", ");
  if (DataType.isUnion(type)) {
    const mode = DataType.isDenseUnion(type) ? "Dense" : "Sparse";
    return `${mode}Union[${type.typeIds}]<${children}>`;
  }
  if (DataType.isFixedSizeList(type)) {
    return `FixedSizeList[${type.listSize}]<${children}>`;
  }
  if (children.length > 0) return `${type[Symbol.toStringTag]}<${children}>`;
  return DataType.isDecimal(type) ? `${type}, ${type.bitWidth} bits` : `${type}`;
}

function checkType(type: Type, path: string): void {
  if (!DataType.isDataType(type)) {
    throw new TypeError(
      `Cannot encode the column "${path}": it has no Arrow type`,
    );
  }
  if (!DataType.isDictionary(type)) return;
  if (DataType.isDictionary(type.dictionary)) {
    throw new TypeError(
      `Cannot encode the column "${path}": the values of a dictionary cannot themselves ` +
        "be in a dictionary, other than inside of a list or struct",
    );
  }
}

function mapType(type: Type, change: (field: Field) => Field): Type {
  if (DataType.isDictionary(type)) {
    return changed(type, { dictionary: mapType(type.dictionary, change) });
  }
  if (!(type.children?.length > 0)) return type;
  return changed(type, { children: mapFields(type.children, change) });
}

/** The same type with other properties. apache-arrow's types have no such method. */
function changed<T extends Type>(type: T, properties: object): T {
  return Object.assign(
    Object.create(Object.getPrototypeOf(type)),
    type,
    properties,
  );
}
