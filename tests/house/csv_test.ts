/** CSV as the examples read it, tables as they show and compare them. */
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { Field, RecordBatch, Schema, Table, vectorFromArray } from "apache-arrow";
import { tableFromCsv } from "../../examples/csv.ts";
import { tableDifference } from "../../examples/same.ts";
import { formatTable } from "../../examples/show.ts";

/** The names, types and values of the columns in a CSV text. */
function columnsOf(csv: string): [name: string, type: string, values: unknown[]][] {
  const table = tableFromCsv(csv);
  return table.schema.fields.map(({ name, type }, index) => [
    name,
    `${type}`,
    [...table.getChildAt(index)!],
  ]);
}

/** The type and values of the one column with these cells. */
function columnOf(...cells: string[]): [type: string, values: unknown[]] {
  const [[_, type, values]] = columnsOf(`x\n${cells.join("\n")}\n`);
  return [type, values];
}

function readData(file: string): Promise<string> {
  return Deno.readTextFile(new URL(`../../examples/data/${file}`, import.meta.url));
}

Deno.test("tableFromCsv() reads the quakes", async () => {
  const table = tableFromCsv(await readData("fijiquakes.csv"));
  assertEquals(table.numRows, 1000);
  assertEquals(table.schema.fields.map(({ name, type }) => `${name} ${type}`), [
    "lat Float64",
    "long Float64",
    "depth Int32",
    "mag Float64",
    "stations Int32",
  ]);
  assertEquals(table.get(999)?.toArray(), [-21.59, 170.56, 165, 6.0, 119]);
});

Deno.test("tableFromCsv() reads the air quality, with its nulls", async () => {
  const table = tableFromCsv(await readData("airquality.csv"));
  assertEquals(table.numRows, 153);
  const columns = table.schema.fields.map(({ name, type }, index) =>
    `${name} ${type} ${table.getChildAt(index)!.nullCount}`
  );
  assertEquals(columns, [
    "Ozone Int32 37",
    "Solar.R Int32 7",
    "Wind Float64 0",
    "Temp Int32 0",
    "Month Int32 0",
    "Day Int32 0",
  ]);
  assertEquals(table.get(4)?.toArray(), [null, null, 14.3, 56, 5, 5]);
});

Deno.test("tableFromCsv() makes whole numbers Int32 while they fit", () => {
  assertEquals(columnOf("2147483647", "-2147483648", "+7", "007"), [
    "Int32",
    [2147483647, -2147483648, 7, 7],
  ]);
  assertEquals(columnOf("2147483648", "1"), ["Int64", [2147483648n, 1n]]);
  assertEquals(columnOf("-2147483649", "NA"), ["Int64", [-2147483649n, null]]);
  assertEquals(columnOf("-0"), ["Int32", [0]]);
});

Deno.test("tableFromCsv() keeps every digit of an Int64", () => {
  assertEquals(columnOf("9223372036854775807", "-9223372036854775808"), [
    "Int64",
    [9223372036854775807n, -9223372036854775808n],
  ]);
  assertEquals(columnOf("9007199254740993"), ["Int64", [9007199254740993n]]);
  assertEquals(columnOf("9223372036854775808"), ["Float64", [2 ** 63]]);
});

Deno.test("tableFromCsv() makes other numbers Float64", () => {
  assertEquals(columnOf("1e5", "2"), ["Float64", [100000, 2]]);
  assertEquals(columnOf("-0", "0.1", ".5", "5.", "-1E-3"), [
    "Float64",
    [-0, 0.1, 0.5, 5, -0.001],
  ]);
  assertEquals(columnOf("NaN", "Inf", "-Inf", "NA", "1"), [
    "Float64",
    [NaN, Infinity, -Infinity, null, 1],
  ]);
});

Deno.test("tableFromCsv() makes everything else Utf8", () => {
  for (const cell of ["nan", "1e999", "0x10", "1_000", "1,5", " 1", "--1", ".", "e5"]) {
    assertEquals(columnOf("1", `"${cell}"`), ["Utf8", ["1", cell]], cell);
  }
  assertEquals(columnOf("true", "Nadi", "NA", "na"), ["Utf8", [
    "true",
    "Nadi",
    null,
    "na",
  ]]);
});

Deno.test("tableFromCsv() finds no type without a value", () => {
  assertEquals(columnOf("NA", "", "NA"), ["Null", [null, null, null]]);
  assertEquals(columnsOf("a,b\n"), [["a", "Null", []], ["b", "Null", []]]);
  assertEquals(columnsOf("a,b"), [["a", "Null", []], ["b", "Null", []]]);
});

Deno.test("tableFromCsv() reads quotes, line breaks and separators in cells", () => {
  const csv = 'name,"a ""b"", c"\r\n"one\ntwo, three","\r\n"\n"""NA""","NA"\r';
  assertEquals(columnsOf(csv), [
    ["name", "Utf8", ["one\ntwo, three", '"NA"']],
    ['a "b", c', "Utf8", ["\r\n", null]],
  ]);
});

