/** JSON and NDJSON, in and out. */
import { assertEquals, assertRejects } from "@std/assert";
import {
  Binary,
  Decimal,
  Dictionary,
  Field,
  FixedSizeList,
  Float32,
  Int32,
  Int64,
  Struct,
  Table,
  tableFromArrays,
  TimestampMillisecond,
  Utf8,
  type Vector,
  vectorFromArray,
} from "apache-arrow";
import { FileError, readFile, type ReadFileOptions } from "../../files/mod.ts";
import { fileText, pieces, readTable } from "../helpers/tables/table_files.ts";

const JSON_FORMAT = { format: "json" } as const;
const LINES = { format: "ndjson" } as const;

/** The message of the error that reading gives. */
async function refusal(text: string, options: ReadFileOptions = {}): Promise<string> {
  const error = await assertRejects(
    () => readTable(text, { ...LINES, ...options }),
    FileError,
  );
  return error.message.replace("Cannot read the file: ", "");
}

/** What reading and writing again gives. */
async function again(text: string): Promise<string> {
  await using file = await readFile(new TextEncoder().encode(text), LINES);
  return await fileText(file, LINES);
}

Deno.test("readFile() reads rows of JSON as an array, as lines, or one after the other", async () => {
  const rows = ['{"a":1,"b":"x"}', '{"b":"y","a":2}', "{}"];
  const expected = {
    columns: ["a: Int64", "b: Utf8"],
    rows: [["1n", '"x"'], ["2n", '"y"'], ["null", "null"]],
  };
  const texts = [
    `[${rows}]`,
    ` [ ${rows.join(" ,\n")}\r\n] `,
    rows.join("\n"),
    `\ufeff${rows.join("\r\n\r\n")}\n`,
    rows.join(""),
    rows.join("\n").replaceAll(",", ",\n  "),
  ];
  for (const text of texts) {
    for (const format of ["json", "ndjson"] as const) {
      assertEquals(await readTable(text, { format }), expected, text);
    }
  }
  assertEquals(await readTable("[]", JSON_FORMAT), { columns: [], rows: [] });
  assertEquals(await readTable("", LINES), { columns: [], rows: [] });
});

Deno.test("readFile() reads JSON that is cut anywhere", async () => {
  const text = '[{"a":"\\u00e9 \\"{[\\\\","b":[1,{"c":null}]},\n' +
    '{"a":"é}]","b":[]},{"b":null,"a":"\\\\"}]';
  const bytes = new TextEncoder().encode(text.replace("[1,", "["));
  const whole = await readTable(bytes, JSON_FORMAT);
  assertEquals(whole.rows.map(([a]) => a), ['"é \\"{[\\\\"', '"é}]"', '"\\\\"']);
  for (let length = 1; length < bytes.length; length++) {
    const read = await readTable(pieces(bytes, length), JSON_FORMAT);
    assertEquals(read, whole, `${length}`);
  }
});

Deno.test("readFile() finds the types of JSON from all rows, and keeps every digit", async () => {
  const { columns, rows } = await readTable(
    [
      '{"id":9007199254740993,"u":18446744073709551615,"f":1,"t":"2024-01-01T10:00:00Z"}',
      '{"id":-9223372036854775808,"f":0.5,"day":"2024-02-29","flag":true,"none":null}',
      '{"list":[1,null],"deep":{"x":{"y":[{"z":"a"}]}},"empty":[],"date":"2024-02-30"}',
    ].join("\n"),
    LINES,
  );
  assertEquals(columns, [
    "id: Int64",
    "u: Uint64",
    "f: Float64",
    "t: Timestamp<SECOND, UTC>",
    "day: Date32<DAY>",
    "flag: Bool",
    "none: Null",
    "list: List<Int64>",
    "deep: Struct<{x:Struct<{y:List<Struct<{z:Utf8}>>}>}>",
    "empty: List<Null>",
    "date: Utf8",
  ]);
  assertEquals(rows.map((row) => row[0]), [
    "9007199254740993n",
    "-9223372036854775808n",
    "null",
  ]);
});

Deno.test("writeFile() and readFile() give nested JSON back as it was", async () => {
  const rows = [
    '{"id":9007199254740993,"f":1.5,"s":"a\\"b\\\\\\n\\u0001é","l":[1,null,[]],"o":{"x":1,"y":null}}',
    '{"id":null,"f":-0.0,"s":"","l":[],"o":null}',
    '{"id":-1,"f":1e+300,"s":null,"l":null,"o":{"x":null,"y":{"z":true}}}',
  ].map((row) => row.replace("[1,null,[]]", "[1,null]"));
  const text = rows.join("\n").replace('"y":null', '"y":{"z":null}') + "\n";
  assertEquals(
    await again(text),
    text.replace('"x":null,"y":{"z":true}', '"x":null,"y":{"z":true}'),
  );
});

