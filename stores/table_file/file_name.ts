/**
 * The files and objects in which tables are kept: what each is called.
 *
 * @module
 */
import { createHash } from "node:crypto";

/** What every file of a table ends in: the suffix of Arrow's IPC stream format. */
const SUFFIX = ".arrows";

/** What may not stand in a file's name as it is on every system, or hides the file. */
const ESCAPED = /^\.|[^a-z0-9_.-]/gu;
/** Names that Windows keeps for devices, whatever the suffix is. */
const DEVICE = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/;

/** The most characters of a name that stands whole in its file's name. */
const MAX_WHOLE = 120;
/** The characters of a longer name that do. */
const MAX_CUT = 60;
/** What follows after them, before the hash of the whole name; no escape looks so. */
const CUT = "%-";
/** What a device's name gets. */
const NO_DEVICE = "%";
const HASH_DIGITS = 32;

/**
 * The name of the file in which the table of this name is kept. Small letters,
 * digits, `_`, `-` and `.` stand as they are, and every other byte in UTF-8 as `%`
 * and two hexadecimal digits: `Sales 2024` is kept in `%53ales%202024.arrows`. Capital
 * letters are escaped, too, as there are file systems that do not tell them from
 * small ones. A name that would be too long is cut, and gets a hash.
 */
export function fileNameOf(name: string): string {
  const escaped = escape(name);
  if (escaped.length <= MAX_WHOLE) {
    return escaped + (DEVICE.test(escaped) ? NO_DEVICE : "") + SUFFIX;
  }
  const hash = createHash("sha256").update(name).digest("hex").slice(0, HASH_DIGITS);
  return cut(escaped) + CUT + hash + SUFFIX;
}

/** Whether a file of this name may be one of a table. */
export function isTableFile(fileName: string): boolean {
  return fileName.endsWith(SUFFIX) && !fileName.startsWith(".");
}

/**
 * The name of the table that is kept in this file; undefined when its name was cut, so
 * that only the file itself tells, or when no table is kept under this name.
 */
export function nameOfFile(fileName: string): string | undefined {
  if (!isTableFile(fileName) || isCut(fileName)) return undefined;
  const escaped = fileName.slice(0, -SUFFIX.length).replace(/%$/, "");
  try {
    const name = decodeURIComponent(escaped);
    return fileNameOf(name) === fileName ? name : undefined;
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

/** Whether the name of the table in this file was cut. */
function isCut(fileName: string): boolean {
  return fileName.includes(CUT);
}

/** What the names of all files begin with whose tables' names begin with this. */
export function filePrefixOf(prefix: string): string {
  return cut(escape(prefix));
}

function escape(name: string): string {
  return name.replace(ESCAPED, escapeBytes);
}

function escapeBytes(character: string): string {
  let escaped = "";
  for (const byte of new TextEncoder().encode(character)) {
    escaped += `%${byte.toString(16).padStart(2, "0")}`;
  }
  return escaped;
}

/** The first characters, with no part of an escape at their end. */
function cut(escaped: string): string {
  return escaped.slice(0, MAX_CUT).replace(/%[0-9a-f]?$/, "");
}
