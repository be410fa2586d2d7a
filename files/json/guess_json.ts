/**
 * Finds the type of a JSON value from all of its occurrences.
 *
 * @module
 */
import { Bool, DataType, Field, List, Null, Struct } from "apache-arrow";
import { ScalarGuess } from "../values/scalar_guess.ts";
import { JsonFault, type JsonNode } from "./json_node.ts";
import { MemberNames } from "./member_names.ts";

/** What a value is, in words. */
type Kind = "a boolean" | "a number" | "a text" | "an object" | "an array";

/** What is known of the values in one place. */
export class GuessNode implements JsonNode {
  /** The members, when the values are objects. */
  readonly names: MemberNames<JsonNode & { type(): DataType }> = new MemberNames();
  readonly #path: string;
  readonly #makeMember: (name: string, path: string) => JsonNode & { type(): DataType };
  readonly #guess = new ScalarGuess();
  #kind: Kind | undefined;
  #items: GuessNode | undefined;
  /** The index of each member of the object under way, to find one that comes twice. */
  #seenIn: number[] = [];
  #objects = 0;

  /** What is at this path; nothing was seen. */
  constructor(
    path: string,
    makeMember: (name: string, path: string) => JsonNode & { type(): DataType } = (
      _name,
      path,
    ) => new GuessNode(path),
  ) {
    this.#path = path;
    this.#makeMember = makeMember;
  }

  /** The type that holds all of the values exactly. */
  type(): DataType {
    switch (this.#kind) {
      case undefined:
        return new Null();
      case "a boolean":
        return new Bool();
      case "an object":
        return new Struct(this.fields());
      case "an array":
        return new List(new Field("item", this.#items!.type(), true));
      default:
        return this.#guess.type();
    }
  }

  /** A field for each member. */
  fields(): Field[] {
    return this.names.members.map(({ name, node }) =>
      new Field(name, node.type(), true)
    );
  }

  takeNull(): void {}

  takeBool(_value: boolean, at: number): void {
    this.#is("a boolean", at);
  }

  takeNumber(bytes: Uint8Array, start: number, end: number): void {
    this.#is("a number", start);
    this.#guess.see(bytes, start, end);
    if (this.#guess.isText || DataType.isUtf8(this.#guess.type())) {
      throw new JsonFault(
        "the number does not fit into one type with those before it; give the column's " +
          'type, such as utf8, with the option "types"',
        start,
        this.#path,
      );
    }
  }

  takeText(bytes: Uint8Array, start: number, end: number): void {
    this.#is("a text", start - 1);
    this.#guess.seeText(bytes, start, end);
  }

  beginObject(at: number): void {
    this.#is("an object", at);
    this.#objects++;
  }

  member(
    bytes: Uint8Array,
    start: number,
    end: number,
    hasEscapes: boolean,
    position: number,
  ): JsonNode {
    const index = this.names.find(bytes, start, end, hasEscapes, position, (name) => {
      const path = this.#path === "" ? name : `${this.#path}.${name}`;
      return this.names.add(name, this.#makeMember(name, path));
    });
    if (this.#seenIn[index] === this.#objects) {
      const { name } = this.names.members[index];
      throw new JsonFault(`the name ${JSON.stringify(name)} comes twice`, start - 1);
    }
    this.#seenIn[index] = this.#objects;
    return this.names.members[index].node;
  }

  endObject(): void {}

  beginArray(at: number): JsonNode {
    this.#is("an array", at);
    return this.#items ??= new GuessNode(`${this.#path}[]`);
  }

  endArray(): void {}

  #is(kind: Kind, at: number): void {
    if (this.#kind === kind) return;
    if (this.#kind === undefined) {
      this.#kind = kind;
      return;
    }
    throw new JsonFault(
      `it is ${kind}, and those before are ${PLURALS[this.#kind]}`,
      at,
      this.#path,
    );
  }
}

const PLURALS: { readonly [kind in Kind]: string } = {
  "a boolean": "booleans",
  "a number": "numbers",
  "a text": "texts",
  "an object": "objects",
  "an array": "arrays",
};
