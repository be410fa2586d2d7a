/** Slices of batches: sound, and with the same values. */
import { assertEquals } from "@std/assert";
import type { ArrowMessage } from "../../flight/arrow/format/arrow_message.ts";
import { allRegions } from "../../flight/arrow/format/batch_columns.ts";
import {
  readStream,
  splitStream,
  streamNames,
} from "../helpers/tables/arrow_stream.ts";
import { checkStream } from "../helpers/tables/check_stream.ts";
import { field, int32, int8, table, Type } from "../helpers/tables/flat_builder.ts";
import {
  batchesIn,
  columnOf,
  cutEvery,
  valuesIn,
} from "../helpers/tables/split_streams.ts";

const INT32 = table(int32(32), int8(1));
const NONE = new Uint8Array(0);
const upTo = (count: number) => Int32Array.from({ length: count }, (_, index) => index);

/** The buffers of a stream's batches, as 32-bit integers. */
function integersIn(messages: readonly ArrowMessage[]): number[][][] {
  return batchesIn(messages).map(({ columns }, index) =>
    [...allRegions(columns)].map(({ offset, length }) => {
      const bytes = messages[index + 1].body.slice(offset, offset + length);
      return [...new Int32Array(bytes.buffer)];
    })
  );
}

for (const name of streamNames()) {
  Deno.test(`a stream of ${name} in pieces is sound and has the same values`, async () => {
    const messages = splitStream(readStream(name));
    const values = await valuesIn(messages);
    for (const rows of [1, 2, 3, 8, 16]) {
      const pieces = cutEvery(messages, rows);
      await checkStream(pieces);
      assertEquals(await valuesIn(pieces), values);
    }
  });
}

Deno.test("the pieces of a list have items and offsets of their own", () => {
  const column = field("l", Type.List, table(), {
    children: [field("item", Type.Int, INT32)],
  });
  const offsets = Int32Array.of(2, 3, 3, 7, 8);
  const parts = { rows: 4, nodes: [[4, 0], [10, 0]] as const };
  const messages = columnOf(column, parts, [NONE, offsets, NONE, upTo(10)]);
  assertEquals(integersIn(cutEvery(messages, 2)), [
    [[], [0, 1, 1], [], [2]],
    [[], [0, 4, 5], [], [3, 4, 5, 6, 7]],
  ]);
});

Deno.test("the pieces of a column count their nulls, and have a bitmap if there are any", async () => {
  const column = field("b", Type.Int, INT32);
  const bitmap = Uint8Array.of(0b10111111, 0b11111111, 0b1110);
  const parts = { rows: 20, nodes: [[20, 2]] as const };
  const pieces = cutEvery(columnOf(column, parts, [bitmap, upTo(20)]), 7);
  await checkStream(pieces);
  assertEquals(
    batchesIn(pieces).map(({ columns: [{ node, buffers }] }) => [
      node.nullCount,
      buffers[0].length,
    ]),
    [[1, 1], [0, 0], [1, 1]],
  );
});

Deno.test("a list without items has the one offset of its items' texts", () => {
  const column = field("l", Type.List, table(), { children: [field("t", Type.Utf8)] });
  const parts = { rows: 2, nodes: [[2, 0], [1, 0]] as const };
  const messages = columnOf(
    column,
    parts,
    [NONE, Int32Array.of(0, 0, 1), NONE, Int32Array.of(0, 4), Int32Array.of(7)],
  );
  assertEquals(integersIn(cutEvery(messages, 1)), [
    [[], [0, 0], [], [0], []],
    [[], [0, 1], [], [0, 4], [7]],
  ]);
});

Deno.test("the pieces of runs end with their rows", () => {
  const column = field("r", Type.RunEndEncoded, table(), {
    children: [field("run_ends", Type.Int, INT32), field("values", Type.Int, INT32)],
  });
  const parts = { rows: 10, nodes: [[10, 0], [3, 0], [3, 0]] as const };
  const ends = Int32Array.of(5, 8, 12);
  const messages = columnOf(column, parts, [NONE, ends, NONE, upTo(3)]);
  assertEquals(integersIn(cutEvery(messages, 4)), [
    [[], [4], [], [0]],
    [[], [1, 4], [], [0, 1]],
    [[], [2], [], [2]],
  ]);
});

Deno.test("the pieces of views have the texts of their rows only", async () => {
  const column = field("v", Type.Utf8View);
  const rows = 64;
  const data = new Uint8Array(rows * 100).fill(97);
  const views = new Int32Array(4 * rows);
  for (let row = 0; row < rows; row++) {
    // In an order in which neighbours are far from each other.
    views.set([20, 0x61616161, 1, 100 * (row * 29 % rows)], 4 * row);
  }
  const parts = { rows, nodes: [[rows, 0]] as const, variadics: [3] };
  const messages = columnOf(column, parts, [
    NONE,
    views,
    new Uint8Array(8),
    data,
    NONE,
  ]);
  await checkStream(messages);
  const pieces = cutEvery(messages, 8);
  await checkStream(pieces);
  for (const { columns: [{ buffers, variadicBuffers }] } of batchesIn(pieces)) {
    assertEquals(buffers.map(({ length }) => length), [0, 8 * 16]);
    assertEquals(variadicBuffers.map(({ length }) => length), [8 * 20]);
  }
  assertEquals(await valuesIn(pieces), [["v", Array(rows).fill("a".repeat(20))]]);
});
