/** decode(): what it reads, refuses, and how it ends. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import {
  makeData,
  Null,
  RecordBatch,
  Table,
  tableFromArrays,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import { decode, type DecodedBatch } from "../../flight/arrow/decode/decode.ts";
import type { DecodeOptions } from "../../flight/arrow/decode/decode_options.ts";
import { encode } from "../../flight/arrow/encode/encode.ts";
import { FlightError } from "../../flight/errors.ts";
import { type FlightDataInit, wholeBody } from "../../proto/flight_data.ts";
import { readStream, splitStream } from "../helpers/tables/arrow_stream.ts";
import { everyColumn, everyTable, tableOf } from "../helpers/tables/arrow_tables.ts";
import { plainColumns } from "../helpers/tables/plain_columns.ts";

const numbers = tableFromArrays({
  n: Int32Array.of(1, 2, 3),
  x: Float64Array.of(4, 5, 6),
});
const [batch] = numbers.batches;
const bytes = (text: string) => new TextEncoder().encode(text);

async function* asyncly<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items;
}

/** The messages with whole bodies, each at this place in a buffer of its own. */
async function received(
  messages: AsyncIterable<FlightDataInit>,
  offset = 0,
): Promise<FlightDataInit[]> {
  return await Array.fromAsync(messages, (message) => {
    const body = wholeBody(message);
    const dataBody = new Uint8Array(new ArrayBuffer(offset + body.length), offset);
    dataBody.set(body);
    return { ...message, dataBody };
  });
}

/** The messages of a stream that pyarrow wrote. */
function stored(name: string): AsyncGenerator<FlightDataInit> {
  return asyncly(
    splitStream(readStream(name)).map(({ header, body }) => ({
      dataHeader: header,
      dataBody: body,
    })),
  );
}

/** Messages that say how often their iterator was ended. */
function watched(messages: AsyncIterable<FlightDataInit>) {
  const watch = {
    ended: 0,
    pulled: 0,
    async *[Symbol.asyncIterator](): AsyncGenerator<FlightDataInit> {
      try {
        for await (const message of messages) {
          watch.pulled++;
          yield message;
        }
      } finally {
        watch.ended++;
      }
    },
  };
  return watch;
}

async function failure(
  messages: AsyncIterable<FlightDataInit>,
  options?: DecodeOptions,
): Promise<[string, string]> {
  const error = await assertRejects(
    () => decode(messages, options).table(),
    FlightError,
  );
  return [error.code, error.message];
}

Deno.test("decode() makes views of a body that is aligned", async () => {
  const messages = await received(encode(numbers));
  const found = await decode(asyncly(messages)).table();
  const [data] = found.batches[0].data.children;
  assert(data.values.buffer === (messages[1].dataBody as Uint8Array).buffer);
});

Deno.test("decode() reads bodies at any place in memory", async () => {
  const table = everyTable();
  for (const offset of [1, 2, 4, 5]) {
    const messages = await received(encode(table), offset);
    const found = await decode(asyncly(messages)).table();
    assertEquals(plainColumns(found), plainColumns(table));
  }
});

Deno.test("decode() gives each batch with its app_metadata", async () => {
  const items = [
    { batch, appMetadata: bytes("one") },
    { appMetadata: bytes("two") },
    { batch },
  ];
  const found = await Array.fromAsync(
    decode(encode(items)),
    ({ batch, appMetadata }: DecodedBatch) => [batch?.numRows, appMetadata],
  );
  assertEquals(found, [[3, bytes("one")], [undefined, bytes("two")], [3, undefined]]);
});

Deno.test("FlightReader.batches() passes over app_metadata without a batch", async () => {
  const items = [{ appMetadata: bytes("one") }, batch, { appMetadata: bytes("two") }];
  const found = await Array.fromAsync(decode(encode(items)).batches());
  assertEquals(found.map(({ numRows }) => numRows), [3]);
});

Deno.test("FlightReader gives app_metadata that comes before the schema", async () => {
  const reader = decode(encode([{ appMetadata: bytes("hello") }, batch]));
  assertEquals(`${await reader.schema()}`, `${numbers.schema}`);
  const found = await Array.fromAsync(reader, (item) => item.appMetadata);
  assertEquals(found, [bytes("hello"), undefined]);
});

Deno.test("FlightReader.schema() reads up to the schema, and no further", async () => {
  const messages = watched(encode(numbers));
  const reader = decode(messages);
  assertEquals(await reader.schema(), await reader.schema());
  assertEquals(messages.pulled, 1);
  assertEquals((await reader.table()).numRows, 3);
});

