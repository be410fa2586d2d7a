/**
 * Types of apache-arrow from what the format says of a type.
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
  Duration,
  type Field,
  FixedSizeBinary,
  FixedSizeList,
  Float,
  Int,
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

/**
 * The parameters of a type, under the names of apache-arrow; each type has some of them.
 * Units, precisions and modes are the numbers of the format's Schema.fbs.
 */
export interface TypeParameters {
  /** Whether an integer has a sign. */
  readonly isSigned?: boolean;
  /** The bits of an integer, a decimal or a time. */
  readonly bitWidth?: number;
  /** The precision of a floating point number, or the digits of a decimal. */
  readonly precision?: number;
  /** How many digits of a decimal follow its point. */
  readonly scale?: number;
  /** The unit of a date, a time, a timestamp, a duration or an interval. */
  readonly unit?: number;
  /** A timestamp's time zone. */
  readonly timezone?: string | null;
  /** A union's mode: sparse or dense. */
  readonly mode?: number;
  /** A union's type ids, one for each child. */
  readonly typeIds?: ArrayLike<number>;
  /** The bytes of a value of fixed size. */
  readonly byteWidth?: number;
  /** The items of a list of fixed size. */
  readonly listSize?: number;
  /** Whether a map's keys are sorted. */
  readonly keysSorted?: boolean;
}

type Make = (parameters: Required<TypeParameters>, fields: Field[]) => DataType;

/** How each type is made, by the number that apache-arrow and the format have for it. */
const MAKERS: Partial<Record<Type, Make>> = {
  [Type.Null]: () => new Null(),
  [Type.Int]: ({ isSigned, bitWidth }) =>
    new Int(isSigned, bitWidth as 8 | 16 | 32 | 64),
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
  [Type.Struct]: (_, fields) => new Struct(fields),
  [Type.Union]: ({ mode, typeIds }, fields) =>
    new Union(mode as UnionMode, Int32Array.from(typeIds), fields),
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

/**
 * The type of this number, with the parameters that it needs; undefined when apache-arrow
 * has no such type.
 */
export function makeType(
  typeId: number,
  parameters: TypeParameters,
  fields: Field[],
): DataType | undefined {
  return MAKERS[typeId as Type]?.(parameters as Required<TypeParameters>, fields);
}
