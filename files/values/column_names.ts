/**
 * Names of columns.
 *
 * @module
 */
import { meantHint } from "../../base/nearest_names.ts";
import { FileError } from "../file_error.ts";

const MAX_LISTED = 8;

/**
 * The names, each once and none empty: an empty one is called after its place
 * (`column_3`), and one that was there before gets a number (`depth_2`).
 */
export function uniqueNames(names: readonly string[]): string[] {
  const given = new Set(names);
  const taken = new Set<string>();
  return names.map((name, index) => {
    const base = name === "" ? `column_${index + 1}` : name;
    let unique = base;
    const isFree = (name: string) => !taken.has(name) && !given.has(name);
    if (name === "" || taken.has(name)) {
      for (let count = 2; !isFree(unique); count++) unique = `${base}_${count}`;
    }
    taken.add(unique);
    return unique;
  });
}

/** The names of so many columns without names. */
export function placeNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `column_${index + 1}`);
}

/**
 * The indices of the wanted columns, in the file's order; of all without wanted ones.
 *
 * @throws {FileError} when one is not there.
 */
export function indicesOf(
  wanted: readonly string[] | undefined,
  names: readonly string[],
  file: string | undefined,
): number[] {
  if (wanted === undefined) return [...names.keys()];
  wanted.forEach((name) => checkName(name, names, file));
  return [...names.keys()].filter((index) => wanted.includes(names[index]));
}

/** @throws {FileError} when there is no column of this name. */
export function checkName(
  name: string,
  names: readonly string[],
  file: string | undefined,
): void {
  if (names.includes(name)) return;
  const hint = meantHint(name, names) ??
    `its columns are ${
      names.slice(0, MAX_LISTED).map((name) => JSON.stringify(name)).join(", ")
    }${names.length > MAX_LISTED ? ", ..." : ""}`;
  throw new FileError(`there is no column ${JSON.stringify(name)}; ${hint}`, { file });
}
