/** Streams by which a hostile server could harm a client; the fuzzer has found them. */
import { assert, assertEquals } from "@std/assert";
import { decode, type FlightReader } from "../../flight/arrow/decode/decode.ts";
import {
  type ArrowMessage,
  asFlightData,
} from "../../flight/arrow/format/arrow_message.ts";
import { runDeno } from "../helpers/processes/deno_process.ts";
import { readStream, splitStream } from "../helpers/tables/arrow_stream.ts";
import {
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
import { assertFlightError } from "../helpers/serving.ts";

const MIB = 2 ** 20;

function read(messages: readonly ArrowMessage[]): FlightReader {
  return decode(asFlightData(messages));
}

/** A column whose values are in the dictionary of this number. */
function encoded(id: number, type: number, indexBits = 32, children?: FlatTable[]) {
  const dictionary = table(int64(id), table(int32(indexBits), int8(1)));
  const parameters = type === Type.Int ? table(int32(8), int8(1)) : table();
  return field(`column${id}`, type, parameters, { children, dictionary });
}

/** A dictionary of so many nulls, which take no bytes. */
function nulls(id: number, rows: number, isDelta = false): ArrowMessage {
  const batch = recordBatch({ rows, nodes: [[rows, rows]], buffers: [] });
  const dictionary = table(int64(id), batch, int8(isDelta ? 1 : 0));
  return { header: message(2, dictionary), body: NO_BODY };
}

/** A dictionary of so many ones. */
function ones(rows: number, isDelta: boolean): ArrowMessage {
  const body = new Uint8Array(Math.ceil(rows / 8) * 8).fill(1);
  const buffers: [number, number][] = [[0, 0], [0, rows]];
  const batch = recordBatch({ rows, nodes: [[rows, 0]], buffers });
  const dictionary = table(int64(0), batch, int8(isDelta ? 1 : 0));
  return { header: message(2, dictionary, body.length), body };
}

/** A batch of one row, in which each of so many columns has the index 0. */
function firsts(columns: number): ArrowMessage {
  const header = message(
    3,
    recordBatch({
      rows: 1,
      nodes: Array.from({ length: columns }, () => [1, 0]),
      buffers: Array.from(
        { length: columns },
        (_, index): [number, number][] => [[8 * index, 0], [8 * index, 4]],
      ).flat(),
    }),
    8 * columns,
  );
  return { header, body: new Uint8Array(8 * columns) };
}

Deno.test("decode() takes no memory for dictionaries that have no bytes", async () => {
  const ids = [0, 1, 2, 3, 4];
  const before = Deno.memoryUsage().heapUsed;
  const result = await read([
    { header: schema(...ids.map((id) => encoded(id, Type.Null))), body: NO_BODY },
    ...ids.map((id) => nulls(id, 65_536)),
    firsts(ids.length),
  ]).table();
  assertEquals(result.getChild("column4")?.get(0), null);
  const taken = Deno.memoryUsage().heapUsed - before;
  assert(taken < MIB, `${taken} bytes`);
  const start = { header: schema(encoded(0, Type.Null)), body: NO_BODY };
  const most = Array.from({ length: 458 }, () => nulls(0, 65_536, true));
  for (const parts of [[nulls(0, 30_000_000)], [nulls(0, 1), ...most]]) {
    const reader = read([start, ...parts, firsts(1)]);
    await assertFlightError(() => reader.table(), "UNIMPLEMENTED");
  }
});

Deno.test("decode() takes no memory for a large dictionary again with each delta", async () => {
  const before = Deno.memoryUsage().heapUsed;
  const result = await read([
    { header: schema(encoded(0, Type.Int)), body: NO_BODY },
    ones(MIB, false),
    ...Array.from({ length: 100 }, () => [ones(1, true), firsts(1)]).flat(),
  ]).table();
  assertEquals(result.getChild("column0")?.get(99), 1);
  const taken = Deno.memoryUsage().heapUsed - before;
  assert(taken < 100 * MIB, `${taken} bytes`);
});

Deno.test("decode() reads a dictionary that came in very many parts", async () => {
  const deltas = Array.from({ length: 20_000 }, () => ones(1, true));
  const result = await read([
    { header: schema(encoded(0, Type.Int)), body: NO_BODY },
    ones(1, false),
    ...deltas,
    firsts(1),
  ]).table();
  const [{ dictionary }] = result.getChild("column0")!.data;
  assertEquals([dictionary!.length, dictionary!.get(20_000)], [20_001, 1]);
});

Deno.test("decode() refuses more rows than apache-arrow counts", async () => {
  const half = 2 ** 31 - 1;
  const batch = recordBatch({ rows: half, nodes: [[half, half]], buffers: [] });
  const rows = { header: message(3, batch), body: NO_BODY };
  const start = { header: schema(field("x", Type.Null)), body: NO_BODY };
  assertEquals((await read([start, rows, rows]).table()).numRows, 2 * half);
  const tooMany = read([start, rows, rows, rows]);
  await assertFlightError(() => tooMany.table(), "UNIMPLEMENTED");

  const words = { header: schema(encoded(0, Type.Null)), body: NO_BODY };
  const parts = [false, true, true].map((isDelta) => nulls(0, half, isDelta));
  await assertFlightError(
    () => read([words, ...parts, firsts(1)]).table(),
    "UNIMPLEMENTED",
  );
});

Deno.test("decode() reads unions from a header at any place in memory", async () => {
  const [start, ...rest] = splitStream(readStream("unions"));
  for (let place = 0; place < 8; place++) {
    const buffer = new Uint8Array(place + start.header.length);
    buffer.set(start.header, place);
    const moved = { ...start, header: buffer.subarray(place) };
    const result = await read([moved, ...rest]).table();
    assertEquals(result.getChild("coded")?.toJSON(), [1, "a", 2, "b"]);
  }
});

Deno.test("decode() reads a dictionary of unions whose type ids count from 0", async () => {
  const children = [field("nothing", Type.Null)];
  const batch = recordBatch({
    rows: 1,
    nodes: [[1, 0], [1, 1]],
    buffers: [[0, 1]],
  });
  const dictionary = message(2, table(int64(0), batch), 8);
  const result = await read([
    { header: schema(encoded(0, Type.Union, 32, children)), body: NO_BODY },
    { header: dictionary, body: new Uint8Array(8) },
    firsts(1),
  ]).table();
  assertEquals(result.getChild("column0")?.get(0), null);
});

Deno.test("decode() refuses maps whose keys have indices of 64 bits", async () => {
  const entries = [encoded(0, Type.Utf8, 64), field("value", Type.Null)];
  const children = [field("entries", Type.Struct, table(), { children: entries })];
  const header = schema(field("map", Type.Map, table(), { children }));
  const reader = read([{ header, body: NO_BODY }]);
  const error = await assertFlightError(() => reader.schema(), "UNIMPLEMENTED");
  assert(error.message.includes("64 bits"), error.message);
});

Deno.test("decompressBuffer() keeps no memory for zstd data that is damaged", async () => {
  const { stdout, stderr } = await runDeno(
    "run",
    "-A",
    "tests/helpers/tables/damaged_frames.ts",
  );
  assertEquals(stderr, "");
  assert(Number(stdout) < 100 * MIB, `${stdout} bytes`);
});
