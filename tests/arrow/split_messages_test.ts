/** splitMessages(): large batches in several messages. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { type Table, tableFromArrays, Utf8, vectorFromArray } from "apache-arrow";
import { encode } from "../../flight/arrow/encode/encode.ts";
import type { EncodeSource } from "../../flight/arrow/encode/encode_source.ts";
import type { ArrowMessage } from "../../flight/arrow/format/arrow_message.ts";
import { FlightError } from "../../flight/errors.ts";
import { splitMessages } from "../../flight/arrow/split/split_messages.ts";
import { StreamVerifier } from "../../flight/arrow/verify/stream_verifier.ts";
import { readStream, splitStream } from "../helpers/tables/arrow_stream.ts";
import {
  everyColumn,
  everyTable,
  ROWS,
  tableOf,
} from "../helpers/tables/arrow_tables.ts";
import { checkStream } from "../helpers/tables/check_stream.ts";
import {
  field,
  flatbuffer,
  int16,
  int32,
  int64,
  int8,
  message,
  recordBatch,
  schema,
  table,
  Type,
} from "../helpers/tables/flat_builder.ts";
import { plainColumns } from "../helpers/tables/plain_columns.ts";
import {
  batchesIn,
  columnOf,
  cutEvery,
  joined,
  splitAbove,
  valuesIn,
} from "../helpers/tables/split_streams.ts";

const INT32 = table(int32(32), int8(1));

async function messagesOf(source: EncodeSource): Promise<ArrowMessage[]> {
  const messages = encode(source, { maxMessageBytes: Infinity });
  return (await Array.fromAsync(messages)).map(joined);
}

function rowsIn(messages: readonly ArrowMessage[]): number[] {
  return batchesIn(messages).map(({ rows }) => rows);
}

function sizeOf({ header, body }: ArrowMessage): number {
  return header.length + body.length;
}

function textsOf(values: readonly string[]): Table {
  return tableOf(new Map([["text", vectorFromArray(values, new Utf8()).data[0]]]));
}

const NONE = new Uint8Array(0);
const upTo = (count: number) => Int32Array.from({ length: count }, (_, index) => index);

Deno.test("splitMessages() passes on small messages, and does not read them", async () => {
  const messages = [
    { header: new Uint8Array([1, 2, 3]), body: NONE },
    { header: new Uint8Array([4]), body: new Uint8Array(7) },
  ];
  const found = await Array.fromAsync(splitMessages(messages, 8));
  found.forEach(({ dataHeader, dataBody }, index) => {
    assert(dataHeader === messages[index].header);
    assert(dataBody === messages[index].body);
  });
});

for (const [name, column] of everyColumn()) {
  Deno.test(`splitMessages() splits a column of ${name}`, async () => {
    const messages = await messagesOf(tableOf(new Map([[name, column]])));
    const values = await valuesIn(messages);
    for (const rows of [1, 8, 16]) {
      const pieces = cutEvery(messages, rows);
      await checkStream(pieces);
      assertEquals(await valuesIn(pieces), values);
    }
    const largest = Math.max(...messages.map(sizeOf));
    for (const maxBytes of [largest - 1, largest / 2, 2 * messages[0].header.length]) {
      const pieces = await splitAbove(messages, maxBytes);
      await checkStream(pieces);
      assertEquals(await valuesIn(pieces), values);
    }
  });
}

Deno.test("splitMessages() splits a table of all types, wherever it lies in memory", async () => {
  const messages = await messagesOf(everyTable());
  const batch = messages.at(-1)!;
  for (const offset of [0, 1, 4]) {
    const body = new Uint8Array(offset + batch.body.length).subarray(offset);
    body.set(batch.body);
    const moved = messages.with(-1, { header: batch.header, body });
    const pieces = await splitAbove(moved, 2 * batch.header.length);
    await checkStream(pieces);
    assert(pieces.length > messages.length);
    assertEquals(await valuesIn(pieces), plainColumns(everyTable()));
  }
});

Deno.test("splitMessages() fills its messages, and copies no values of fixed width", async () => {
  const x = Float64Array.from({ length: 100_000 }, (_, row) => row);
  const messages = await messagesOf(tableFromArrays({ x }));
  const found = await Array.fromAsync(splitMessages(messages, 100_000));
  const rows = rowsIn(found.map(joined));
  assertEquals(rows.reduce((sum, count) => sum + count), x.length);
  assertEquals(rows.length, 9);
  assert(rows.every((count) => count % 8 === 0));
  for (const { dataBody } of found.slice(1)) {
    assert((dataBody as Uint8Array[])[0].buffer === messages[1].body.buffer);
  }
  assert(found.map(joined).every((piece) => sizeOf(piece) <= 100_000));
});

Deno.test("splitMessages() sends a row that is too large alone", async () => {
  const text = ["a", "b", "x".repeat(5000), "c", "d", "y".repeat(900), "e"];
  const messages = await messagesOf(textsOf(text));
  const pieces = await splitAbove(messages, 1200);
  const large = pieces.filter((piece) => sizeOf(piece) > 1200);
  assertEquals(rowsIn([pieces[0], ...large]), [1]);
  assertEquals(await valuesIn(pieces), [["text", text]]);
});

Deno.test("splitMessages() keeps version and metadata of a message, also bytes that are no text", async () => {
  const pair = table("an example", "of \u0000 text");
  const noText = table("12", "345");
  const batch = recordBatch({
    rows: 100,
    nodes: [[100, 0]],
    buffers: [[0, 0], [0, 400]],
  });
  const header = flatbuffer(
    table(int16(3), int8(3), batch, int64(400), { refs: [pair, noText, table()] }),
  );
  for (let at = 0; at < header.length; at++) {
    if (String.fromCharCode(...header.slice(at, at + 4)) === "345\0") header[at] = 255;
  }
  const body = new Uint8Array(upTo(100).buffer);
  const first = message(
    1,
    table(undefined, { refs: [field("n", Type.Int, INT32)] }),
    0,
    3,
  );
  const pieces = await splitAbove(
    [{ header: first, body: NONE }, { header, body }],
    560,
  );
  await checkStream(pieces);
  assert(rowsIn(pieces).length > 1);
  for (const piece of pieces.slice(1)) {
    const text = String.fromCharCode(...piece.header);
    assert(text.includes("an example\0") && text.includes("of \0 text\0"));
    assert(text.includes("12\0") && text.includes("\u00ff45\0"));
  }
});

Deno.test("list views that share their items do not make the pieces many times the batch", async () => {
  const column = field("v", Type.ListView, table(), {
    children: [field("item", Type.Int, INT32)],
  });
  const rows = 1000;
  const parts = { rows, nodes: [[rows, 0], [rows, 0]] as const };
  const sizes = new Int32Array(rows).fill(rows);
  const buffers = [NONE, new Int32Array(rows), sizes, NONE, upTo(rows)];
  const messages = columnOf(column, parts, buffers);
  const pieces = await splitAbove(messages, 1000);
  await checkStream(pieces);
  assertEquals(rowsIn(pieces).reduce((sum, count) => sum + count), rows);
  const bytes = pieces.reduce((sum, piece) => sum + sizeOf(piece), 0);
  assert(bytes < 6 * sizeOf(messages[1]), `${bytes} bytes`);
});

/** Streams that cannot be split, by the reason. */
const WHOLE: Record<string, () => ArrowMessage[] | Promise<ArrowMessage[]>> = {
  "it is compressed": () => splitStream(readStream("long_zstd")),
  "it has one row": () => messagesOf(textsOf(["x".repeat(9999)])),
  "it has rows and no columns": () => splitStream(readStream("rows_without_columns")),
  "it has no rows": () => splitStream(readStream("zero_rows")),
  "its header is too large": () => messagesOf(everyTable()),
  "its offsets are wrong": () =>
    columnOf(
      field("t", Type.Utf8),
      { rows: 100, nodes: [[100, 0]] },
      [NONE, upTo(101).map((row) => row - 1), new Uint8Array(200)],
    ),
  "it is not sound": () => [
    { header: schema(field("n", Type.Int, INT32)), body: NONE },
    { header: new Uint8Array(900), body: new Uint8Array(100) },
  ],
  "its stream has no schema": async () =>
    (await messagesOf(tableFromArrays({ x: new Float64Array(999) }))).slice(1),
};

