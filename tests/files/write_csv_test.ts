/** CSV out: how values are written, and what is refused. */
import { assertEquals, assertRejects } from "@std/assert";
import {
  Bool,
  Data,
  DataType,
  DateDay,
  DateMillisecond,
  Decimal,
  Dictionary,
  Field,
  FixedSizeBinary,
  Float32,
  Float64,
  Int32,
  Int64,
  List,
  Struct,
  Table,
  tableFromArrays,
  TimeMicrosecond,
  TimestampNanosecond,
  TimestampSecond,
  Uint64,
  Utf8,
  Vector,
  vectorFromArray,
} from "apache-arrow";
import { FileError } from "../../files/mod.ts";
import { fileText, readTable } from "../helpers/tables/table_files.ts";

const CSV = { format: "csv" } as const;

function tableOf(columns: Record<string, Vector>): Table {
  return new Table(columns);
}

/** A column of these words of 64 bits: its builders take less than Arrow has. */
function words(type: DataType, values: readonly bigint[]): Vector {
  const data = BigUint64Array.from(values, (value) => BigInt.asUintN(64, value));
  const array = new type.ArrayType(data.buffer);
  const rows = DataType.isDecimal(type) ? values.length / 2 : values.length;
  return new Vector([new Data(type, 0, rows, 0, [undefined, array] as never)]);
}

Deno.test("writeFile() writes every value of CSV so that it can be read again", async () => {
  const table = tableOf({
    int: vectorFromArray([9007199254740993n, null, -(2n ** 63n)], new Int64()),
    uint: vectorFromArray([2n ** 64n - 1n, 0n, 5n], new Uint64()),
    float: vectorFromArray([1, -0, 1e300], new Float64()),
    single: vectorFromArray([0.1, Infinity, NaN], new Float32()),
    bool: vectorFromArray([true, false, null], new Bool()),
    text: vectorFromArray(["", null, 'a "b",\r\nc'], new Utf8()),
    day: vectorFromArray(
      [new Date("2024-02-29"), new Date("0001-01-01"), null],
      new DateDay(),
    ),
  });
  assertEquals(
    await fileText(table, CSV),
    [
      "int,uint,float,single,bool,text,day",
      '9007199254740993,18446744073709551615,1.0,0.1,true,"",2024-02-29',
      ",0,-0.0,inf,false,,0001-01-01",
      '-9223372036854775808,5,1e+300,NaN,,"a ""b"",\r\nc",',
      "",
    ].join("\n"),
  );
});

Deno.test("writeFile() writes dates and times of CSV in ISO 8601, exactly", async () => {
  const times = tableOf({
    ns: words(new TimestampNanosecond(), [1n, -1n, 1704067200123456789n]),
    utc: words(new TimestampSecond("UTC"), [0n, -1n, 253402300799n]),
    clock: vectorFromArray([0n, 86399999999n, null], new TimeMicrosecond()),
    date64: vectorFromArray(
      [new Date(0), new Date("1969-12-31"), new Date("2024-02-29")],
      new DateMillisecond(),
    ),
  });
  assertEquals(
    await fileText(times, CSV),
    [
      "ns,utc,clock,date64",
      "1970-01-01T00:00:00.000000001,1970-01-01T00:00:00Z,00:00:00.000000,1970-01-01",
      "1969-12-31T23:59:59.999999999,1969-12-31T23:59:59Z,23:59:59.999999,1969-12-31",
      "2024-01-01T00:00:00.123456789,9999-12-31T23:59:59Z,,2024-02-29",
      "",
    ].join("\n"),
  );
});

Deno.test("writeFile() writes decimals, dictionaries and bytes of CSV", async () => {
  const minusOne = 2n ** 64n - 1n;
  const decimals = words(new Decimal(2, 38, 128), [5n, 0n, minusOne, minusOne, 0n, 0n]);
  const table = tableOf({
    price: decimals,
    kind: vectorFromArray(["a,b", null, "c"], new Dictionary(new Utf8(), new Int32())),
    bytes: vectorFromArray(
      [Uint8Array.of(1, 255), null, Uint8Array.of(0, 0)],
      new FixedSizeBinary(2),
    ),
  });
  const expected = (first: string, last: string) =>
    `price,kind,bytes\n0.05,"a,b",${first}\n-0.01,,\n0.00,c,${last}\n`;
  assertEquals(
    await fileText(table, { ...CSV, binary: "hex" }),
    expected("01ff", "0000"),
  );
  assertEquals(
    await fileText(table, { ...CSV, binary: "base64" }),
    expected("Af8=", "AAA="),
  );
});

Deno.test("writeFile() names the column that CSV cannot hold", async () => {
  const list = new List(new Field("item", new Int32()));
  const struct = new Struct([new Field("x", new Int32())]);
  const cases = [
    ["list", vectorFromArray([[1]], list)],
    ["struct", vectorFromArray([{ x: 1 }], struct)],
    ["bytes", vectorFromArray([Uint8Array.of(1)], new FixedSizeBinary(1))],
  ] as const;
  for (const [name, vector] of cases) {
    await assertRejects(
      () => fileText(tableOf({ [name]: vector }), CSV),
      FileError,
      `Cannot write the file: ("${name}"): its type is `,
    );
  }
  const far = words(new TimestampSecond(), [253402300800n]);
  await assertRejects(
    () => fileText(tableOf({ far }), CSV),
    FileError,
    'Cannot write the file: ("far"): a value is not in a year from 0 to 9999',
  );
});

Deno.test("writeFile() writes CSV without a header, with other delimiters, without rows", async () => {
  const table = tableFromArrays({ x: Int32Array.of(1), "a;b": ["c;d"] });
  assertEquals(
    await fileText(table, { ...CSV, delimiter: ";", header: false }),
    '1;"c;d"\n',
  );
  assertEquals(await fileText(table.slice(0, 0), CSV), 'x,"a;b"\n');
  const read = await readTable(await fileText(table, { ...CSV, delimiter: ";" }), CSV);
  assertEquals(read, { columns: ["x: Int64", "a;b: Utf8"], rows: [["1n", '"c;d"']] });
});
