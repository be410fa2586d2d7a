/** encode() takes what other versions and copies of apache-arrow have made. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  type Data,
  DataType,
  type Field,
  RecordBatch,
  Table,
  tableFromArrays,
  tableToIPC,
} from "apache-arrow";
import { tableFromArrays as tableOf14 } from "apache-arrow-14";
import { decode } from "../../flight/arrow/decode/decode.ts";
import { decodeSchema } from "../../flight/arrow/decode/decode_schema.ts";
import { encodeSchema } from "../../flight/arrow/encode/encode_schema.ts";
import { encode } from "../../flight/arrow/encode/encode.ts";
import { type ArrowCopy, COPIES } from "../helpers/tables/arrow_copies.ts";
import { everyColumn, tableOf } from "../helpers/tables/arrow_tables.ts";
import { kinds, messagesOf } from "../helpers/tables/encoded_messages.ts";
import { plainColumns } from "../helpers/tables/plain_columns.ts";

/** The columns of types that a copy does not have, or only under other names. */
const LACKING: ReadonlyMap<string, RegExp> = new Map([
  ["14.0.2", /view|large|month-day-nano/],
  ["17.0.0", /view|large list|month-day-nano/],
  ["18.1.0", /view|large list|month-day-nano/],
  ["21.1.0", /view|large list/],
  ["of the same version", /view/],
]);

function columnsFor(version: string): Map<string, Data> {
  const lacking = LACKING.get(version)!;
  return new Map([...everyColumn()].filter(([name]) => !lacking.test(name)));
}

/** A table in our copy, and the same in another. */
function bothOf(copy: ArrowCopy, table: Table) {
  return { table, other: copy.tableFromIPC(tableToIPC(table, "stream")) };
}

function eachField(fields: readonly Field[], visit: (field: Field) => void): void {
  for (const field of fields) {
    visit(field);
    eachField(field.type.children ?? [], visit);
  }
}

for (const [version, copy] of COPIES) {
  for (const [name, data] of columnsFor(version)) {
    Deno.test(`encode() keeps a column of ${name} of apache-arrow ${version}`, async () => {
      const { table, other } = bothOf(copy, tableOf(new Map([[name, data]])));
      for (const [begin, end] of [[0, 29], [0, 0], [1, 29], [5, 17], [8, 16]]) {
        const slice = other.slice(begin, end);
        const found = await decode(encode(slice, { maxMessageBytes: 600 })).table();
        assertEquals(plainColumns(found), plainColumns(table.slice(begin, end)));
        assertEquals(`${found.schema}`, `${table.schema}`);
      }
    });
  }

  Deno.test(`encode() makes columns of our own of apache-arrow ${version}`, async () => {
    const { table, other } = bothOf(copy, tableOf(columnsFor(version)));
    for (const source of [other, other.batches, other.batches[0]]) {
      const found = await decode(encode(source)).table();
      assert(Object.getPrototypeOf(found) === Table.prototype);
      assert(Object.getPrototypeOf(found.batches[0]) === RecordBatch.prototype);
      eachField(found.schema.fields, ({ type }) => {
        assert(Function.prototype[Symbol.hasInstance].call(DataType, type));
      });
      assertEquals(plainColumns(found), plainColumns(table));
      assertEquals(found.schema.metadata, table.schema.metadata);
      for (const [index, field] of found.schema.fields.entries()) {
        const { metadata, nullable } = table.schema.fields[index];
        assertEquals([field.metadata, field.nullable], [metadata, nullable]);
      }
    }
  });

  Deno.test(`encode() takes what users make with apache-arrow ${version}`, async () => {
    const table = copy.tableFromArrays({
      whole: Int32Array.of(1, 2, 3),
      real: [0.5, null, 1.5],
      text: ["a", "b", null],
      truth: [true, null, false],
      list: [[1], [2], [3, 4]],
    });
    const found = await decode(encode(table)).table();
    assertEquals(JSON.parse(JSON.stringify(found.toArray())), [
      { whole: 1, real: 0.5, text: "a", truth: true, list: [1] },
      { whole: 2, real: null, text: "b", truth: null, list: [2] },
      { whole: 3, real: 1.5, text: null, truth: false, list: [3, 4] },
    ]);
  });

  Deno.test(`encode() sends a dictionary of apache-arrow ${version} once`, async () => {
    const text = Array.from({ length: 40 }, (_, row) => `text ${row % 3}`);
    const table = copy.tableFromArrays({ text });
    const slices = [table.slice(0, 7), table.slice(7, 30), table.slice(30)];
    const batches = slices.flatMap((slice) => slice.batches);
    assertEquals(kinds(await messagesOf(batches)), "s d3 b7 b23 b10");
  });

  Deno.test(`encodeSchema() takes a schema of apache-arrow ${version}`, () => {
    const { table, other } = bothOf(copy, tableOf(columnsFor(version)));
    assertEquals(`${decodeSchema(encodeSchema(other.schema))}`, `${table.schema}`);
  });

  Deno.test(`encode() takes an empty table of apache-arrow ${version}`, async () => {
    const { table, other } = bothOf(copy, tableOf(columnsFor(version)).slice(0, 0));
    const found = await decode(encode(other)).table();
    assertEquals(found.numRows, 0);
    assertEquals(`${found.schema}`, `${table.schema}`);
  });
}

Deno.test("encode() tells of a column with nulls that older versions declare to have none", async () => {
  const table = tableOf14({ a: [1, 2, null] });
  assertEquals(table.schema.fields[0].nullable, false);
  const found = await decode(encode(table)).table();
  assertEquals(found.schema.fields[0].nullable, true);
  const [batch] = table.batches;
  const [full] = tableOf14({ a: [1, 2] }).batches;
  assertEquals((await decode(encode([batch, full])).table()).numRows, 5);
  await assertRejects(
    () => messagesOf([full, batch]),
    TypeError,
    "declared not nullable",
  );
});

Deno.test("encode() refuses slices of a type that an older version slices wrongly", async () => {
  const name = "interval month-day-nano";
  const table = tableOf(new Map([[name, everyColumn().get(name)!]]));
  for (const version of ["17.0.0", "18.1.0"]) {
    const { other } = bothOf(COPIES.get(version)!, table);
    const found = await decode(encode(other)).table();
    assertEquals(plainColumns(found), plainColumns(table));
    await assertRejects(
      () => messagesOf(other.slice(1, 20)),
      TypeError,
      `Cannot encode the column "${name}": the apache-arrow that made it cannot slice`,
    );
  }
});

Deno.test("encode() refuses a type that our copy does not have", async () => {
  const field = {
    name: "x",
    type: { typeId: 99 },
    nullable: true,
    metadata: new Map(),
  };
  const schema = { fields: [field], metadata: new Map() };
  await assertRejects(
    () => messagesOf([], { schema }),
    TypeError,
    'Cannot encode the column "x": this version of apache-arrow has no type',
  );
});

Deno.test("encode() takes batches of several copies in one stream", async () => {
  const column = Int32Array.of(1, 2);
  const batches = [...COPIES.values()].flatMap((copy) =>
    copy.tableFromArrays({ a: column }).batches
  );
  const { batches: [own] } = tableFromArrays({ a: column });
  const found = await decode(encode([own, ...batches])).table();
  const expected = Array.from({ length: 1 + batches.length }, () => [1, 2]).flat();
  assertEquals(plainColumns(found), [["a", expected]]);
});
