/**
 * Columns of known types from JSON values.
 *
 * @module
 */
import { type Data, DataType } from "apache-arrow";
import { columnData, Validity } from "../values/column_data.ts";
import { typeName } from "../values/column_types.ts";
import { type ValueStore, valueStore } from "../values/value_store.ts";
import { JsonFault, type JsonNode } from "./json_node.ts";
import { MemberNames } from "./member_names.ts";
import { unescaped } from "./parse_json.ts";

/** Collects the values in one place of the rows. */
export interface JsonBuilder extends JsonNode {
  /** How many values came. */
  readonly length: number;
  /** The column of all values that came; after this there are none. */
  finish(): Data;
}

const ENCODER = new TextEncoder();
const TRUE = ENCODER.encode("true");
const FALSE = ENCODER.encode("false");

/** A builder for values of this type. */
function jsonBuilder(type: DataType, path: string): JsonBuilder {
  if (DataType.isStruct(type)) return new StructBuilder(type, path);
  if (DataType.isList(type)) return new ListBuilder(type, path);
  return new ScalarBuilder(type, path);
}

/** Takes nothing but nulls: what others take, they override. */
abstract class Builder implements JsonBuilder {
  protected rows = 0;
  protected nulls: number[] = [];
  protected readonly type: DataType;
  protected readonly path: string;

  constructor(type: DataType, path: string) {
    this.type = type;
    this.path = path;
  }

  get length(): number {
    return this.rows;
  }

  abstract finish(): Data;

  takeNull(): void {
    this.nulls.push(this.rows++);
  }

  takeBool(value: boolean, at: number): void {
    throw this.wrong(String(value), at);
  }

  takeNumber(_bytes: Uint8Array, start: number, _end: number): void {
    throw this.wrong("a number", start);
  }

  takeText(_bytes: Uint8Array, start: number, _end: number, _has: boolean): void {
    throw this.wrong("a text", start - 1);
  }

  beginObject(at: number): void {
    throw this.wrong("an object", at);
  }

  member(
    _bytes: Uint8Array,
    start: number,
    _end: number,
    _has: boolean,
    _position: number,
  ): JsonNode {
    throw this.wrong("an object", start);
  }

  endObject(): void {}

  beginArray(at: number): JsonNode {
    throw this.wrong("an array", at);
  }

  endArray(): void {}

  protected wrong(what: string, at: number): JsonFault {
    return new JsonFault(
      `${what} is not of the type ${typeName(this.type)}`,
      at,
      this.path,
    );
  }

  /** Which of the rows have a value; after this there are no rows. */
  protected takeRows(): { rows: number; validity: Validity } {
    const { rows, nulls } = this;
    const validity = new Validity(rows);
    for (const row of nulls) validity.setNull(row);
    this.rows = 0;
    this.nulls = [];
    return { rows, validity };
  }
}

class ScalarBuilder extends Builder {
  readonly #store: ValueStore;

  constructor(type: DataType, path: string) {
    super(type, path);
    this.#store = valueStore(type, "base64");
  }

  override takeBool(value: boolean, at: number): void {
    const text = value ? TRUE : FALSE;
    this.#set(text, 0, text.length, at);
  }

  override takeNumber(bytes: Uint8Array, start: number, end: number): void {
    this.#set(bytes, start, end, start);
  }

  override takeText(
    bytes: Uint8Array,
    start: number,
    end: number,
    hasEscapes: boolean,
  ): void {
    if (!hasEscapes) return this.#set(bytes, start, end, start - 1);
    const text = ENCODER.encode(unescaped(bytes, start, end));
    this.#set(text, 0, text.length, start - 1);
  }

  #set(bytes: Uint8Array, start: number, end: number, at: number): void {
    const row = this.rows++;
    this.#store.grow(row + 1);
    if (this.#store.set(bytes, start, end, row)) return;
    const text = new TextDecoder().decode(bytes.subarray(start, end));
    throw this.wrong(JSON.stringify(text.slice(0, MAX_SHOWN)), at);
  }

  finish(): Data {
    const { rows, validity } = this.takeRows();
    this.#store.grow(rows);
    return columnData(this.type, rows, { validity, ...this.#store.finish(rows) });
  }
}

/** A longer text is cut in a message. */
const MAX_SHOWN = 40;

class ListBuilder extends Builder {
  readonly #items: JsonBuilder;
  /** Where each row's items end. */
  #ends: number[] = [];

  constructor(type: DataType, path: string) {
    super(type, path);
    this.#items = jsonBuilder(type.children[0].type, `${path}[]`);
  }

  override takeNull(): void {
    super.takeNull();
    this.#ends.push(this.#items.length);
  }

  override beginArray(): JsonNode {
    return this.#items;
  }

  override endArray(): void {
    this.rows++;
    this.#ends.push(this.#items.length);
  }

  finish(): Data {
    const { rows, validity } = this.takeRows();
    const offsets = new Int32Array(rows + 1);
    offsets.set(this.#ends, 1);
    this.#ends = [];
    const children = [this.#items.finish()];
    return columnData(this.type, rows, { validity, offsets, children });
  }
}

/** Objects: also the rows themselves are one. */
export class StructBuilder extends Builder {
  readonly #names: MemberNames<JsonBuilder> = new MemberNames();

  /** A builder of objects of this type. */
  constructor(type: DataType, path: string) {
    super(type, path);
    for (const { name, type: memberType } of type.children) {
      const memberPath = path === "" ? name : `${path}.${name}`;
      this.#names.add(name, jsonBuilder(memberType, memberPath));
    }
  }

  override takeNull(): void {
    super.takeNull();
    this.#fill();
  }

  override beginObject(): void {}

  override member(
    bytes: Uint8Array,
    start: number,
    end: number,
    hasEscapes: boolean,
    position: number,
  ): JsonNode {
    let isUnknown = false;
    const index = this.#names.find(bytes, start, end, hasEscapes, position, () => {
      isUnknown = true;
      return 0;
    });
    // A column that is not read.
    if (isUnknown) return IGNORED;
    const { name, node } = this.#names.members[index];
    if (node.length > this.rows) {
      throw new JsonFault(`the name ${JSON.stringify(name)} comes twice`, start - 1);
    }
    return node;
  }

  override endObject(): void {
    this.rows++;
    this.#fill();
  }

  finish(): Data {
    const { rows, validity } = this.takeRows();
    const children = this.columns();
    return columnData(this.type, rows, { validity, children });
  }

  /** The columns of the members. */
  columns(): Data[] {
    return this.#names.members.map(({ node }) => node.finish());
  }

  /** The rows that came, which are no more after this. */
  takeCount(): number {
    return this.takeRows().rows;
  }

  /** Members that are not in an object are null. */
  #fill(): void {
    for (const { node } of this.#names.members) {
      if (node.length < this.rows) node.takeNull(0);
    }
  }
}

/** Takes values of which none is read. */
export const IGNORED: JsonNode = {
  takeNull() {},
  takeBool() {},
  takeNumber() {},
  takeText() {},
  beginObject() {},
  member: () => IGNORED,
  endObject() {},
  beginArray: () => IGNORED,
  endArray() {},
};
