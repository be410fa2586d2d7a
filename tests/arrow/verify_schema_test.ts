/** StreamVerifier on schemas. */
import { assert, assertThrows } from "@std/assert";
import { FlightError } from "../../flight/errors.ts";
import { StreamVerifier } from "../../flight/arrow/verify/stream_verifier.ts";
import { refuses } from "../helpers/tables/check_stream.ts";
import {
  field,
  flatbuffer,
  type FlatTable,
  int16,
  int32,
  int64,
  int8,
  message,
  NO_BODY,
  schema,
  table,
  Type,
} from "../helpers/tables/flat_builder.ts";

const int = (bits: number, signed = 1): FlatTable => table(int32(bits), int8(signed));
const int32Field = (name: string): FlatTable => field(name, Type.Int, int(32));

function list(
  name: string,
  type: number,
  ...parameters: FlatTable["fields"]
): FlatTable {
  return field(name, type, table(...parameters), { children: [int32Field("item")] });
}

function decimal(precision: number, bits: number): FlatTable {
  return table(int32(precision), int32(0), int32(bits));
}

function union(mode: number, ids: number[], count = ids.length): FlatTable {
  const children = Array.from({ length: count }, (_, index) => int32Field(`c${index}`));
  const parameters = table(int16(mode), { size: 4, numbers: ids });
  return field("x", Type.Union, parameters, { children });
}

const badFields: [string, FlatTable, string][] = [
  ["a type that no one knows", field("x", 27), "its type 27 is unknown"],
  ["no type", table("x", int8(1), int8(Type.Int)), "it has no type"],
  ["an Int of 24 bits", field("x", Type.Int, int(24)), "cannot have 24 bits"],
  [
    "a fourth float",
    field("x", Type.FloatingPoint, table(int16(3))),
    "floating point precision 3 is unknown",
  ],
  [
    "a Decimal of 96 bits",
    field("x", Type.Decimal, decimal(5, 96)),
    "cannot have 96 bits",
  ],
  [
    "39 digits in 128 bits",
    field("x", Type.Decimal, decimal(39, 128)),
    "1 to 38 digits",
  ],
  [
    "a Decimal without digits",
    field("x", Type.Decimal, decimal(0, 32)),
    "1 to 9 digits",
  ],
  ["a date unit", field("x", Type.Date, table(int16(2))), "date unit 2 is"],
  ["a time unit", field("x", Type.Time, table(int16(-1))), "time unit -1 is"],
  [
    "nanoseconds in 32 bits",
    field("x", Type.Time, table(int16(3), int32(32))),
    "64 bits",
  ],
  [
    "a timestamp unit",
    field("x", Type.Timestamp, table(int16(4))),
    "timestamp unit 4 is",
  ],
  [
    "an interval unit",
    field("x", Type.Interval, table(int16(3))),
    "interval unit 3 is",
  ],
  ["a duration unit", field("x", Type.Duration, table(int16(4))), "duration unit 4 is"],
  ["a negative width", field("x", Type.FixedSizeBinary, table(int32(-1))), "is -1"],
  ["a negative list size", list("x", Type.FixedSizeList, int32(-1)), "is -1"],
  ["a list without child", field("x", Type.List), "has 1 children, not 0"],
  [
    "an Int with a child",
    field("x", Type.Int, int(8), { children: [int32Field("y")] }),
    "has 0 children, not 1",
  ],
  [
    "a Map of numbers",
    field("x", Type.Map, table(), { children: [int32Field("y")] }),
    "a Struct of two fields",
  ],
  [
    "run ends of 8 bits",
    field("x", Type.RunEndEncoded, table(), {
      children: [field("r", Type.Int, int(8)), int32Field("v")],
    }),
    "Int16, Int32 or Int64",
  ],
  ["a union mode", union(2, [0]), "union mode 2 is"],
  ["a union's id twice", union(0, [3, 3]), "unlike its 3"],
  ["a union's id over 127", union(1, [128]), "unlike its 128"],
  ["a negative union id", union(1, [-1]), "unlike its -1"],
  ["more ids than children", union(1, [0, 1, 2], 2), "has 3 children, not 2"],
  [
    "an index that is no integer type",
    field("x", Type.Utf8, table(), { dictionary: table(int64(1), int(7)) }),
    "cannot have 7 bits",
  ],
  [
    "a dictionary of an unknown kind",
    field("x", Type.Utf8, table(), {
      dictionary: table(int64(1), int(8), undefined, int16(1)),
    }),
    "dictionary kind 1 is",
  ],
];

