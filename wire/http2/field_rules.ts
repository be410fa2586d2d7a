/**
 * The rules of HTTP/2 for the fields of a message (RFC 9113, 8.2 and 8.3).
 *
 * @module
 */
import type { HeaderField } from "../hpack/hpack_table.ts";

/** Fields that break a rule: the stream is reset with PROTOCOL_ERROR (RFC 9113, 8.1.1). */
export class MalformedError extends Error {
  /** An error that says which rule is broken. */
  constructor(message: string) {
    super(`Cannot accept the headers: ${message}`);
    this.name = "MalformedError";
  }
}

/** Fields that keep the rules. */
export interface CheckedFields {
  /** The value of each pseudo-header. */
  readonly pseudo: ReadonlyMap<string, string>;
  /** The other fields, in order. */
  readonly fields: readonly HeaderField[];
  /** How many bytes all DATA frames are to have; undefined when it is not said. */
  readonly contentLength: number | undefined;
}

/** What no name of an ordinary field has: upper case, controls, spaces, colons (8.2.1). */
// deno-lint-ignore no-control-regex -- controls are what is looked for
const WRONG_IN_NAME = /[\x00- A-Z:\x7f-\uffff]/;
/** What no value has: NUL, CR and LF, and white space around it (8.2.1). */
const WRONG_IN_VALUE = /[\0\r\n]|^[ \t]|[ \t]$/;
/** Fields that speak of one connection of HTTP/1.1 (8.2.2). */
const CONNECTION_FIELDS: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
]);

/**
 * Sorts the fields of a message, of which these pseudo-headers are known.
 *
 * @throws {MalformedError} when a rule is broken.
 */
export function checkFields(
  headers: readonly HeaderField[],
  knownPseudo: ReadonlySet<string>,
): CheckedFields {
  const pseudo = new Map<string, string>();
  const fields: HeaderField[] = [];
  let length: string | undefined;
  for (const field of headers) {
    const [name, value] = field;
    if (WRONG_IN_VALUE.test(value)) {
      throw new MalformedError(`the value of ${quote(name)} has forbidden characters`);
    }
    if (name.startsWith(":")) {
      if (!knownPseudo.has(name)) {
        throw new MalformedError(`the pseudo-header ${quote(name)} is unknown here`);
      }
      if (fields.length > 0) {
        throw new MalformedError(`${quote(name)} stands behind an ordinary field`);
      }
      if (pseudo.has(name)) throw new MalformedError(`${quote(name)} is repeated`);
      pseudo.set(name, value);
      continue;
    }
    checkOrdinary(name, value);
    if (name === "content-length") {
      if (length !== undefined && length !== value) {
        throw new MalformedError("there are two values of content-length");
      }
      length = value;
    }
    fields.push(field);
  }
  return { pseudo, fields, contentLength: readContentLength(length) };
}

function checkOrdinary(name: string, value: string): void {
  if (name === "" || WRONG_IN_NAME.test(name)) {
    throw new MalformedError(`the name ${quote(name)} has forbidden characters`);
  }
  if (CONNECTION_FIELDS.has(name)) {
    throw new MalformedError(`HTTP/2 has no ${quote(name)}`);
  }
  if (name === "te" && value !== "trailers") {
    throw new MalformedError(`"te" may only be "trailers"`);
  }
}

function readContentLength(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const length = Number(value);
  if (!/^[0-9]+$/.test(value) || !Number.isSafeInteger(length)) {
    throw new MalformedError("content-length is not a number of bytes");
  }
  return length;
}

/** The name for a message: short, and printable. */
function quote(name: string): string {
  return JSON.stringify(name.slice(0, 100));
}