for (const [reason, make] of Object.entries(WHOLE)) {
  Deno.test(`splitMessages() sends a batch whole when ${reason}`, async () => {
    const messages = await make();
    const found = await Array.fromAsync(splitMessages(messages, 300));
    assertEquals(found.length, messages.length);
    found.forEach(({ dataHeader, dataBody }, index) => {
      assert(dataHeader === messages[index].header);
      assert(dataBody === messages[index].body);
    });
  });
}

Deno.test("splitMessages() sends a dictionary whole, before the pieces of its batch", async () => {
  const word = Array.from({ length: 500 }, (_, row) => `the word ${row}`);
  const messages = await messagesOf(tableFromArrays({ word }));
  const [, dictionary, batch] = messages;
  assert(sizeOf(dictionary) > 1500 && sizeOf(batch) > 1500);
  const found = await Array.fromAsync(splitMessages(messages, 1500));
  assert(found[1].dataBody === dictionary.body);
  const pieces = found.map(joined);
  await checkStream(pieces);
  assert(pieces.slice(2).every((piece) => sizeOf(piece) <= 1500));
  assertEquals(await valuesIn(pieces), [["word", word]]);
});

Deno.test("splitMessages() throws DATA_LOSS when an offset at the end of a batch is wrong", async () => {
  const offsets = upTo(101);
  offsets[100] = 9999;
  const messages = columnOf(
    field("t", Type.Utf8),
    { rows: 100, nodes: [[100, 0]] },
    [NONE, offsets, new Uint8Array(200)],
  );
  const error = await assertRejects(() => splitAbove(messages, 500), FlightError);
  assertEquals(error.code, "DATA_LOSS");
  assert(error.message.startsWith('Cannot split a batch: its field "t" has offsets'));
});