Deno.test("FlightReader.descriptor() gives the first message's descriptor", async () => {
  const descriptor = {
    type: "CMD",
    cmd: bytes("quakes"),
    path: [] as string[],
  } as const;
  const reader = decode(encode(numbers, { descriptor }));
  assertEquals(await reader.descriptor(), descriptor);
  assertEquals((await reader.table()).numRows, 3);
  assertEquals(await decode(encode(numbers)).descriptor(), undefined);
  const alone = decode(
    asyncly([{ flightDescriptor: descriptor }, ...await received(encode(numbers))]),
  );
  assertEquals(await alone.descriptor(), descriptor);
  assertEquals((await alone.table()).numRows, 3);
});

Deno.test("FlightReader.table() gives an empty table when no batch comes", async () => {
  const { schema } = everyTable();
  const found = await decode(encode(new Table(schema))).table();
  assertEquals([found.numRows, found.batches.length], [0, 0]);
  assertEquals(`${found.schema}`, `${schema}`);
});

Deno.test("FlightReader says when the stream ends before its schema", async () => {
  const reason = "Cannot read the stream: it ended before its schema";
  assertEquals(await failure(asyncly([])), ["INVALID_ARGUMENT", reason]);
  assertEquals(await failure(asyncly([]), { code: "DATA_LOSS" }), [
    "DATA_LOSS",
    reason,
  ]);
  const metadata = [{ appMetadata: bytes("one") }];
  assertEquals(await failure(asyncly(metadata)), ["INVALID_ARGUMENT", reason]);
  await assertRejects(() => decode(asyncly(metadata)).schema(), FlightError, reason);
  await assertRejects(() => Array.fromAsync(decode(asyncly([]))), FlightError, reason);
  const found = await Array.fromAsync(decode(asyncly(metadata)));
  assertEquals(found.length, 1);
});

Deno.test("FlightReader ends the messages' iterator when it is left early", async () => {
  const messages = watched(encode([batch, batch, batch]));
  for await (const _ of decode(messages)) break;
  assertEquals([messages.ended, messages.pulled], [1, 2]);
  const other = watched(encode([batch, batch]));
  {
    await using reader = decode(other);
    await reader.schema();
  }
  assertEquals([other.ended, other.pulled], [1, 1]);
});

Deno.test("FlightReader ends the messages' iterator when a message is bad", async () => {
  const [schema, good] = await received(encode(numbers));
  const messages = watched(asyncly([schema, good, schema, good]));
  const [code, message] = await failure(messages);
  assertEquals([code, message.includes("second schema"), messages.ended], [
    "INVALID_ARGUMENT",
    true,
    1,
  ]);
});

Deno.test("FlightReader passes on what the messages' iterator throws", async () => {
  async function* broken(): AsyncGenerator<FlightDataInit> {
    yield* encode(numbers);
    throw new FlightError("UNAVAILABLE", "gone");
  }
  assertEquals(await failure(broken()), ["UNAVAILABLE", "gone"]);
});

Deno.test("FlightReader is read once", async () => {
  const reader = decode(encode(numbers));
  await reader.table();
  await assertRejects(() => reader.table(), TypeError, "twice");
});

Deno.test("FlightReader refuses a body without a header", async () => {
  const [code, message] = await failure(asyncly([{ dataBody: bytes("12345678") }]));
  assertEquals([code, message], [
    "INVALID_ARGUMENT",
    "Cannot accept the message: it has a body, but no header",
  ]);
});

Deno.test("FlightReader keeps only so many messages for who waits for the schema", async () => {
  async function* endless(): AsyncGenerator<FlightDataInit> {
    while (true) yield { appMetadata: bytes("again") };
  }
  const messages = watched(endless());
  const error = await assertRejects(() => decode(messages).schema(), FlightError);
  assertEquals([error.code, messages.ended], ["RESOURCE_EXHAUSTED", 1]);
});

Deno.test("decode() reads the columns that are asked for", async () => {
  const table = everyTable();
  const all = plainColumns(table);
  for (
    const columns of [["utf8 view", "int8"], ["dictionary", "map"], [], [
      "list of view",
    ]]
  ) {
    for (const compression of [undefined, "lz4"] as const) {
      const found = await decode(encode(table, { compression }), { columns }).table();
      assertEquals(plainColumns(found), all.filter(([name]) => columns.includes(name)));
      assertEquals(found.numRows, table.numRows);
    }
  }
  const messages = encode(table);
  assertEquals(await failure(messages, { columns: ["int8", "none"] }), [
    "INVALID_ARGUMENT",
    'Cannot read the column "none": it is not there; the columns are ' +
    `${table.schema.names.slice(0, 8).map((name) => `"${String(name)}"`).join(", ")}` +
    ` and ${table.numCols - 8} more`,
  ]);
  const [code, message] = await failure(encode(table), { columns: ["int9"] });
  assertEquals(code, "INVALID_ARGUMENT");
  assertMatch(message, /^Cannot read the column "int9": .* perhaps you mean "int8"/);
});

