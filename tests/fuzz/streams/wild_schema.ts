/**
 * Schemas that nobody has thought of: types of every kind inside of each other.
 *
 * @module
 */
import {
  field,
  type FlatTable,
  int16,
  int32,
  int64,
  int8,
  message,
  table,
  Type,
} from "../../helpers/tables/flat_builder.ts";
import type { Random } from "../../helpers/random.ts";

/** A type's number, its parameters, and its children. */
interface WildType {
  readonly number: number;
  readonly parameters?: FlatTable;
  readonly children?: readonly FlatTable[];
}

const MAX_COLUMNS = 4;
const DEEPEST = 3;
/** As few as this, so that columns share dictionaries. */
const DICTIONARY_IDS = 4;
const BOOL = 6;
const LARGE_BINARY = 19;
const BINARY_VIEW = 23;

/** The header of a schema message. Now and then it is one that no reader takes. */
export function wildSchema(random: Random): Uint8Array {
  const fields = Array.from(
    { length: random.between(random.oneIn(30) ? 0 : 1, MAX_COLUMNS) },
    (_, index) => wildField(random, `column${index}`, 1),
  );
  const version = random.oneIn(6) ? 3 : 4;
  return message(1, table(undefined, { refs: fields }), 0, version);
}

function wildField(random: Random, name: string, depth: number): FlatTable {
  const { number, parameters, children } = wildType(random, depth);
  const dictionary = random.oneIn(6) ? wildEncoding(random) : undefined;
  return field(name, number, parameters, { children, dictionary });
}

function wildEncoding(random: Random): FlatTable {
  const id = int64(random.below(DICTIONARY_IDS));
  if (random.oneIn(8)) return table(id);
  return table(id, integer(random));
}

function wildType(random: Random, depth: number): WildType {
  const isLeaf = depth >= DEEPEST || random.oneIn(2);
  return random.pick<(random: Random, depth: number) => WildType>(
    isLeaf ? LEAVES : BRANCHES,
  )(random, depth);
}

const LEAVES: readonly ((random: Random) => WildType)[] = [
  () => ({ number: Type.Null }),
  (random) => ({ number: Type.Int, parameters: integer(random) }),
  (random) => ({ number: Type.FloatingPoint, parameters: unit(random, 3) }),
  () => ({ number: Type.Binary }),
  () => ({ number: Type.Utf8 }),
  () => ({ number: BOOL }),
  (random) => {
    const bits = random.pick([32, 64, 128, 256]);
    return { number: Type.Decimal, parameters: table(int32(9), int32(2), int32(bits)) };
  },
  (random) => ({ number: Type.Date, parameters: unit(random, 2) }),
  (random) => {
    const number = random.below(4);
    const bits = number < 2 ? 32 : 64;
    return { number: Type.Time, parameters: table(int16(number), int32(bits)) };
  },
  (random) => ({ number: Type.Timestamp, parameters: unit(random, 4) }),
  (random) => ({ number: Type.Interval, parameters: unit(random, 3) }),
  (random) => ({ number: Type.Duration, parameters: unit(random, 4) }),
  (random) => ({ number: Type.FixedSizeBinary, parameters: table(size(random)) }),
  () => ({ number: LARGE_BINARY }),
  () => ({ number: Type.LargeUtf8 }),
  () => ({ number: BINARY_VIEW }),
  () => ({ number: Type.Utf8View }),
];

const BRANCHES: readonly ((random: Random, depth: number) => WildType)[] = [
  (random, depth) => ({ number: Type.List, children: several(random, depth, 1) }),
  (random, depth) => ({ number: Type.LargeList, children: several(random, depth, 1) }),
  (random, depth) => ({ number: Type.ListView, children: several(random, depth, 1) }),
  (random, depth) => (
    { number: Type.LargeListView, children: several(random, depth, 1) }
  ),
  (random, depth) => ({
    number: Type.FixedSizeList,
    parameters: table(size(random)),
    children: several(random, depth, 1),
  }),
  (random, depth) => ({
    number: Type.Struct,
    children: several(random, depth, random.below(4)),
  }),
  (random, depth) => ({
    number: Type.Map,
    children: [
      field("entries", Type.Struct, table(), { children: several(random, depth, 2) }),
    ],
  }),
  wildUnion,
  wildUnion,
  (random, depth) => {
    const bits = random.pick([16, 32, 64]);
    const runEnds = field("run_ends", Type.Int, table(int32(bits), int8(1)));
    const [values] = several(random, depth, 1);
    return { number: Type.RunEndEncoded, children: [runEnds, values] };
  },
];

function wildUnion(random: Random, depth: number): WildType {
  const children = several(random, depth, random.between(0, 3));
  const ids = random.pick([[0, 1, 2], [5, 7, 127], [2, 0, 1]]);
  const numbers = ids.slice(0, children.length);
  const typeIds = random.oneIn(2) ? undefined : { size: 4 as const, numbers };
  const mode = int16(random.below(2));
  return { number: Type.Union, parameters: table(mode, typeIds), children };
}

function several(random: Random, depth: number, count: number): FlatTable[] {
  return Array.from(
    { length: random.oneIn(60) ? count + 1 : count },
    (_, index) => wildField(random, `child${index}`, depth + 1),
  );
}

function integer(random: Random): FlatTable {
  return table(int32(random.pick([8, 16, 32, 64])), int8(random.below(2)));
}

function unit(random: Random, count: number): FlatTable {
  return table(int16(random.below(random.oneIn(60) ? count + 1 : count)));
}

/** How large a list or a value of fixed size is. */
function size(random: Random) {
  return int32(random.pick([0, 1, 2, 3, 16, 16, random.oneIn(8) ? 2 ** 31 - 1 : 4]));
}
