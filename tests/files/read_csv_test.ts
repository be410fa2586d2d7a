/** CSV in: the types of columns, cells, and what is refused. */
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { FileError, readFile, type ReadFileOptions } from "../../files/mod.ts";
import { pieces, readTable } from "../helpers/tables/table_files.ts";

const CSV = { format: "csv" } as const;

/** The type of a column with these cells. */
async function typeOf(...cells: string[]): Promise<string> {
  const text = ["x,y", ...cells.map((cell) => `${cell},`)].join("\n");
  const { columns } = await readTable(text, CSV);
  return columns[0].replace("x: ", "");
}

/** The message of the error that reading gives. */
async function refusal(
  text: string | Uint8Array,
  options: ReadFileOptions = {},
): Promise<string> {
  const error = await assertRejects(
    () => readTable(text, { ...CSV, ...options }),
    FileError,
  );
  return error.message.replace("Cannot read the file: ", "");
}

Deno.test("readFile() finds the type of a CSV column from all of its cells", async () => {
  const cases: [string, ...string[]][] = [
    ["Int64", "1", "", "-9223372036854775808", "9223372036854775807"],
    ["Uint64", "1", "18446744073709551615"],
    ["Utf8", "-1", "18446744073709551615"],
    ["Utf8", "1", "18446744073709551616"],
    ["Float64", "1", "2.5"],
    ["Float64", "1e3", "-0", ".5", "NaN", "-inf"],
    ["Float64", "9007199254740992", "0.5"],
    ["Utf8", "9007199254740993", "0.5"],
    ["Utf8", "1e999"],
    ["Utf8", "1e-999"],
    ["Utf8", "007"],
    ["Utf8", "00.5"],
    ["Utf8", "+49"],
    ["Utf8", "1,5".replace(",", "_")],
    ["Bool", "true", "FALSE", "", "True"],
    ["Utf8", "true", "1"],
    ["Date32<DAY>", "2024-02-29", "0001-01-01"],
    ["Utf8", "2023-02-29"],
    ["Timestamp<SECOND>", "2024-01-01T10:00", "2024-01-01 10:00:00", "2024-01-01"],
    ["Timestamp<MILLISECOND>", "2024-01-01T10:00:00.5", "2024-01-01T10:00:00.123"],
    ["Timestamp<MICROSECOND>", "2024-01-01T10:00:00.1234"],
    ["Timestamp<NANOSECOND>", "2024-01-01T10:00:00.1234567"],
    ["Utf8", "2024-01-01T10:00:00.1234567", "1600-01-01T00:00:00"],
    ["Timestamp<SECOND, UTC>", "2024-01-01T10:00:00Z", "2024-01-01T10:00:00+02:00"],
    ["Utf8", "2024-01-01T10:00:00Z", "2024-01-01T10:00:00"],
    ["Utf8", "2024-01-01T24:00:00"],
    ["Utf8", "1", '""'],
    ["Int64", '"1"', '"2"'],
    ["Null", "", ""],
    ["Utf8", "1", "2", "x"],
  ];
  for (const [type, ...cells] of cases) {
    assertEquals(await typeOf(...cells), type, cells.join(" "));
  }
});

Deno.test("readFile() finds a late surprise in a CSV column, and loses nothing", async () => {
  const rows = Array.from({ length: 400_000 }, (_, row) => `${row},${row}`);
  const text = ["id,late", ...rows, "400000,no number"].join("\n");
  const { columns, rows: read } = await readTable(text, CSV);
  assertEquals(columns, ["id: Int64", "late: Utf8"]);
  assertEquals(read.length, 400_001);
  assertEquals([read[399_999], read[400_000]], [["399999n", '"399999"'], [
    "400000n",
    '"no number"',
  ]]);
});

Deno.test("readFile() tells empty texts of CSV from nulls, and keeps what quotes hold", async () => {
  const text = 'a,b\r\n"one ""two""\r\nthree, four",\r\n"",5\r\nx y , 7\r\n';
  assertEquals((await readTable(text, CSV)).rows, [
    [JSON.stringify('one "two"\r\nthree, four'), "null"],
    ['""', '"5"'],
    ['"x y "', '" 7"'],
  ]);
});

Deno.test("readFile() reads CSV that is cut anywhere, with every line break", async () => {
  for (const lineBreak of ["\n", "\r\n", "\r"]) {
    const text = ["\ufeffname,n", 'é"x,1', '"a,\n""b""\r",2', "", ",3", '"",'].join(
      lineBreak,
    );
    const bytes = new TextEncoder().encode(text);
    const whole = await readTable(bytes, CSV);
    assertEquals(whole.rows.map(([_, n]) => n), ["1n", "2n", "3n", "null"]);
    for (let length = 1; length < bytes.length; length++) {
      assertEquals(await readTable(pieces(bytes, length), CSV), whole, `${length}`);
    }
  }
});

