/**
 * What a column's type is called.
 *
 * @module
 */
import type { FieldLayout } from "../../flight/arrow/format/field_layout.ts";
import { cutText } from "./cut_text.ts";

/** A name is cut after so many characters: a struct may have thousands of fields. */
const MAX_CHARACTERS = 300;
/** So many levels are named. */
const MAX_LEVELS = 8;

/** The name of a field's type, such as `Int64` or `List<Utf8>`. */
export function typeName(field: FieldLayout): string {
  return cutText(nameOf(field, MAX_CHARACTERS, MAX_LEVELS), MAX_CHARACTERS);
}

/** The name, of which no more than about `most` characters are needed. */
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
