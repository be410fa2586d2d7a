/**
 * What a column's type is called, also one that apache-arrow does not have.
 *
 * @module
 */
import type { FieldLayout } from "./field_layout.ts";

/** How much of a type {@linkcode layoutName} names. */
export interface LayoutNameOptions {
  /** About how many characters are of use: a struct may have thousands of fields. */
  readonly maxCharacters?: number;
  /** How many levels of types inside of each other are named. */
  readonly maxLevels?: number;
}

/** The name of a field's type, such as `Int64`, `List<Utf8>` or `Struct<x: Float64>`. */
export function layoutName(
  field: FieldLayout,
  { maxCharacters = Infinity, maxLevels = Infinity }: LayoutNameOptions = {},
): string {
  return nameOf(field, maxCharacters, maxLevels);
}

function nameOf(field: FieldLayout, most: number, levels: number): string {
  const { type, children, dictionary } = field;
  if (dictionary !== undefined) {
    return `Dictionary<${type.name}, ${nameOf(dictionary.values, most, levels)}>`;
  }
  if (children.length === 0) return type.name;
  if (levels === 0) return `${type.name}<…>`;
  const isNamed = type.kind === "struct" || type.kind.endsWith("union");
  // A map has one child, a struct of keys and values; run ends are of no interest.
  const inner = type.name.startsWith("Map")
    ? children[0].children
    : type.kind === "run-end encoded"
    ? children.slice(1)
    : children;
  let text = "";
  for (const child of inner) {
    if (text.length > most) break;
    const name = nameOf(child, most - text.length, levels - 1);
    text += `${text === "" ? "" : ", "}${isNamed ? `${child.name}: ` : ""}${name}`;
  }
  return `${type.name.replace(/^Map\(.*/, "Map")}<${text}>`;
}
