/**
 * Writes the files in data/, in the form of the Arrow integration suite:
 * `deno run -A tests/interop/integration/make_json.ts`.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import {
  columnJson,
  dictionary,
  type Field,
  fieldJson,
  fixedSizeList,
  int,
  type Kind,
  list,
  map,
  metadataJson,
  plain,
  sized,
  struct,
  union,
  views,
} from "./json_kinds.ts";

const DATA = new URL("data/", import.meta.url);
/** The rows of the batches of a file: one has none. */
const ROWS = [4, 0, 3];

/** A column with its values, one for each row. */
type Column = Field & { readonly values: readonly unknown[] };

function column(name: string, kind: Kind, values: readonly unknown[]): Column {
  return { name, kind, values };
}

const BOOL = plain({ name: "bool" }, false);
const INT32 = int(32);
const UTF8 = sized("utf8");
const WORDS = ["quake", "", null, "Suva", "Kadavu ≥ 5", "Ωmega", null];
const BYTES = ["00FF", "", null, "0A", "CAFE", null, "0102030405"];
const SMALL = [1, 0, null, 100, 7, null, 3];
const LISTS = [[1, 2], [], null, [null], [3, 4, 5], null, [6]];

function primitives(): Column[] {
  const wide = ["1", "9007199254740993", null, "0", "-9223372036854775808", null, "2"];
  const real = [0.5, -1.25, null, 1e10, 0, null, 3];
  return [
    column("int8", int(8), [-128, 127, null, 0, 1, null, 2]),
    column("int16", int(16), [-32768, 32767, null, 0, 1, null, 2]),
    column("int32", INT32, [-2147483648, 2147483647, null, 0, 1, null, 2]),
    column("int64", int(64), wide),
    column("uint8", int(8, false), [255, 0, null, 1, 2, null, 3]),
    column("uint16", int(16, false), [65535, 0, null, 1, 2, null, 3]),
    column("uint32", int(32, false), [4294967295, 0, null, 1, 2, null, 3]),
    column("uint64", int(64, false), [
      "18446744073709551615",
      ...SMALL.slice(1).map(text),
    ]),
    column("float", plain({ name: "floatingpoint", precision: "SINGLE" }, 0), real),
    column("double", plain({ name: "floatingpoint", precision: "DOUBLE" }, 0), real),
    column("bool", BOOL, [true, false, null, true, false, null, true]),
    { name: "certain", kind: INT32, nullable: false, values: [1, 2, 3, 4, 5, 6, 7] },
  ];
}

function text(value: number | null): string | null {
  return value === null ? null : String(value);
}

function texts(): Column[] {
  const fixed = plain({ name: "fixedsizebinary", byteWidth: 3 }, "000000");
  return [
    column("utf8", UTF8, WORDS),
    column("largeutf8", sized("largeutf8"), WORDS),
    column("binary", sized("binary"), BYTES),
    column("largebinary", sized("largebinary"), BYTES),
    column("fixed", fixed, [
      "000000",
      "FFFFFF",
      null,
      "0A0B0C",
      "123456",
      null,
      "ABCDEF",
    ]),
  ];
}

function textViews(): Column[] {
  const long = [
    "twelve bytes",
    "short",
    null,
    "",
    "Fiji and its earthquakes",
    null,
    "Levuka",
  ];
  return [column("utf8view", views(), long)];
}

function times(): Column[] {
  const UNITS = ["SECOND", "MILLISECOND", "MICROSECOND", "NANOSECOND"];
  const later = ["0", "86400000", null, "-86400000", "1664582400000", null, "1"];
  const interval = (unit: string, none: unknown) =>
    plain({ name: "interval", unit }, none);
  return [
    column("day", plain({ name: "date", unit: "DAY" }, 0), SMALL),
    column("date", plain({ name: "date", unit: "MILLISECOND" }, "0"), later),
    ...UNITS.flatMap((unit, index) => {
      const bitWidth = index < 2 ? 32 : 64;
      const ticks = index < 2 ? SMALL : SMALL.map(text);
      const zone = index % 2 === 0 ? {} : { timezone: "Pacific/Fiji" };
      return [
        column(
          `time ${unit}`,
          plain({ name: "time", unit, bitWidth }, ticks[1]),
          ticks,
        ),
        column(
          `timestamp ${unit}`,
          plain({ name: "timestamp", unit, ...zone }, "0"),
          later,
        ),
        column(`duration ${unit}`, plain({ name: "duration", unit }, "0"), later),
      ];
    }),
    column("months", interval("YEAR_MONTH", 0), SMALL),
    column(
      "days",
      interval("DAY_TIME", { days: 0, milliseconds: 0 }),
      SMALL.map((days) => days === null ? null : { days, milliseconds: -days }),
    ),
    column(
      "nanoseconds",
      interval("MONTH_DAY_NANO", { months: 0, days: 0, nanoseconds: 0 }),
      SMALL.map((days) =>
        days === null ? null : { months: -days, days, nanoseconds: days * -1e9 }
      ),
    ),
  ];
}

