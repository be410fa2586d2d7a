/** StreamVerifier on dictionaries. */
import { assert, assertEquals } from "@std/assert";
import {
  StreamVerifier,
  type VerifiedDictionary,
} from "../../flight/arrow/verify/stream_verifier.ts";
import { readStream, splitStream } from "../helpers/tables/arrow_stream.ts";
import { refuses } from "../helpers/tables/check_stream.ts";
import {
  type BatchParts,
  field,
  type FlatTable,
  int32,
  int64,
  int8,
  message,
  NO_BODY,
  recordBatch,
  schema,
  table,
  Type,
} from "../helpers/tables/flat_builder.ts";

const int = (bits: number, signed = 1): FlatTable => table(int32(bits), int8(signed));

for (const name of ["deltas", "replacements"]) {
  Deno.test(`StreamVerifier.verify() counts a dictionary's values: ${name}`, () => {
    const verifier = new StreamVerifier();
    const rows: (number | undefined)[] = [];
    const areDeltas: boolean[] = [];
    for (const { header, body } of splitStream(readStream(name))) {
      const verified = verifier.verify(header, body);
      if (verified.kind !== "dictionary") continue;
      rows.push(verifier.dictionaryRows(verified.id));
      areDeltas.push(verified.isDelta);
    }
    assertEquals(rows, [2, 3, 4, 1]);
    assertEquals(areDeltas, [false, name === "deltas", name === "deltas", false]);
  });
}

Deno.test("StreamVerifier.verify() wants dictionaries before what refers to them", () => {
  const encoded = field("x", Type.Utf8, table(), {
    dictionary: table(int64(7), int(8)),
  });
  const start = () => {
    const verifier = new StreamVerifier();
    verifier.verify(schema(encoded), NO_BODY);
    return verifier;
  };
  const body = new Uint8Array(64);
  const batch = (nulls: number) =>
    message(
      3,
      recordBatch({ rows: 2, nodes: [[2, nulls]], buffers: [[0, 1], [8, 8]] }),
      64,
    );
  const dictionary = (id: number, isDelta: number) => {
    const buffers: BatchParts["buffers"] = [[0, 0], [0, 8], [8, 8]];
    const data = recordBatch({ rows: 1, nodes: [[1, 0]], buffers });
    return message(2, table(int64(id), data, int8(isDelta)), 64);
  };

  const verifier = start();
  refuses(() => verifier.verify(batch(1), body), '"x" needs the dictionary 7');
  verifier.verify(batch(2), body);
  refuses(() => verifier.verify(dictionary(8, 0), body), "dictionary 8 is not one of");
  refuses(
    () => verifier.verify(dictionary(7, 1), body),
    "of which nothing came before",
  );
  const empty = message(2, table(int64(7)));
  refuses(() => verifier.verify(empty, NO_BODY), "its dictionary 7 has no data");
  verifier.verify(dictionary(7, 0), body);
  verifier.verify(batch(1), body);
  const delta = verifier.verify(dictionary(7, 1), body) as VerifiedDictionary;
  assert(delta.isDelta);
  assertEquals(verifier.dictionaryRows(7n), 2);
});