Deno.test("readFile() finds the delimiter of CSV, or takes the one that is given", async () => {
  const expected = { columns: ["a: Int64", "b: Utf8"], rows: [["1n", '"x;y"']] };
  for (const delimiter of [",", ";", "\t", "|"]) {
    const text = `a${delimiter}b\n1${delimiter}"x;y"\n`;
    assertEquals(await readTable(text, CSV), expected, delimiter);
    assertEquals(await readTable(text, { ...CSV, delimiter }), expected, delimiter);
  }
  assertEquals(await readTable("a b\n1 x;y\n", { ...CSV, delimiter: " " }), expected);
  const tabs = await readTable("a\tb\n1\tx;y\n", { name: "x.tsv" });
  assertEquals(tabs, expected);
  // Quotes that are doubled, or that another delimiter would make the start of a cell.
  const quoted = await readTable('a,"b ""\t|"\n1,"x ""\t\n;"\n', CSV);
  assertEquals(quoted.columns, ["a: Int64", 'b "\t|: Utf8']);
  const tab = await readTable('a,"1 \tb\t"\n,false\n', CSV);
  assertEquals(tab.columns, ["a: Null", "1 \tb\t: Bool"]);
  const prices = await readTable("a;b\n1,5;2\n", CSV);
  assertEquals(prices.columns, ["a: Utf8", "b: Int64"]);
});

Deno.test("readFile() names the columns of CSV, each once", async () => {
  const names = async (text: string, options: ReadFileOptions = {}) =>
    (await readTable(text, { ...CSV, ...options })).columns.map((column) =>
      column.split(":")[0]
    );
  assertEquals(await names("a,a,,a_2\n"), ["a", "a_3", "column_3", "a_2"]);
  assertEquals(await names("1,2\n", { header: false }), ["column_1", "column_2"]);
  assertEquals(await names("1,2\n", { names: ["x", "y"] }), ["x", "y"]);
  assertEquals(await names("1,2\n", { columns: ["2"] }), ["2"]);
});

Deno.test("readFile() takes the types that are given for columns of CSV", async () => {
  const text = "id,at,price,big,day,clock,bytes\n" +
    "7,2024-01-01T00:00:00.250Z,2.5,1,2024-01-02,12:30:00.5,AQI=\n";
  const read = await readTable(text, {
    ...CSV,
    types: {
      id: "int8",
      at: "timestamp[us, Europe/Berlin]",
      price: "decimal128(10, 2)",
      big: "float",
      day: "string",
      clock: "time32[ms]",
      bytes: "binary",
    },
  });
  assertEquals(read.columns, [
    "id: Int8",
    "at: Timestamp<MICROSECOND, Europe/Berlin>",
    "price: Decimal[10e+2]",
    "big: Float32",
    "day: Utf8",
    "clock: Time32<MILLISECOND>",
    "bytes: Binary",
  ]);
  assertEquals(read.rows[0].slice(0, 2), ["7", "1704067200250"]);
  assertEquals(read.rows[0].slice(4, 6), ['"2024-01-02"', "45000500"]);
  const nulls = await readTable("a,b\nNA,NULL\n1,2\n", {
    ...CSV,
    nulls: ["NA", "NULL"],
  });
  assertEquals(nulls.rows, [["null", "null"], ["1n", "2n"]]);
});

Deno.test("readFile() says the line and the column where CSV is wrong", async () => {
  const types = { b: "int64" };
  assertEquals(
    await refusal('a,b\n"x\ny",1\n2\n'),
    "line 4, column 2: the row has 1 cell, and not 2",
  );
  assertEquals(
    await refusal("a,b\n1,2,3\n"),
    "line 2, column 3: the row has 3 cells, and not 2",
  );
  assertEquals(
    await refusal('a,b\n1,2\n3,"4\n5,6\n'),
    "line 3, column 2: the quote is not closed before the file ends",
  );
  assertEquals(
    await refusal('a,b\n"1" x,2\n'),
    "line 2, column 1: text follows after the closing quote",
  );
  assertEquals(
    await refusal("a,b\n1,2\r\n3,4x\n", { types }),
    'line 3, column 2 ("b"): "4x" is not of the type int64',
  );
  assertEquals(
    await refusal("a,b\n1,9223372036854775808\n", { types }),
    'line 2, column 2 ("b"): "9223372036854775808" is not of the type int64',
  );
  assertEquals(
    await refusal("a,b\n300,1\n", { types: { a: "uint8" } }),
    'line 2, column 1 ("a"): "300" is not of the type uint8',
  );
  assertEquals(
    await refusal(new Uint8Array([97, 10, 98, 10, 99, 0xff, 100, 10])),
    "line 3, byte 5: the bytes are not UTF-8",
  );
  assertEquals(await refusal(""), "it is empty, without a header");
  assertEquals(
    await refusal("depth,mag\n1,2\n", { columns: ["dept"] }),
    'there is no column "dept"; perhaps you mean "depth"',
  );
  assertStringIncludes(
    await refusal(new Uint8Array([0xff, 0xfe, 97, 0])),
    "it is in UTF-16, and UTF-8 is needed",
  );
});

Deno.test("readFile() refuses misuse of its options at once", async () => {
  await assertRejects(() => readFile("x.csv", { delimiter: ",," }), RangeError);
  await assertRejects(() => readFile("x.csv", { types: { a: 5 } as never }), TypeError);
  await assertRejects(
    () => readTable("a,b\n", { ...CSV, types: { a: "integer" } }),
    TypeError,
    'Cannot use the type "integer"',
  );
  await assertRejects(
    () => readFile(new Uint8Array(1), {}),
    FileError,
    "its format is not given",
  );
});