Deno.test("writeFile() writes each type of JSON, and refuses what JSON does not have", async () => {
  const tableOf = (columns: Record<string, Vector>) => new Table(columns);
  const table = tableOf({
    at: vectorFromArray([new Date(1), null], new TimestampMillisecond("Europe/Berlin")),
    bytes: vectorFromArray([Uint8Array.of(1, 2), Uint8Array.of()], new Binary()),
    kind: vectorFromArray(["x", null], new Dictionary(new Utf8(), new Int32())),
    single: vectorFromArray([0.1, 2], new Float32()),
    pair: vectorFromArray(
      [[1, 2], null],
      new FixedSizeList(2, new Field("item", new Int32(), true)),
    ),
    place: vectorFromArray(
      [{ x: 1n }, { x: null }],
      new Struct<{ x: Int64 }>([new Field("x", new Int64(), true)]),
    ),
  });
  assertEquals(
    await fileText(table, JSON_FORMAT),
    "[\n" +
      '{"at":"1970-01-01T00:00:00.001Z","bytes":"AQI=","kind":"x","single":0.1,' +
      '"pair":[1,2],"place":{"x":1}},\n' +
      '{"at":null,"bytes":"","kind":null,"single":2.0,"pair":null,"place":{"x":null}}\n]\n',
  );
  assertEquals(await fileText(table.slice(0, 0), JSON_FORMAT), "[\n]\n");
  assertEquals(await fileText(table.slice(0, 0), LINES), "");
  await assertRejects(
    () => fileText(tableFromArrays({ x: [1, NaN] }), LINES),
    FileError,
    '("x"): a value is NaN or infinite, which JSON does not have',
  );
});

Deno.test("readFile() takes the types that are given for columns of JSON", async () => {
  const text = '{"id":7,"price":1.10,"at":"2024-01-01","mixed":1}\n' +
    '{"id":"8","price":"2.5","at":null,"mixed":"x"}\n{"mixed":true}\n';
  const types = {
    id: "int8",
    price: "decimal128(10, 2)",
    at: "timestamp[us]",
    mixed: "utf8",
  };
  const read = await readTable(text, { ...LINES, types });
  assertEquals(read.columns[1], `price: ${new Decimal(2, 10, 128)}`);
  assertEquals(read.rows.map((row) => [row[0], row[3]]), [
    ["7", '"1"'],
    ["8", '"x"'],
    ["null", '"true"'],
  ]);
  assertEquals(
    await refusal(text, { types: { ...types, mixed: "int64" } }),
    'line 2, column 43 ("mixed"): "x" is not of the type int64',
  );
  const one = await readTable(text, { ...LINES, types, columns: ["at"] });
  assertEquals(one.columns, ["at: Timestamp<MICROSECOND>"]);
});

Deno.test("readFile() says the line and the column where JSON is wrong", async () => {
  const cases: [string, string][] = [
    [
      '{"a":1}\n{"a":"x"}',
      'line 2, column 6 ("a"): it is a text, and those before are numbers',
    ],
    [
      '{"é":{"b":[1]}}\n\n{"é":{"b":[1,[2]]}}',
      'line 3, column 14 ("é.b[]"): it is an array, and those before are numbers',
    ],
    ['{"a":1,}', 'line 1, column 8: "}" stands where a name has to be'],
    ['{"a" 1}', 'line 1, column 6: "1" stands where : has to be'],
    ['{"a":01}', "line 1, column 6: a number is not written as JSON has it"],
    ['{"a":nul}', 'line 1, column 6: "nul" is not the start of a value'],
    ['{"a":"x', "line 1, column 6: a text is not closed"],
    ['{"a":1', "line 1, column 7: the end stands where , has to be"],
    ['{"a":1,"a":2}', 'line 1, column 8: the name "a" comes twice'],
    [
      '{"a":"\\ud800"}',
      "line 1, column 7: a text has half of a character, a lone surrogate",
    ],
    ["[1]", "line 1, column 2: a row has to be an object"],
    ['[{"a":1}', "line 1, column 9: the array is not closed before the file ends"],
    ['[{"a":1}] x', "line 1, column 11: more follows after the array"],
    ['{"a":1}\n5', "line 2, column 1: a row has to be an object"],
  ];
  for (const [text, message] of cases) {
    assertEquals(
      await refusal(text),
      message,
      text,
    );
  }
  assertEquals(
    (await refusal('{"a":0.5}\n{"a":9007199254740993}')).split(";")[0],
    'line 2, column 6 ("a"): the number does not fit into one type with those before it',
  );
  await assertRejects(
    () => readFile(new Uint8Array(2), { ...LINES, header: true }),
    TypeError,
  );
});