Deno.test("tableFromCsv() passes over a byte order mark and blank lines", () => {
  assertEquals(columnsOf('\ufeff"a",b\n1,2\n\n3,4\n\n'), [
    ["a", "Int32", [1, 3]],
    ["b", "Int32", [2, 4]],
  ]);
});

Deno.test("tableFromCsv() keeps the columns as they are named", () => {
  const names = ["", "2", "1", "a", "a", "__proto__", "Länge in ° 🌏"];
  assertEquals(
    columnsOf(`${names.join(",")}\n1,2,3,4,5,6,7\n`),
    names.map((name, index) => [name, "Int32", [index + 1]]),
  );
});

Deno.test("tableFromCsv() says in which line a cell is missing or too many", () => {
  const cases = new Map([
    [
      "a,b\n1,2\n3\n",
      "Cannot read line 3 of the CSV: it has 1 cells, and the header 2",
    ],
    ["a,b\n1,2,3", "Cannot read line 2 of the CSV: it has 3 cells, and the header 2"],
    ['a,b\r\n"\r\n\n",2\r\n\r\n1\r\n', "Cannot read line 6 of the CSV"],
    ["a\n1,\n", "Cannot read line 2 of the CSV"],
    ["", "there is no header"],
    ["\ufeff", "there is no header"],
    ["\n1\n", "Cannot read line 1 of the CSV: there is no header"],
    ['a\n1\n"2\n', "Cannot read the CSV: Quote Not Closed"],
    ['a\n1"2"\n', "at line 2"],
  ]);
  for (const [csv, message] of cases) {
    assertThrows(() => tableFromCsv(csv), SyntaxError, message);
  }
});

Deno.test("tableDifference() finds nothing between equal tables", () => {
  const csv = "a,b,c\n1,NaN,x\nNA,-0,\n9223372036854775807,1.5,y\n";
  assertEquals(tableDifference(tableFromCsv(csv), tableFromCsv(csv)), undefined);
});

Deno.test("tableDifference() says what differs first", () => {
  const table = tableFromCsv("a,b\n1,x\n2,NA\n");
  const { fields } = table.schema;
  const withSchema = (schema: Schema) =>
    new Table(schema, table.batches.map(({ data }) => new RecordBatch(schema, data)));
  const required = [fields[0], new Field("b", fields[1].type, false)];
  const cases: [Table, string][] = [
    [
      tableFromCsv("a,c\n1,x\n2,NA\n"),
      "the schema is a: Int32, c: Utf8 and not a: Int32, b",
    ],
    [tableFromCsv("a,b\n1.5,x\n2,NA\n"), "the schema is a: Float64, b: Utf8"],
    [tableFromCsv("a\n1\n2\n"), "the schema is a: Int32 and not a: Int32, b: Utf8"],
    [withSchema(new Schema(required)), "b: Utf8 not null and not a: Int32, b: Utf8"],
    [withSchema(new Schema(fields, new Map([["k", "v"]]))), '[["k","v"]] and not'],
    [tableFromCsv("a,b\n1,x\n"), "it has 1 rows and not 2"],
    [tableFromCsv("a,b\n1,x\n3,NA\n"), 'row 1 of "a" is 3 and not 2'],
    [tableFromCsv("a,b\n1,x\n2,null\n"), 'row 1 of "b" is "null" and not null'],
  ];
  for (const [other, difference] of cases) {
    assertStringIncludes(tableDifference(table, other) ?? "equal", difference);
  }
});

Deno.test("formatTable() puts points below each other, and text to the left", () => {
  const table = tableFromCsv(
    "place,lat,n\nSuva,-18.14,1\nNA,-8,NA\nNadi,-17.8,333\nx,1,2\n",
  );
  assertEquals(formatTable(table, 3).split("\n"), [
    "4 rows x 3 columns",
    "",
    "place      lat      n",
    "Utf8   Float64  Int32",
    "Suva    -18.14      1",
    "null     -8.00   null",
    "Nadi    -17.80    333",
    "and 1 more row",
  ]);
});

Deno.test("formatTable() shows one line a row, whatever is in it", () => {
  const table = new Table({
    text: vectorFromArray(["two\nlines", "é".repeat(100)]),
    real: vectorFromArray([1e-30, 0.5]),
    whole: vectorFromArray([2n ** 60n, null]),
  });
  assertEquals(formatTable(table).split("\n").slice(4), [
    `two lines                           1e-30  1152921504606846976`,
    `${"é".repeat(31)}…      0.5                 null`,
  ]);
});

Deno.test("formatTable() shows a table without rows or columns", () => {
  assertEquals(formatTable(tableFromCsv("a")), "0 rows x 1 column\n\na\nNull");
  assertEquals(formatTable(new Table()), "0 rows x 0 columns\n");
});