function decimals(): Column[] {
  const decimal = (bitWidth: number, precision: number) =>
    plain({ name: "decimal", precision, scale: 2, bitWidth }, "0");
  const values = (digits: number) => {
    const most = "9".repeat(digits);
    return [most, `-${most}`, null, "0", "-1", null, "12345"];
  };
  return [
    column("decimal128", decimal(128, 38), values(38)),
    column("decimal256", decimal(256, 76), values(76)),
  ];
}

function nested(): Column[] {
  const item = { name: "item", kind: INT32 };
  const pair = struct({ name: "a", kind: INT32 }, { name: "b", kind: UTF8 });
  const pairs = [[1, "x"], [null, "y"], null, [2, null], [3, "z"], null, [4, ""]];
  const counts = [[["a", 1]], [], null, [["b", null], ["c", 2]], [["d", 3]], null, []];
  const key = { name: "key", kind: UTF8, nullable: false };
  return [
    column("list", list("list", item), LISTS),
    column("largelist", list("largelist", item), LISTS),
    column("fixed", fixedSizeList(2, item), [
      [1, 2],
      [3, null],
      null,
      [4, 5],
      [6, 7],
      null,
      [8, 9],
    ]),
    column("struct", pair, pairs),
    column("map", map(key, { name: "value", kind: INT32 }), counts),
    column(
      "deep",
      list("list", {
        name: "item",
        kind: struct({ name: "list", kind: list("list", item) }),
      }),
      [[[[1, 2]], [null]], [], null, [null, [[3]]], [[[4]]], null, [[[]]]],
    ),
  ];
}

function unions(): Column[] {
  const children = [{ name: "number", kind: INT32 }, { name: "word", kind: UTF8 }];
  const values = [[0, 1], [1, "a"], [0, null], [1, "b"], [1, null], [0, 2], [1, "c"]];
  return [
    column("sparse", union("SPARSE", [5, 7], ...children), values),
    column("dense", union("DENSE", [10, 20], ...children), values),
  ];
}

const PLACES = dictionary(0, int(8), UTF8, ["Suva", "Nadi", null, "Labasa"]);
const INDICES = [0, 3, null, 2, 1, null, 3];

function dictionaries(): Column[] {
  const wide = dictionary(1, int(64), sized("binary"), ["00", "FF", "0A0B", ""]);
  return [
    column("place", PLACES, INDICES),
    column("same dictionary", PLACES, [...INDICES].reverse()),
    column("wide", wide, INDICES.map(text)),
  ];
}

function nestedDictionaries(): Column[] {
  const places = list("list", { name: "place", kind: PLACES });
  const values = [[0, 1], [], [null], [3, 3, 3]];
  return [column("places", dictionary(1, int(16), places, values), INDICES)];
}

function namesAndNulls(): Column[] {
  const metadata = {
    "ARROW:extension:name": "tiny.flight",
    "ARROW:extension:metadata": "",
  };
  return [
    {
      name: "noted",
      kind: int(8),
      metadata: { "": "empty", "ключ": "значение" },
      values: SMALL,
    },
    { name: "extension", kind: UTF8, metadata, values: WORDS },
    column("nothing", { type: { name: "null" }, write: () => ({}) }, WORDS),
    column("", INT32, SMALL),
  ];
}

function fileJson(columns: readonly Column[], rows: readonly number[]): object {
  const dictionaries = dictionariesOf(columns);
  const ends = rows.map((_, index) => rows.slice(0, index + 1).reduce((a, b) => a + b));
  return {
    schema: {
      fields: columns.map(fieldJson),
      metadata: metadataJson({ from: "make_json.ts" }),
    },
    ...dictionaries.length > 0 && { dictionaries },
    batches: rows.map((count, index) => ({
      count,
      columns: columns.map((column) =>
        columnJson(column, column.values.slice(ends[index] - count, ends[index]))
      ),
    })),
  };
}

/** The dictionaries of the fields and of those under them, each once. */
function dictionariesOf(fields: readonly Field[]): object[] {
  const found = new Map<number, object>();
  const visit = ({ kind }: Field) => {
    kind.children?.forEach(visit);
    if (kind.dictionary === undefined) return;
    const { id, kind: valueKind, values } = kind.dictionary;
    const columns = [columnJson({ name: `DICT${id}`, kind: valueKind }, values)];
    found.set(id, { id, data: { count: values.length, columns } });
  };
  fields.forEach(visit);
  return [...found.values()];
}

const FILES: { readonly [name: string]: object } = {
  primitives: fileJson(primitives(), ROWS),
  texts: fileJson(texts(), ROWS),
  text_views: fileJson(textViews(), ROWS),
  times: fileJson(times(), ROWS),
  decimals: fileJson(decimals(), ROWS),
  nested: fileJson(nested(), ROWS),
  unions: fileJson(unions(), ROWS),
  dictionaries: fileJson(dictionaries(), ROWS),
  nested_dictionaries: fileJson(nestedDictionaries(), ROWS),
  names_and_nulls: fileJson(namesAndNulls(), ROWS),
  no_rows: fileJson(primitives(), [0, 0]),
  no_batches: fileJson(texts(), []),
};

for (const [name, file] of Object.entries(FILES)) {
  await Deno.writeTextFile(new URL(`${name}.json`, DATA), JSON.stringify(file));
}
await new Deno.Command(Deno.execPath(), { args: ["fmt", "-q", fileURLToPath(DATA)] })
  .output();
