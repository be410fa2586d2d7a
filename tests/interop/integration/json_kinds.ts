/**
 * Columns in the form of the integration suite's JSON files, from plain values.
 *
 * @module
 */

/** How the values of a type are written. */
export interface Kind {
  /** The type, as a field has it. */
  readonly type: { readonly name: string; readonly [parameter: string]: unknown };
  /** The fields of the types under this one. */
  readonly children?: readonly Field[];
  /** The dictionary that the column's values are indices of. */
  readonly dictionary?: DictionaryKind;
  /** The column's buffers and children for these values, of which null is no value. */
  write(values: readonly unknown[]): object;
}

/** A column's name and type. */
export interface Field {
  readonly name: string;
  readonly kind: Kind;
  readonly nullable?: boolean;
  readonly metadata?: { readonly [key: string]: string };
}

interface DictionaryKind {
  readonly id: number;
  readonly indexType: Kind["type"];
  readonly kind: Kind;
  readonly values: readonly unknown[];
}

/** A field as a file's schema has it. */
export function fieldJson({ name, kind, nullable = true, metadata }: Field): object {
  const { dictionary } = kind;
  return {
    name,
    type: kind.type,
    nullable,
    children: (kind.children ?? []).map(fieldJson),
    ...dictionary && {
      dictionary: {
        id: dictionary.id,
        indexType: dictionary.indexType,
        isOrdered: false,
      },
    },
    ...metadata && { metadata: metadataJson(metadata) },
  };
}

/** Metadata as a file has it. */
export function metadataJson(metadata: { readonly [key: string]: string }): object[] {
  return Object.entries(metadata).map(([key, value]) => ({ key, value }));
}

/** A column as a file's batch has it. */
export function columnJson(
  { name, kind }: Pick<Field, "name" | "kind">,
  values: readonly unknown[],
): object {
  return { name, count: values.length, ...kind.write(values) };
}

/** Whole numbers; those of 64 bits have to be given as texts. */
export function int(bitWidth: 8 | 16 | 32 | 64, isSigned = true): Kind {
  return plain({ name: "int", isSigned, bitWidth }, bitWidth === 64 ? "0" : 0);
}

/** Every value as it is given, with `none` where there is none. */
export function plain(type: Kind["type"], none: unknown): Kind {
  return {
    type,
    write: (values) => ({
      VALIDITY: validity(values),
      DATA: values.map((value) => value ?? none),
    }),
  };
}

/** Texts, or bytes in hexadecimal digits. */
export function sized(name: "utf8" | "largeutf8" | "binary" | "largebinary"): Kind {
  const size = (value: unknown) =>
    name.endsWith("utf8")
      ? new TextEncoder().encode(value as string).length
      : (value as string).length / 2;
  return {
    type: { name },
    write: (values) => ({
      VALIDITY: validity(values),
      OFFSET: offsets(values, size, name.startsWith("large")),
      DATA: values.map((value) => value ?? ""),
    }),
  };
}

/** Texts as views: short ones within, the others in a buffer beside them. */
export function views(): Kind {
  return {
    type: { name: "utf8view" },
    write(values) {
      let buffer = "";
      const VIEWS = values.map((value) => {
        const bytes = new TextEncoder().encode((value ?? "") as string);
        if (bytes.length <= 12) return { SIZE: bytes.length, INLINED: value ?? "" };
        const OFFSET = buffer.length / 2;
        const hex = bytes.toHex().toUpperCase();
        buffer += hex;
        const PREFIX_HEX = hex.slice(0, 8);
        return { SIZE: bytes.length, PREFIX_HEX, BUFFER_INDEX: 0, OFFSET };
      });
      const VARIADIC_DATA_BUFFERS = buffer === "" ? [] : [buffer];
      return { VALIDITY: validity(values), VIEWS, VARIADIC_DATA_BUFFERS };
    },
  };
}

/** Lists of these items. */
export function list(name: "list" | "largelist", item: Field): Kind {
  return {
    type: { name },
    children: [item],
    write: (values) => ({
      VALIDITY: validity(values),
      OFFSET: offsets(values, (value) => (value as unknown[]).length, name !== "list"),
      children: [columnJson(item, values.flatMap((value) => value ?? []))],
    }),
  };
}

/** Lists of so many items each. */
export function fixedSizeList(listSize: number, item: Field): Kind {
  const none = Array(listSize).fill(null);
  return {
    type: { name: "fixedsizelist", listSize },
    children: [item],
    write: (values) => ({
      VALIDITY: validity(values),
      children: [columnJson(item, values.flatMap((value) => value ?? none))],
    }),
  };
}

/** Structs, given as lists of their members. */
export function struct(...children: readonly Field[]): Kind {
  return {
    type: { name: "struct" },
    children,
    write: (values) => ({
      VALIDITY: validity(values),
      children: children.map((child, index) =>
        columnJson(child, values.map((value) => (value as unknown[] | null)?.[index]))
      ),
    }),
  };
}

/** Maps, given as lists of pairs. */
export function map(key: Field, value: Field): Kind {
  const entries = { name: "entries", kind: struct(key, value), nullable: false };
  const { children, write } = list("list", entries);
  return { type: { name: "map", keysSorted: false }, children, write };
}

/** Unions, given as pairs of a child's index and a value of that child. */
export function union(
  mode: "SPARSE" | "DENSE",
  typeIds: readonly number[],
  ...children: readonly Field[]
): Kind {
  return {
    type: { name: "union", mode, typeIds },
    children,
    write(values) {
      const pairs = values as readonly (readonly [number, unknown])[];
      const counts = children.map(() => 0);
      const OFFSET = pairs.map(([child]) => counts[child]++);
      const own = (index: number) =>
        mode === "DENSE"
          ? pairs.filter(([child]) => child === index).map(([, value]) => value)
          : pairs.map(([child, value]) => child === index ? value : undefined);
      return {
        TYPE_ID: pairs.map(([child]) => typeIds[child]),
        ...mode === "DENSE" && { OFFSET },
        children: children.map((child, index) => columnJson(child, own(index))),
      };
    },
  };
}

/** Indices of a dictionary's values. */
export function dictionary(
  id: number,
  index: Kind,
  kind: Kind,
  values: unknown[],
): Kind {
  return {
    type: kind.type,
    children: kind.children,
    dictionary: { id, indexType: index.type, kind, values },
    write: index.write,
  };
}

function validity(values: readonly unknown[]): number[] {
  return values.map((value) => value === null || value === undefined ? 0 : 1);
}

function offsets(
  values: readonly unknown[],
  size: (value: unknown) => number,
  isLarge: boolean,
): (number | string)[] {
  let end = 0;
  const ends = values.map((value) => end += value == null ? 0 : size(value));
  return [0, ...ends].map((offset) => isLarge ? String(offset) : offset);
}