Deno.test("splitMessages() reads the schema of each stream that it is given", async () => {
  const x = Float64Array.from({ length: ROWS }, (_, row) => row);
  for (const values of [tableFromArrays({ x }), tableFromArrays({ x, y: x })]) {
    const messages = await messagesOf(values);
    const pieces = await splitAbove([...messages, messages[1]], 700);
    assertEquals(rowsIn(pieces).reduce((sum, count) => sum + count), 2 * ROWS);
  }
});

Deno.test("splitMessages() does not read a schema again that a put has read", async () => {
  const [schemaMessage, batch] = await messagesOf(
    tableFromArrays({ x: Float64Array.from({ length: ROWS }, (_, row) => row) }),
  );
  const layout = new StreamVerifier().verify(schemaMessage.header, schemaMessage.body);
  const unreadable = { ...schemaMessage, header: new Uint8Array(8) };
  const whole = await Array.fromAsync(splitMessages([unreadable, batch], 300));
  assertEquals(whole.length, 2);
  const kept = [{ ...unreadable, layout }, batch];
  assert((await Array.fromAsync(splitMessages(kept, 300))).length > 2);
});

Deno.test("splitMessages() closes its source when its messages are not read to the end", async () => {
  const [first, batch] = await messagesOf(
    tableFromArrays({ x: new Float64Array(999) }),
  );
  let isEnded = false;
  async function* source(): AsyncGenerator<ArrowMessage> {
    try {
      yield first;
      yield batch;
    } finally {
      isEnded = true;
    }
  }
  let count = 0;
  for await (const _ of splitMessages(source(), 1000)) if (++count === 3) break;
  assert(isEnded);
});

Deno.test("splitMessages() takes no limit that is not positive", () => {
  for (const maxBytes of [0, -1, NaN]) {
    assertThrows(
      () => splitMessages([], maxBytes),
      RangeError,
      `Cannot split messages: maxBytes is ${maxBytes}`,
    );
  }
});
