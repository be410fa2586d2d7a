/**
 * Names that may have been meant by another.
 *
 * @module
 */
import { distance } from "fastest-levenshtein";

/** How many names are worth comparing. */
export const MAX_COMPARED: number = 1000;
/** Comparing long names takes long, and they are rarely typed by hand. */
const MAX_LENGTH = 64;
/** How many names are suggested. */
const MAX_SUGGESTIONS = 3;

/**
 * The names that may have been meant by this one, the nearest first: at most three.
 * Near are names that begin with it, and names that differ from it in at most a third of
 * its letters; two neighbours that are swapped count as one.
 */
export function nearestNames(name: string, names: Iterable<string>): string[] {
  if (name === "" || name.length > MAX_LENGTH) return [];
  const wanted = name.toLowerCase();
  const near: { readonly other: string; readonly wrong: number }[] = [];
  for (const other of names) {
    if (other.length > MAX_LENGTH) continue;
    const candidate = other.toLowerCase();
    const begins = candidate.startsWith(wanted);
    // The same name in capitals comes before longer names.
    const wrong = begins
      ? Math.min(1, candidate.length - wanted.length)
      : wrongLetters(wanted, candidate);
    if (begins || wrong <= wanted.length / 3) near.push({ other, wrong });
  }
  near.sort((a, b) => a.wrong - b.wrong);
  return near.slice(0, MAX_SUGGESTIONS).map(({ other }) => other);
}

/**
 * What an error tells of the names that may have been meant by one that is not there,
 * such as `perhaps you mean "depth" or "date"`; undefined when none is near.
 */
export function meantHint(
  name: string,
  names: Iterable<string>,
  show: (name: string) => string = (name) => JSON.stringify(name),
): string | undefined {
  const near = nearestNames(name, names);
  return near.length === 0
    ? undefined
    : `perhaps you mean ${near.map(show).join(" or ")}`;
}

function wrongLetters(wanted: string, candidate: string): number {
  return areSwapped(wanted, candidate) ? 1 : distance(wanted, candidate);
}

/** Whether the texts differ in two neighbours that changed places. */
function areSwapped(a: string, b: string): boolean {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return a.length === b.length && a[at] === b[at + 1] && a[at + 1] === b[at] &&
    a.slice(at + 2) === b.slice(at + 2);
}
