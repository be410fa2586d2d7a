/**
 * Conditional requests (RFC 9110, sections 8.8.3 and 13): a table's revision as its ETag,
 * and the conditions that a request may have on it.
 *
 * @module
 */
import { FlightError } from "../flight/errors.ts";
import type { StorePutOptions, TableEntry } from "../stores/store.ts";

/** An entity tag as HTTP has it, in quotes. */
const ETAG = /^"[\x21\x23-\x7e]*"$/;
/** What an entity tag cannot have, and `%`, with which escapes begin. */
const ESCAPED = /[^\x21\x23\x24\x26-\x7e]/gu;
/** The entity tags in a header; one with `W/` never matches strictly. */
const TAGS = /(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g;

/** The headers with conditions, as a request has them. */
type Conditions = Pick<Headers, "get">;

/** The table's entity tag; that of its object, where an object store gives it one. */
export function etagOf({ revision }: Pick<TableEntry, "revision">): string {
  if (ETAG.test(revision)) return revision;
  return `"${revision.replace(ESCAPED, escape)}"`;
}

function escape(character: string): string {
  return `%${character.codePointAt(0)!.toString(16)};`;
}

/** Whether a request has conditions. */
export function isConditional(headers: Conditions): boolean {
  return headers.get("if-match") !== null || headers.get("if-none-match") !== null;
}

/**
 * Whether a reader has the table already, by its `If-None-Match`.
 *
 * @throws {FlightError} FAILED_PRECONDITION, when `If-Match` does not hold.
 */
export function isUnchanged(headers: Conditions, table: TableEntry): boolean {
  checkMatch(headers, table, "read");
  return matches(headers.get("if-none-match"), etagOf(table), { weak: true }) === true;
}

/**
 * The condition that the store has to keep when a request puts a table in the place of
 * this one; undefined for none.
 *
 * @throws {FlightError} FAILED_PRECONDITION, when a condition does not hold already.
 */
export function putCondition(
  headers: Conditions,
  current: TableEntry | undefined,
): StorePutOptions {
  checkMatch(headers, current, "put");
  const etag = current && etagOf(current);
  if (matches(headers.get("if-none-match"), etag, { weak: true })) {
    throw new FlightError(
      "FAILED_PRECONDITION",
      "Cannot put the table: there is one already that If-None-Match excludes",
    );
  }
  return { replaces: current?.revision ?? null };
}

/**
 * Checks `If-Match` against the table that is there.
 *
 * @throws {FlightError} FAILED_PRECONDITION, when it does not hold.
 */
export function checkMatch(
  headers: Conditions,
  current: TableEntry | undefined,
  action: "read" | "put" | "drop",
): void {
  const etag = current && etagOf(current);
  if (matches(headers.get("if-match"), etag, { weak: false }) !== false) return;
  const state = etag === undefined
    ? "there is none"
    : `it is another version, whose ETag is ${etag}`;
  throw new FlightError(
    "FAILED_PRECONDITION",
    `Cannot ${action} the table that If-Match names: ${state}`,
  );
}

/**
 * Whether a header names the version that is there, of which this is the entity tag;
 * undefined without the header. A weak comparison passes over `W/`, with which proxies
 * mark what they have compressed.
 */
export function matches(
  header: string | null,
  etag: string | undefined,
  { weak }: { weak: boolean },
): boolean | undefined {
  if (header === null) return undefined;
  if (etag === undefined) return false;
  if (header.trim() === "*") return true;
  const tags = header.match(TAGS) ?? [];
  return tags.some((tag) => (weak ? tag.replace(/^W\//, "") : tag) === etag);
}
