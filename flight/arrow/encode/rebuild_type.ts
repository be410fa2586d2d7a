/**
 * Types of another copy or version of apache-arrow as types of ours.
 *
 * @module
 */
import { type DataType, Dictionary, Field, type Int32, Type } from "apache-arrow";
import { makeType, type TypeParameters } from "../format/make_type.ts";
import type { FieldLike, TypeLike } from "./arrow_like.ts";

/** The members of all types together; each type has some of them. */
interface AnyType extends TypeLike, TypeParameters {
  readonly dictionary: TypeLike;
  readonly indices: TypeLike;
  readonly id: number;
  readonly isOrdered: boolean;
  readonly children?: readonly FieldLike[];
}

/** Makes types and fields of ours; one type becomes the same type each time. */
export class TypeRebuilder {
  readonly #types = new WeakMap<TypeLike, DataType>();

  /**
   * The field with a type of ours.
   *
   * @throws {TypeError} that names the field's path when ours has no such type.
   */
  field({ name, type, nullable, metadata }: FieldLike, path: string = name): Field {
    return new Field(name, this.type(type, path), nullable, new Map(metadata));
  }

  /**
   * The type as one of ours.
   *
   * @throws {TypeError} that names the path when ours has no such type.
   */
  type(type: TypeLike, path: string): DataType {
    let known = this.#types.get(type);
    if (known === undefined) {
      known = this.#make(type as AnyType, path);
      this.#types.set(type, known);
    }
    return known;
  }

  #make(type: AnyType, path: string): DataType {
    if (type.typeId === Type.Dictionary) {
      const values = this.type(type.dictionary, path);
      const indices = this.type(type.indices, path);
      return new Dictionary(values, indices as Int32, type.id, type.isOrdered);
    }
    const fields = (type.children ?? []).map((child) =>
      this.field(child, `${path}.${child.name}`)
    );
    const made = makeType(type.typeId, type, fields);
    if (made === undefined) {
      throw new TypeError(
        `Cannot encode the column "${path}": this version of apache-arrow has no type ${type}`,
      );
    }
    return made;
  }
}
