/**
 * Which child of a union a row's value is in.
 *
 * @module
 */
import type { FieldLayout } from "./field_layout.ts";

/** How many values a byte has. */
const TYPE_IDS = 256;

/** The index of the child of each type id; -1 for those that the union does not have. */
export function childByTypeId({ type, children }: FieldLayout): Int16Array {
  const childOf = new Int16Array(TYPE_IDS).fill(-1);
  children.forEach((_, index) => childOf[type.typeIds?.[index] ?? index] = index);
  return childOf;
}