for (const [what, bad, reason] of badFields) {
  Deno.test(`StreamVerifier.verify() refuses ${what}`, () => {
    refuses(() => new StreamVerifier().verify(schema(bad), NO_BODY), reason);
    const within = field("s", Type.Struct, table(), { children: [bad] });
    const error = assertThrows(() =>
      new StreamVerifier().verify(schema(within), NO_BODY)
    ) as Error;
    assert(error.message.includes('"s.x"'), error.message);
  });
}

Deno.test("StreamVerifier.verify() wants one type for a shared dictionary", () => {
  const encoded = (name: string, type: number, parameters = table()) =>
    field(name, type, parameters, { dictionary: table(int64(7), int(8)) });
  new StreamVerifier().verify(
    schema(encoded("a", Type.Utf8), encoded("b", Type.Utf8)),
    NO_BODY,
  );
  refuses(
    () =>
      new StreamVerifier().verify(
        schema(encoded("a", Type.Utf8), encoded("b", Type.Int, int(8))),
        NO_BODY,
      ),
    '"a" and "b" share the dictionary 7, but not its type',
  );
  const within = field("s", Type.Struct, table(), {
    children: [encoded("a", Type.Utf8)],
    dictionary: table(int64(7), int(8)),
  });
  refuses(
    () => new StreamVerifier().verify(schema(within), NO_BODY),
    "but not its type",
  );
});

Deno.test("StreamVerifier.verify() refuses fields that are nested too deep", () => {
  const nested = (depth: number): FlatTable =>
    depth === 1 ? int32Field("x") : field("s", Type.Struct, table(), {
      children: [nested(depth - 1)],
    });
  new StreamVerifier().verify(schema(nested(64)), NO_BODY);
  refuses(() => new StreamVerifier().verify(schema(nested(65)), NO_BODY), "64 levels");
  const shallow = new StreamVerifier({ maxDepth: 2 });
  refuses(() => shallow.verify(schema(nested(3)), NO_BODY), "2 levels");
});

Deno.test("StreamVerifier.verify() refuses tables that are shared without end", () => {
  let shared = int32Field("x");
  for (let level = 0; level < 60; level++) {
    shared = field("s", Type.Struct, table(), { children: [shared, shared] });
  }
  refuses(
    () => new StreamVerifier().verify(schema(shared), NO_BODY),
    "overlap too often",
  );
  const name = "long".repeat(10_000);
  const many = Array.from({ length: 1000 }, () => int32Field(name));
  refuses(
    () => new StreamVerifier().verify(schema(...many), NO_BODY),
    "overlap too often",
  );
});

Deno.test("StreamVerifier.verify() refuses big-endian data", () => {
  const header = message(1, table(int16(1), { refs: [] }));
  refuses(() => new StreamVerifier().verify(header, NO_BODY), "big-endian");
});

Deno.test("StreamVerifier.verify() refuses metadata that is not sound", () => {
  const pair = table("key", "value");
  const good = flatbuffer(
    table(int16(4), int8(1), table(undefined, { refs: [] }), int64(0), {
      refs: [pair],
    }),
  );
  new StreamVerifier().verify(good, NO_BODY);
  const text = String.fromCharCode(...good);
  const hostile = good.slice();
  hostile[text.indexOf("value") + 5] = 1;
  refuses(() => new StreamVerifier().verify(hostile, NO_BODY), "end with a zero byte");
  hostile[text.indexOf("value") - 1] = 1;
  refuses(() => new StreamVerifier().verify(hostile, NO_BODY), "a vector lies outside");
});

Deno.test("StreamVerifier.verify() cuts long names in its errors", () => {
  const bad = field("long".repeat(1000), 27);
  const run = () => new StreamVerifier().verify(schema(bad), NO_BODY);
  assert(assertThrows(run, FlightError).message.length < 300);
});

Deno.test("StreamVerifier.verify() refuses fields by the hundred thousand that are one", () => {
  const one = field("", Type.Null);
  // What nobody reads makes the flatbuffer large enough for so many.
  const filler = " ".repeat(12_000_000);
  const wide = (count: number) => {
    const fields = { refs: Array(count).fill(one) };
    return message(1, table(undefined, fields, undefined, undefined, filler));
  };
  const verified = new StreamVerifier().verify(wide(250_000), NO_BODY);
  assert(verified.kind === "schema" && verified.fieldCount === 250_000);
  refuses(
    () => new StreamVerifier().verify(wide(250_001), NO_BODY),
    "more than 250000 fields",
  );
});
