/** Values of dictionaries that came in several messages. */
import { assertEquals } from "@std/assert";
import {
  Data,
  Dictionary,
  Int32,
  makeData,
  RecordBatch,
  Utf8,
  Vector,
  vectorFromArray,
} from "apache-arrow";
import { DictionaryLookup } from "../../flight/arrow/decode/dictionary_lookup.ts";
import { fileText } from "../helpers/tables/table_files.ts";

/** A column of these indices into a dictionary of these parts. */
function column(parts: readonly string[][], indices: readonly number[]) {
  const dictionary = new Vector(
    parts.map((part) =>
      part.length === 0
        ? new Data(new Utf8(), 0, 0)
        : vectorFromArray(part, new Utf8()).data[0]
    ),
  );
  return makeData({
    type: new Dictionary(new Utf8(), new Int32()),
    length: indices.length,
    nullCount: 0,
    data: Int32Array.from(indices),
    dictionary,
  });
}

const PARTS = [[], ["a", "b", "c"], [], [], ["d"], ["e", "f"], []];

Deno.test("DictionaryLookup finds the value of each index, whichever was before", () => {
  const data = column(PARTS, []);
  const found = new DictionaryLookup(data);
  assertEquals(found.parts.length, data.dictionary!.data.length);
  const values = PARTS.flat();
  for (let before = 0; before < values.length; before++) {
    for (let index = 0; index < values.length; index++) {
      for (const each of [before, index]) {
        found.find(each);
        const { parts, part, at } = found;
        assertEquals(new Vector([parts[part]]).get(at), values[each]);
      }
    }
  }
});

Deno.test("writeFile() writes values of all parts of a dictionary", async () => {
  const indices = [5, 0, 3, 3, 1, 4, 2];
  const batch = new RecordBatch({ kind: column(PARTS, indices) });
  const texts = indices.map((index) => PARTS.flat()[index]);
  assertEquals(await fileText(batch, { format: "csv" }), `kind\n${texts.join("\n")}\n`);
  const rows = texts.map((kind) => JSON.stringify({ kind }) + "\n");
  assertEquals(await fileText(batch, { format: "ndjson" }), rows.join(""));
});
