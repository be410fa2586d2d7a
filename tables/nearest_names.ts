/**
 * Names that somebody may have meant.
 *
 * @module
 */
import { distance } from "fastest-levenshtein";

/** Comparing long names takes long, and nobody mistypes them. */
const MAX_LENGTH = 64;
/** How many names are looked at. */
const MAX_NAMES = 1000;
/** How many names are suggested. */
const MAX_SUGGESTIONS = 3;

/**
 * The names that are nearest to this one, nearest first: at most three, and none
 * that has little to do with it.
 */
export async function nearestNames(
  name: string,
  names: AsyncIterable<string> | Iterable<string>,
): Promise<string[]> {
  if (name.length > MAX_LENGTH) return [];
  const near: { readonly other: string; readonly far: number }[] = [];
  const wanted = name.toLowerCase();
  let looked = 0;
  for await (const other of names) {
    if (++looked > MAX_NAMES) break;
    if (other.length > MAX_LENGTH) continue;
    const candidate = other.toLowerCase();
    const far = candidate.startsWith(wanted) ? 1 : distance(wanted, candidate);
    // As many changes as there are letters would make any name of it.
    const most = Math.min(Math.max(2, name.length / 3), name.length - 1);
    if (candidate.startsWith(wanted) || far <= most) near.push({ other, far });
  }
  near.sort((a, b) => a.far - b.far);
  return near.slice(0, MAX_SUGGESTIONS).map(({ other }) => other);
}