Deno.test("decode() refuses a type that apache-arrow does not know, and reads beside it", async () => {
  for (const name of ["list_views", "run_ends"]) {
    const [code, message] = await failure(stored(name));
    assertEquals(code, "UNIMPLEMENTED");
    assert(
      /Cannot read the column ".+": apache-arrow for JavaScript has no type/.test(
        message,
      ),
    );
    const found = await decode(stored(name), { columns: [] }).table();
    assert(found.numRows > 0);
  }
});

Deno.test("decode() keeps for each batch the dictionary that it came with", async () => {
  const words = (...list: string[]) =>
    new Table({ d: vectorFromArray(list) }).batches[0];
  const batches = [words("a", "b"), words("c"), words("d", "e")];
  const found = await Array.fromAsync(decode(encode(batches)).batches());
  assertEquals(found.map((batch) => plainColumns(batch)[0][1]), [["a", "b"], ["c"], [
    "d",
    "e",
  ]]);
});

Deno.test("decode() reads indices of 64 bits", async () => {
  const found = await decode(stored("wide_indices")).table();
  for (const [, values] of plainColumns(found)) assert(values.length > 0);
  assertEquals(plainColumns(await decode(encode(found)).table()), plainColumns(found));
});

Deno.test("decode() keeps columns of the same name apart", async () => {
  const [first] = tableFromArrays({ a: Int32Array.of(1), b: Int32Array.of(2) }).batches;
  const fields = first.schema.fields.map((field) => field.clone({ name: "a" }));
  Object.assign(first.schema, { fields });
  const found = await decode(encode(first)).table();
  assertEquals(plainColumns(found), [["a", [1]], ["a", [2]]]);
});

Deno.test("decode() checks values, unless they are trusted", async () => {
  const table = new Table({ s: vectorFromArray(["one", "two"], new Utf8()) });
  const messages = await received(encode(table));
  new DataView((messages[1].dataBody as Uint8Array).buffer).setInt32(4, 1000, true);
  assertEquals((await failure(asyncly(messages)))[0], "INVALID_ARGUMENT");
  assertEquals(
    (await failure(asyncly(messages), { code: "DATA_LOSS" }))[0],
    "DATA_LOSS",
  );
  const found = await decode(asyncly(messages), { trusted: true }).table();
  assertEquals(found.numRows, 2);
});

Deno.test("decode() refuses more rows than apache-arrow can count", async () => {
  const [schema, rows] = await received(encode(rowsOnly(2 ** 31)));
  const [code, message] = await failure(asyncly([schema, rows]));
  assertEquals([code, message.includes("2147483648 rows")], ["UNIMPLEMENTED", true]);
});

Deno.test("decode() takes no more than maxDecompressedBytes", async () => {
  const table = new Table({ x: vectorFromArray(new Float64Array(10_000)) });
  const messages = encode(table, { compression: "zstd" });
  const [, message] = await failure(messages, { maxDecompressedBytes: 10_000 });
  assert(message.includes("more than 10000 bytes"), message);
});

Deno.test("decode() survives any byte that changes, and any end", async () => {
  const names = [
    "bool",
    "utf8",
    "utf8 view",
    "list of struct",
    "dense union",
    "dictionary",
  ];
  const columns = [...everyColumn()].filter(([name]) => names.includes(name));
  for (const compression of [undefined, "lz4"] as const) {
    const table = tableOf(new Map(columns)).slice(3, 12);
    const messages = await received(encode(table, { compression }));
    for (const [index, { dataHeader, dataBody }] of messages.entries()) {
      for (const part of [dataHeader!, dataBody as Uint8Array]) {
        for (let at = 0; at < part.length; at++) {
          const before = part[at];
          part[at] ^= 1 << at % 8;
          await readsOrRefuses(messages);
          part[at] = before;
        }
        const message = { dataHeader, dataBody: (dataBody as Uint8Array).subarray(8) };
        await readsOrRefuses(messages.with(index, message));
      }
    }
  }
});

/** A batch of a column of nulls: it takes no bytes. */
function rowsOnly(length: number): RecordBatch {
  return new RecordBatch({ n: makeData({ type: new Null(), length }) });
}

async function readsOrRefuses(messages: readonly FlightDataInit[]): Promise<void> {
  try {
    const table = await decode(asyncly(messages)).table();
    plainColumns(table);
    for (const batch of table.batches) assert(batch instanceof RecordBatch);
  } catch (error) {
    if (!(error instanceof FlightError)) throw error;
  }
}
