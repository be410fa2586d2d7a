/** Which dictionaries and deltas encode() sends. */
import { assert, assertEquals } from "@std/assert";
import {
  type Data,
  Dictionary,
  Field,
  Int32,
  Int8,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  Uint16,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import { decode } from "../../flight/arrow/decode/decode.ts";
import { encode } from "../../flight/arrow/encode/encode.ts";
import {
  batchOf,
  dictionary,
  everyColumn,
  ROWS,
  tableOf,
  withDictionary,
} from "../helpers/tables/arrow_tables.ts";
import { kinds, messagesOf, roundTrip } from "../helpers/tables/encoded_messages.ts";
import { plainColumns } from "../helpers/tables/plain_columns.ts";

function wordTable(...words: string[]): Table {
  return tableOf(new Map([["d", dictionary(new Int8(), words)]]));
}

Deno.test("encode() sends a dictionary once for batches that share it", async () => {
  const [batch] = wordTable("a", "b").batches;
  assertEquals(
    kinds(await messagesOf([batch, batch.slice(3, 9), batch])),
    "s d2 b29 b6 b29",
  );
});

Deno.test("encode() continues a dictionary that grows with a delta", async () => {
  const type = new Dictionary(new Utf8(), new Int8());
  const [a, b, c] = ["a", "b", "c"].map((word) => vectorFromArray([word], new Utf8()));
  const dictionaries = [a, a.concat(b), a.concat(b, c), a, a.concat(b, c), b];
  const columns = dictionaries.map((values) => withDictionary(type, values));
  const schema = new Schema([new Field("d", type, true)]);
  const batches = columns.map((data) => batchOf(schema, [data]));
  assertEquals(
    kinds(await messagesOf(batches)),
    "s d1 b29 D1 b29 D1 b29 b29 b29 d1 b29",
  );
  await roundTrip(new Table(schema, batches));
});

Deno.test("encode() replaces a dictionary that changes", async () => {
  const tables = [wordTable("a", "b"), wordTable("c"), wordTable("d", "e", "f")];
  const batches = tables.flatMap((table) => table.batches);
  assertEquals(kinds(await messagesOf(batches)), "s d2 b29 d1 b29 d3 b29");
  const found = await decode(encode(batches)).table();
  assertEquals(
    plainColumns(found)[0][1],
    batches.flatMap((batch) => plainColumns(batch)[0][1]),
  );
});

Deno.test("encode() continues a dictionary that is larger than maxMessageBytes", async () => {
  const words = Array.from({ length: 29 }, (_, row) => `${row}`.repeat(100));
  const table = wordTable(...words);
  const found = kinds(await messagesOf(table, { maxMessageBytes: 2000 }));
  assert(/^s d\d+ (D\d+ )+b29$/.test(found), found);
  await roundTrip(table, { maxMessageBytes: 2000 });
});

Deno.test("encode() sends a dictionary inside of another one first, and whole", async () => {
  const [, data] = [...everyColumn()].find(([name]) =>
    name === "dictionary of struct of dictionary"
  )!;
  const table = tableOf(new Map([["d", data]]));
  const found = kinds(await messagesOf(table, { maxMessageBytes: 400 }));
  assert(/^s d\d+ (D\d+ )+d29 b/.test(found), found);
  const [batch] = table.batches;
  const again = tableOf(
    new Map([["d", everyColumn().get("dictionary of struct of dictionary")!]]),
  );
  assertEquals(
    kinds(await messagesOf([batch, ...again.batches])),
    "s d7 d29 b29 d7 d29 b29",
  );
});

Deno.test("encode() sends an empty dictionary for a column that has none", async () => {
  const type = new Dictionary(new Utf8(), new Int32());
  const schema = new Schema([
    new Field("d", type, true),
    new Field("n", new Int32(), true),
  ]);
  const batch = new RecordBatch(
    schema,
    makeData({
      type: new Struct(schema.fields),
      length: 2,
      children: [
        undefined as unknown as Data,
        makeData({ type: new Int32(), data: [1, 2] }),
      ],
    }),
  );
  assertEquals(kinds(await messagesOf(batch)), "s d0 b2");
});

Deno.test("encode() gives columns of one dictionary id different ones", async () => {
  const type = new Dictionary(new Utf8(), new Uint16(), 5);
  const columns = [["a", "b"], ["c", "d"]].map((words) =>
    withDictionary(type, vectorFromArray(words, new Utf8()))
  );
  const fields = ["x", "y"].map((name) => new Field(name, type, true));
  const data = makeData({ type: new Struct(fields), length: ROWS, children: columns });
  const batch = new RecordBatch(new Schema(fields), data);
  const found = await roundTrip(batch);
  assertEquals([...found.schema.dictionaries.keys()], [5, 6]);
});

Deno.test("encode() keeps the ids of dictionaries that differ", async () => {
  const columns = new Map(
    [3, 1, 2].map((id) => [`${id}`, dictionary(new Int8(), ["a"], id)]),
  );
  const found = await roundTrip(tableOf(columns));
  assertEquals([...found.schema.dictionaries.keys()], [3, 1, 2]);
});
