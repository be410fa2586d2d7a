/** Large files need little memory: they are read and written in step with who uses them. */
import { assert, assertEquals } from "@std/assert";
import { type RecordBatch, tableFromArrays } from "apache-arrow";
import { type FileFormat, readFile, writeFile } from "../../files/mod.ts";

const MIB = 2 ** 20;
/** The most bytes that are read, or batches' rows taken, before they are needed. */
const MAX_AHEAD = 8 * MIB;
const TYPES = { id: "int64", name: "utf8", at: "timestamp[ms]" };

/** The text of many rows; `sent` counts its bytes, of which a row has `perRow`. */
async function* manyRows(bytes: number, state: { sent: number; perRow: number }) {
  const rows = Array.from(
    { length: 10_000 },
    (_, index) => `${index},"station ""${index}""",2024-01-01T00:00:00.${index % 10}\n`,
  );
  const encoder = new TextEncoder();
  const chunk = encoder.encode(rows.join(""));
  state.perRow = chunk.length / rows.length;
  yield encoder.encode("id,name,at\n");
  while (state.sent < bytes) {
    state.sent += chunk.length;
    yield await Promise.resolve(chunk);
  }
}

Deno.test("readFile() reads 200 MB of CSV once, as its batches are taken, when all types are given", async () => {
  const state = { sent: 0, perRow: 0 };
  const file = await readFile(manyRows(200e6, state), { format: "csv", types: TYPES });
  let [rows, most] = [0, 0];
  for await (const { numRows } of file) {
    rows += numRows;
    most = Math.max(most, state.sent - rows * state.perRow);
  }
  assert(most < MAX_AHEAD, `${most} bytes were read ahead`);
  assertEquals(rows % 10_000, 0);
  assert(rows > 4e6, `${rows}`);
});

Deno.test("readFile() reads a stream of Arrow that is named as a file batch by batch", async () => {
  const column = Float64Array.from({ length: 1 << 17 }, (_, row) => row / 7);
  const [batch] = tableFromArrays({ column }).batches;
  const state = { sent: 0 };
  async function* chunks() {
    const batches = Array.from({ length: 40 }, () => batch);
    for await (const chunk of writeFile(batches, { format: "arrows" })) {
      state.sent += chunk.length;
      yield chunk;
    }
  }
  await using file = await readFile(chunks(), { name: "many.arrow" });
  let [taken, most] = [0, 0];
  for await (const { data } of file) {
    taken += data.byteLength;
    most = Math.max(most, state.sent - taken);
  }
  assertEquals(taken, 40 * batch.data.byteLength);
  assert(most < MAX_AHEAD, `${most} bytes were read ahead`);
});

for (const format of ["csv", "json", "ndjson", "arrow", "arrows", "parquet"] as const) {
  Deno.test(`writeFile() writes ${format} as its batches come`, async () => {
    const column = Float64Array.from({ length: 1 << 16 }, (_, row) => row / 7);
    const [batch] = tableFromArrays({ column }).batches;
    const limit = format === "parquet" ? 80 * MIB : MAX_AHEAD;
    const { ahead, batches } = await mostAhead(format, batch, 200);
    assertEquals(batches, 200);
    assert(ahead < limit, `${ahead} bytes were taken ahead`);
  });
}

/** How many bytes of batches are taken at most between two chunks of a file. */
async function mostAhead(format: FileFormat, batch: RecordBatch, count: number) {
  let [batches, taken, ahead] = [0, 0, 0];
  async function* source() {
    while (batches < count) {
      batches++;
      taken += batch.data.byteLength;
      yield await Promise.resolve(batch);
    }
  }
  for await (const _ of writeFile(source(), { format, compression: "none" })) {
    ahead = Math.max(ahead, taken);
    taken = 0;
  }
  return { ahead, batches };
}
