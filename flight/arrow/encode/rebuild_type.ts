/**
 * Types of another copy or version of apache-arrow as types of ours.
 *
 * @module
 */
import {
  Binary,
  BinaryView,
  Bool,
  type DataType,
  Date_,
  type DateUnit,
  Decimal,
  Dictionary,
  Duration,
  Field,
  FixedSizeBinary,
  FixedSizeList,
  Float,
  Int,
  type Int32,
  Interval,
  type IntervalUnit,
  LargeBinary,
  LargeList,
  LargeUtf8,
  List,
  Map_,
  Null,
  type Precision,
  Struct,
  Time,
  Timestamp,
  type TimeUnit,
  Type,
  Union,
  type UnionMode,
  Utf8,
  Utf8View,
} from "apache-arrow";
import type { FieldLike, TypeLike } from "./arrow_like.ts";

/** The members of all types together; each type has some of them. */
interface AnyType extends TypeLike {
  readonly isSigned: boolean;
  readonly bitWidth: number;
  readonly precision: number;
  readonly scale: number;
  readonly unit: number;
  readonly timezone?: string | null;
  readonly mode: number;
  readonly typeIds: ArrayLike<number>;
  readonly byteWidth: number;
  readonly listSize: number;
  readonly keysSorted: boolean;
  readonly dictionary: TypeLike;
  readonly indices: TypeLike;
  readonly id: number;
  readonly isOrdered: boolean;
  readonly children: readonly FieldLike[];
}

type IntWidth = 8 | 16 | 32 | 64;

/** How each type is made again, by its id. */
const MAKERS: Partial<
  Record<Type, (type: AnyType, fields: readonly Field[]) => DataType>
> = {
  [Type.Null]: () => new Null(),
  [Type.Int]: ({ isSigned, bitWidth }) => new Int(isSigned, bitWidth as IntWidth),
  [Type.Float]: ({ precision }) => new Float(precision as Precision),
  [Type.Binary]: () => new Binary(),
  [Type.Utf8]: () => new Utf8(),
  [Type.Bool]: () => new Bool(),
  [Type.Decimal]: ({ scale, precision, bitWidth }) =>
    new Decimal(scale, precision, bitWidth),
  [Type.Date]: ({ unit }) => new Date_(unit as DateUnit),
  [Type.Time]: ({ unit, bitWidth }) => new Time(unit as TimeUnit, bitWidth as 32 | 64),
  [Type.Timestamp]: ({ unit, timezone }) => new Timestamp(unit as TimeUnit, timezone),
  [Type.Interval]: ({ unit }) => new Interval(unit as IntervalUnit),
  [Type.List]: (_, [item]) => new List(item),
  [Type.Struct]: (_, fields) => new Struct([...fields]),
  [Type.Union]: ({ mode, typeIds }, fields) =>
    new Union(mode as UnionMode, Int32Array.from(typeIds), [...fields]),
  [Type.FixedSizeBinary]: ({ byteWidth }) => new FixedSizeBinary(byteWidth),
  [Type.FixedSizeList]: ({ listSize }, [item]) => new FixedSizeList(listSize, item),
  [Type.Map]: ({ keysSorted }, [entries]) => new Map_(entries, keysSorted),
  [Type.Duration]: ({ unit }) => new Duration(unit as TimeUnit),
  [Type.LargeBinary]: () => new LargeBinary(),
  [Type.LargeUtf8]: () => new LargeUtf8(),
  [Type.LargeList]: (_, [item]) => new LargeList(item),
  [Type.BinaryView]: () => new BinaryView(),
  [Type.Utf8View]: () => new Utf8View(),
};

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
    const make = MAKERS[type.typeId as Type];
    if (make === undefined) {
      throw new TypeError(
        `Cannot encode the column "${path}": this version of apache-arrow has no type ${type}`,
      );
    }
    const fields = (type.children ?? []).map((child) =>
      this.field(child, `${path}.${child.name}`)
    );
    return make(type, fields);
  }
}
