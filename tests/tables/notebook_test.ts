/** Tables as notebooks show them. */
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  Binary,
  DateDay,
  Decimal,
  Field,
  Float64,
  Int64,
  List,
  Struct,
  Table,
  tableFromArrays,
  TimestampMicrosecond,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import { type MimeBundle, type ShowOptions, showTable } from "../../notebook.ts";

/** What a notebook gets of this table. */
function bundle(table: Table, options?: ShowOptions): MimeBundle {
  return showTable(table, options)[Symbol.for("Jupyter.display")]();
}

/** The texts of the cells in the body of the shown table. */
function cells(table: Table): string[] {
  const html = bundle(table)["text/html"];
  return [...html.matchAll(/<td[^>]*>(.*?)<\/td>/g)].map(([_, cell]) => cell);
}

Deno.test("showTable() gives a table in HTML, and the same as text", () => {
  const table = new Table({
    city: vectorFromArray(["Suva", null], new Utf8()),
    latitude: vectorFromArray([-18.14, -17.8], new Float64()),
  });
  assertEquals(bundle(table), {
    "text/html": "<table><caption>2 rows x 2 columns</caption><thead><tr>" +
      "<th>city<br><small>Utf8</small></th><th>latitude<br><small>Float64</small></th>" +
      "</tr></thead><tbody>" +
      '<tr><td>Suva</td><td style="text-align: right">-18.14</td></tr>' +
      '<tr><td><em>null</em></td><td style="text-align: right">-17.8</td></tr>' +
      "</tbody></table>",
    "text/plain":
      "2 rows x 2 columns\ncity: Utf8\tlatitude: Float64\nSuva\t-18.14\nnull\t-17.8",
  });
});

Deno.test("showTable() makes no markup of names and values", () => {
  const evil = `<script>alert("&'")</script>`;
  const html = bundle(tableFromArrays({ [evil]: [evil] }))["text/html"];
  const escaped = "&lt;script&gt;alert(&quot;&amp;&#39;&quot;)&lt;/script&gt;";
  assertStringIncludes(html, `<th>${escaped}<br>`);
  assertStringIncludes(html, `<td>${escaped}</td>`);
  assert(!html.includes("<script"));
});

Deno.test("showTable() shows values as people read them", () => {
  const whole = (digits: number) => Uint32Array.of(digits, 0, 0, 0);
  const negative = Uint32Array.of(0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff);
  const pair = new Struct([new Field("n", new Int64())]);
  const cases: [Table, string[]][] = [
    [
      new Table({ a: vectorFromArray([new Date(0)], new TimestampMicrosecond()) }),
      ["1970-01-01T00:00:00.000Z"],
    ],
    [new Table({ a: vectorFromArray([new Date(0)], new DateDay()) }), ["1970-01-01"]],
    [
      new Table({
        a: vectorFromArray([whole(12345), whole(5), negative], new Decimal(2, 10)),
      }),
      ["123.45", "0.05", "-0.01"],
    ],
    [
      new Table({ a: vectorFromArray([whole(0), whole(7)], new Decimal(-2, 10)) }),
      ["0", "700"],
    ],
    [
      new Table({ a: vectorFromArray([whole(7)], new Decimal(-(2 ** 31), 10)) }),
      ["7e2147483648"],
    ],
    [
      new Table({
        a: vectorFromArray(
          [Uint32Array.of(0, 0, 0, 1, 0, 0, 0, 0)],
          new Decimal(0, 76, 256),
        ),
      }),
      [`${2n ** 96n}`],
    ],
    [new Table({ a: vectorFromArray([2n ** 60n], new Int64()) }), [`${2n ** 60n}`]],
    [
      new Table({ a: vectorFromArray([Uint8Array.of(1, 255)], new Binary()) }),
      ["01ff"],
    ],
    [
      new Table({
        a: vectorFromArray([["x", null]], new List(new Field("item", new Utf8()))),
      }),
      ["[&quot;x&quot;,null]"],
    ],
    [
      new Table({ a: vectorFromArray([{ n: 5n }], pair) }),
      ["{&quot;n&quot;:&quot;5&quot;}"],
    ],
  ];
  for (const [table, expected] of cases) assertEquals(cells(table), expected);
});

Deno.test("showTable() shows the beginning of what is long", () => {
  const table = tableFromArrays({
    a: Int32Array.from({ length: 1000 }, (_, row) => row),
    b: Array.from({ length: 1000 }, () => "🌏\n".repeat(1000)),
    c: new Float64Array(1000),
  });
  const { "text/html": html, "text/plain": text } = bundle(table, {
    rows: 3,
    columns: 2,
  });
  const size = "1000 rows x 3 columns, the first 3 rows and 2 columns";
  assertStringIncludes(html, `<caption>${size}</caption>`);
  assertEquals(html.match(/<tr>/g)?.length, 4);
  assertEquals(html.match(/<th>/g)?.length, 2);
  assertEquals(text.split("\n").length, 5);
  assert(text.length < 1500 && text.isWellFormed());
  const byDefault = bundle(table)["text/plain"];
  assertEquals(byDefault.split("\n").length, 22);
});

Deno.test("showTable() shows a table without rows or columns", () => {
  assertEquals(bundle(new Table())["text/plain"], "0 rows x 0 columns\n");
  const none = tableFromArrays({ a: new Int32Array(0) });
  assertEquals(bundle(none)["text/plain"], "0 rows x 1 column\na: Int32");
});

Deno.test("showTable() refuses what is no table, and wrong options", () => {
  const wrong = <T>(value: unknown): T => value as T;
  assertThrows(
    () => showTable(wrong<Table>(Promise.resolve())),
    TypeError,
    'it has to be a table of apache-arrow, such as await client.getTable("quakes")',
  );
  const table = tableFromArrays({ a: [1] });
  assertThrows(() => showTable(table, { rows: -1 }), RangeError, "0 or more");
  assertThrows(
    () => showTable(table, wrong<ShowOptions>({ row: 1 })),
    TypeError,
    "perhaps you mean rows",
  );
});
