/**
 * What takes the values of a JSON file.
 *
 * @module
 */

/** A place in a JSON text where what stands there is wrong. */
export class JsonFault extends Error {
  /** The number of the byte. */
  readonly at: number;
  /** The column, such as `user.name`; undefined when it is in none. */
  readonly path: string | undefined;

  /** A fault with this reason, at this byte. */
  constructor(reason: string, at: number, path?: string) {
    super(reason);
    this.at = at;
    this.path = path;
  }
}

/** The values that one place of the rows has: a column, a member of an object, an item. */
export interface JsonNode {
  /** `null`. */
  takeNull(at: number): void;
  /** `true` or `false`. */
  takeBool(value: boolean, at: number): void;
  /** The number that is written from one byte to another. */
  takeNumber(bytes: Uint8Array, start: number, end: number): void;
  /** The text in quotes, which may have escapes, such as `\n`. */
  takeText(bytes: Uint8Array, start: number, end: number, hasEscapes: boolean): void;
  /** An object starts. */
  beginObject(at: number): void;
  /** What takes the member of this name; `position` is its number in this object. */
  member(
    bytes: Uint8Array,
    start: number,
    end: number,
    hasEscapes: boolean,
    position: number,
  ): JsonNode;
  /** The object ends. */
  endObject(): void;
  /** An array starts; this takes its items. */
  beginArray(at: number): JsonNode;
  /** The array ends. */
  endArray(): void;
}
