/**
 * Reads JSON (RFC 8259) from its bytes, value by value.
 *
 * @module
 */
import { JsonFault, type JsonNode } from "./json_node.ts";

const QUOTE = 34;
const PLUS = 43;
const COMMA = 44;
const MINUS = 45;
const POINT = 46;
const ZERO = 48;
const NINE = 57;
const COLON = 58;
const OPEN_BRACKET = 91;
const BACKSLASH = 92;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const SPACE = 32;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const TAB = 9;
const SMALL_E = 101;
const TRUE = [116, 114, 117, 101];
const FALSE = [102, 97, 108, 115, 101];
const NULL = [110, 117, 108, 108];
/** Arrays and objects may be in each other up to here. */
const MAX_DEPTH = 64;
const TEXT = new TextDecoder();

/** Reads values from bytes, and gives them to nodes. */
export class JsonParser {
  /** The bytes. */
  bytes: Uint8Array = new Uint8Array(0);
  /** Where they end. */
  end = 0;
  /** The next byte that is read. */
  at = 0;
  #depth = 0;

  /** Reads a value. */
  value(node: JsonNode): void {
    this.skipSpace();
    const { bytes, at } = this;
    if (at >= this.end) throw new JsonFault("a value is missing", at);
    const byte = bytes[at];
    if (byte === QUOTE) {
      const hasEscapes = this.#text();
      node.takeText(bytes, at + 1, this.at - 1, hasEscapes);
    } else if (byte === MINUS || byte >= ZERO && byte <= NINE) {
      this.#number();
      node.takeNumber(bytes, at, this.at);
    } else if (byte === OPEN_BRACE) this.#object(node);
    else if (byte === OPEN_BRACKET) this.#array(node);
    else if (byte === TRUE[0]) {
      this.#word(TRUE);
      node.takeBool(true, at);
    } else if (byte === FALSE[0]) {
      this.#word(FALSE);
      node.takeBool(false, at);
    } else if (byte === NULL[0]) {
      this.#word(NULL);
      node.takeNull(at);
    } else throw new JsonFault(`${this.#shown()} is not the start of a value`, at);
  }

  /** Passes over spaces and line breaks. */
  skipSpace(): void {
    const { bytes, end } = this;
    let at = this.at;
    while (at < end) {
      const byte = bytes[at];
      const isSpace = byte === SPACE || byte === LINE_FEED ||
        byte === CARRIAGE_RETURN || byte === TAB;
      if (!isSpace) break;
      at++;
    }
    this.at = at;
  }

  /** Whether this byte is the next one, which is passed over then. */
  take(byte: number): boolean {
    this.skipSpace();
    if (this.at >= this.end || this.bytes[this.at] !== byte) return false;
    this.at++;
    return true;
  }

  /** Passes over this byte, before spaces. */
  expect(byte: number): void {
    if (this.take(byte)) return;
    const wanted = String.fromCharCode(byte);
    throw new JsonFault(`${this.#shown()} stands where ${wanted} has to be`, this.at);
  }

  #object(node: JsonNode): void {
    this.#deepen();
    node.beginObject(this.at++);
    for (let position = 0; !this.take(CLOSE_BRACE); position++) {
      if (position > 0) this.expect(COMMA);
      this.skipSpace();
      const start = this.at;
      if (this.bytes[start] !== QUOTE || start >= this.end) {
        throw new JsonFault(`${this.#shown()} stands where a name has to be`, start);
      }
      const hasEscapes = this.#text();
      const member = node.member(
        this.bytes,
        start + 1,
        this.at - 1,
        hasEscapes,
        position,
      );
      this.expect(COLON);
      this.value(member);
    }
    node.endObject();
    this.#depth--;
  }

  #array(node: JsonNode): void {
    this.#deepen();
    const items = node.beginArray(this.at++);
    for (let count = 0; !this.take(CLOSE_BRACKET); count++) {
      if (count > 0) this.expect(COMMA);
      this.value(items);
    }
    node.endArray();
    this.#depth--;
  }

  #deepen(): void {
    if (++this.#depth > MAX_DEPTH) {
      throw new JsonFault(
        `more than ${MAX_DEPTH} arrays and objects are nested`,
        this.at,
      );
    }
  }

  /** Passes over a text in quotes; gives whether it has escapes. */
  #text(): boolean {
    const { bytes, end, at: start } = this;
    let hasEscapes = false;
    for (let at = start + 1; at < end; at++) {
      const byte = bytes[at];
      if (byte === QUOTE) {
        this.at = at + 1;
        return hasEscapes;
      }
      if (byte === BACKSLASH) {
        hasEscapes = true;
        at++;
      } else if (byte < SPACE) {
        throw new JsonFault("a control character stands in a text without escape", at);
      }
    }
    throw new JsonFault("a text is not closed", start);
  }

  #number(): void {
    const { bytes, at: start } = this;
    if (bytes[start] === MINUS) this.at++;
    const first = this.at;
    const digits = this.#digits();
    let isWrong = digits === 0 || digits > 1 && bytes[first] === ZERO;
    if (bytes[this.at] === POINT && this.at < this.end) {
      this.at++;
      isWrong ||= this.#digits() === 0;
    }
    if (this.at < this.end && (bytes[this.at] | 0x20) === SMALL_E) {
      this.at++;
      const sign = bytes[this.at];
      if (sign === PLUS || sign === MINUS) this.at++;
      isWrong ||= this.#digits() === 0;
    }
    if (isWrong) throw new JsonFault("a number is not written as JSON has it", start);
  }

  #digits(): number {
    const { bytes, end, at: start } = this;
    let at = start;
    while (at < end && bytes[at] >= ZERO && bytes[at] <= NINE) at++;
    this.at = at;
    return at - start;
  }

  #word(word: readonly number[]): void {
    const start = this.at;
    for (const byte of word) {
      if (this.at >= this.end || this.bytes[this.at] !== byte) {
        this.at = start;
        throw new JsonFault(`${this.#shown()} is not the start of a value`, start);
      }
      this.at++;
    }
  }

  #shown(): string {
    if (this.at >= this.end) return "the end";
    const part = this.bytes.subarray(this.at, Math.min(this.end, this.at + 12));
    return JSON.stringify(/^.[^\s,:\]}\ufffd]*/su.exec(TEXT.decode(part))![0]);
  }
}

/**
 * The text in these bytes, without escapes.
 *
 * @throws {JsonFault} when an escape is none, or half of a character.
 */
export function unescaped(bytes: Uint8Array, start: number, end: number): string {
  let text: string;
  try {
    text = JSON.parse(`"${TEXT.decode(bytes.subarray(start, end))}"`);
  } catch {
    throw new JsonFault("a text has an escape that JSON does not have", start);
  }
  if (!text.isWellFormed()) {
    throw new JsonFault("a text has half of a character, a lone surrogate", start);
  }
  return text;
}
