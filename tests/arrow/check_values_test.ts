/** checkValues() on streams of both implementations, and on hostile ones. */
import { assertEquals, assertThrows } from "@std/assert";
import { tableToIPC } from "apache-arrow";
import { checkValues } from "../../flight/arrow/verify/check_values.ts";
import { FlightError } from "../../flight/errors.ts";
import {
  StreamVerifier,
  type VerifiedRecordBatch,
} from "../../flight/arrow/verify/stream_verifier.ts";
import {
  readStream,
  splitStream,
  streamNames,
} from "../helpers/tables/arrow_stream.ts";
import { everyTable } from "../helpers/tables/arrow_tables.ts";
import {
  checkPlainStream,
  checkStream,
  columnsOf,
  refuses,
} from "../helpers/tables/check_stream.ts";
import {
  type BatchParts,
  field,
  type FlatTable,
  int16,
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

const INT64_FIELD = field("x", Type.Int, table(int32(64), int8(1)));

type Numbers = Int8Array | Int16Array | Int32Array | BigInt64Array | Uint8Array;

/** Checks the values of one batch with these buffers, from a misaligned memory too. */
function check(
  fields: FlatTable[],
  nodes: BatchParts["nodes"],
  buffers: Numbers[],
  variadics?: number[],
): void {
  for (const shift of [0, 1]) {
    const regions: [number, number][] = [];
    const size = buffers.reduce((sum, { length }) => sum + length * 8 + 8, 8);
    const body = new Uint8Array(size - size % 8 + shift).subarray(shift);
    let at = 0;
    for (const { buffer, byteLength } of buffers) {
      body.set(new Uint8Array(buffer), at);
      regions.push([at, byteLength]);
      at += Math.ceil(byteLength / 8) * 8;
    }
    const batch = recordBatch({
      rows: nodes[0][0],
      nodes,
      buffers: regions,
      variadics,
    });
    checkPlainStream([
      { header: schema(...fields), body: NO_BODY },
      { header: message(3, batch, body.length), body },
    ]);
  }
}

const none = new Uint8Array(0);
const int32s = (...numbers: number[]) => Int32Array.from(numbers);
const int64s = (...numbers: number[]) => BigInt64Array.from(numbers.map(BigInt));
const bytes = (...numbers: number[]) => Uint8Array.from(numbers);

Deno.test("checkValues() accepts what apache-arrow writes", () => {
  checkPlainStream(splitStream(tableToIPC(everyTable(), "stream")));
});

for (const name of streamNames()) {
  Deno.test(`checkValues() accepts what pyarrow writes: ${name}`, async () => {
    await checkStream(splitStream(readStream(name)));
  });
}

for (
  const [type, name] of [[Type.Utf8, "Utf8"], [Type.Binary, "Binary"], [
    Type.LargeUtf8,
    "LargeUtf8",
  ]]
) {
  Deno.test(`checkValues() refuses ${name} offsets that are out of order, or too large`, () => {
    const offsets = type === Type.LargeUtf8 ? int64s : int32s;
    const run = (...numbers: number[]) =>
      check([field("x", type as number)], [[2, 0]], [
        none,
        offsets(...numbers),
        new Uint8Array(8),
      ]);
    run(0, 0, 8);
    run(3, 5, 8);
    refuses(() => run(0, 5, 4), '"x" has offset 4 after 5, at 2');
    refuses(() => run(-1, 5, 6), "has offset -1 after 0, at 0");
    refuses(() => run(0, 5, 9), "has offsets up to 9, but only 8 to point to");
  });
}

for (
  const [type, name] of [[Type.List, "List"], [Type.Map, "Map"], [
    Type.LargeList,
    "LargeList",
  ]]
) {
  Deno.test(`checkValues() refuses ${name} offsets outside of the child`, () => {
    const offsets = type === Type.LargeList ? int64s : int32s;
    const keyAndValue = [field("k", Type.Null), field("v", Type.Null)];
    const child = field("item", type === Type.Map ? Type.Struct : Type.Null, table(), {
      children: type === Type.Map ? keyAndValue : [],
    });
    const list = field("x", type as number, table(), { children: [child] });
    const nodes: BatchParts["nodes"] = type === Type.Map
      ? [[2, 0], [3, 0], [3, 0], [3, 0]]
      : [[2, 0], [3, 0]];
    const run = (...numbers: number[]) =>
      check(
        [list],
        nodes,
        type === Type.Map
          ? [none, offsets(...numbers), none]
          : [none, offsets(...numbers)],
      );
    run(0, 1, 3);
    refuses(() => run(0, 2, 1), "has offset 1 after 2");
    refuses(() => run(0, 1, 4), "has offsets up to 4, but only 3");
  });
}

for (
  const [type, name] of [[Type.ListView, "ListView"], [
    Type.LargeListView,
    "LargeListView",
  ]]
) {
  Deno.test(`checkValues() refuses a ${name} outside of the child`, () => {
    const numbers = type === Type.LargeListView ? int64s : int32s;
    const list = field("x", type as number, table(), {
      children: [field("item", Type.Null)],
    });
    const run = (offset: number, size: number) =>
      check([list], [[2, 0], [3, 0]], [none, numbers(2, offset), numbers(1, size)]);
    run(0, 3);
    run(3, 0);
    refuses(() => run(1, 3), '"x" has a list of 3 at 1 in row 1, outside of its 3');
    refuses(() => run(-1, 3), "a list of 3 at -1");
    refuses(() => run(0, -1), "a list of -1 at 0");
  });
}

Deno.test("checkValues() refuses a view outside of its buffers, unless it is null", () => {
  const run = (view: number[], nulls = 0) =>
    check(
      [field("x", Type.Utf8View)],
      [[2, nulls]],
      [nulls ? bytes(1) : none, int32s(3, 0, 0, 0, ...view), new Uint8Array(20)],
      [1],
    );
  run([12, -1, -1, -1]);
  run([13, 0, 0, 7]);
  const bad = [[-1, 0, 0, 0], [13, 0, 1, 0], [13, 0, -1, 0], [13, 0, 0, 8], [
    13,
    0,
    0,
    -1,
  ]];
  for (const view of bad) {
    refuses(
      () => run(view),
      `a view of ${view[0]} bytes at ${view[3]} of buffer ${view[2]}`,
    );
    run(view, 1);
  }
});

function union(mode: number, ids: number[]): FlatTable {
  const children = [field("a", Type.Null), field("b", Type.Null)];
  return field("x", Type.Union, table(int16(mode), { size: 4, numbers: ids }), {
    children,
  });
}

Deno.test("checkValues() refuses a type id that the union does not have", () => {
  const run = (ids: Uint8Array) =>
    check([union(0, [5, 7])], [[2, 0], [2, 0], [2, 0]], [ids]);
  run(bytes(5, 7));
  refuses(() => run(bytes(5, 0)), '"x" has the unknown type id 0 in row 1');
  refuses(() => run(bytes(255, 5)), "unknown type id 255 in row 0");
});

Deno.test("checkValues() refuses a dense union's offset outside of its child", () => {
  const run = (...offsets: number[]) =>
    check([union(1, [5, 7])], [[2, 0], [1, 0], [3, 0]], [
      bytes(5, 7),
      int32s(...offsets),
    ]);
  run(0, 2);
  refuses(() => run(1, 2), "has offset 1 in row 0, outside of its child's 1");
  refuses(() => run(0, -1), "has offset -1 in row 1");
});

for (const bits of [16, 32, 64]) {
  Deno.test(`checkValues() refuses run ends of ${bits} bits that do not run`, () => {
    const run = (...ends: number[]) => {
      const buffer = bits === 16
        ? Int16Array.from(ends)
        : bits === 32
        ? int32s(...ends)
        : int64s(...ends);
      const runs = field("x", Type.RunEndEncoded, table(), {
        children: [
          field("r", Type.Int, table(int32(bits), int8(1))),
          field("v", Type.Null),
        ],
      });
      check([runs], [[5, 0], [2, 0], [2, 0]], [none, buffer]);
    };
    run(1, 5);
    run(1, 9);
    refuses(() => run(2, 2), '"x" has run end 2 after 2');
    refuses(() => run(0, 5), "run end 0 after 0");
    refuses(() => run(-1, 5), "run end -1 after 0");
    refuses(() => run(1, 4), "has 5 rows, but its runs end at 4");
  });
}

Deno.test("checkValues() refuses an index outside of its dictionary, unless it is null", () => {
  for (const [bits, signed] of [[8, 1], [8, 0], [64, 1], [64, 0]]) {
    const encoded = field("x", Type.Null, table(), {
      dictionary: table(int64(7), table(int32(bits), int8(signed))),
    });
    const values = recordBatch({ rows: 3, nodes: [[3, 0]], buffers: [] });
    const run = (index: number, nulls = 0) => {
      const body = new Uint8Array(32);
      new DataView(body.buffer).setInt8(8, 2);
      new DataView(body.buffer).setInt8(8 + bits / 8, index);
      body[0] = 1;
      const buffers: [number, number][] = [[0, nulls], [8, 16]];
      const batch = recordBatch({ rows: 2, nodes: [[2, nulls]], buffers });
      checkPlainStream([
        { header: schema(encoded), body: NO_BODY },
        { header: message(2, table(int64(7), values)), body: NO_BODY },
        { header: message(3, batch, 32), body },
      ]);
    };
    run(2);
    refuses(() => run(3), '"x" has index 3 in row 1, outside of its dictionary\'s 3');
    refuses(() => run(-1), "in row 1, outside of its dictionary's 3");
    run(3, 1);
  }
});

Deno.test("checkValues() counts a dictionary's values with its deltas", () => {
  const messages = splitStream(readStream("deltas"));
  checkPlainStream(messages);
  const withoutDelta = [...messages.slice(0, 3), ...messages.slice(4)];
  refuses(() => checkPlainStream(withoutDelta), "has index 2 in row 2, outside of");
});

Deno.test("checkValues() refuses a null count that is not the bitmap's", () => {
  const rows = 70;
  const bitmap = new Uint8Array(16).fill(0xff);
  bitmap[0] = 0xfe;
  bitmap[8] = 0b11_1101;
  const run = (nulls: number) =>
    check([INT64_FIELD], [[rows, nulls]], [bitmap, new BigInt64Array(rows)]);
  run(2);
  refuses(() => run(1), '"x" counts 1 nulls, but its bitmap has 2');
  refuses(() => run(0), "counts 0 nulls, but its bitmap has 2");
});

Deno.test("checkValues() refuses more rows than 32 bits count", () => {
  const run = (rows: number, fields: FlatTable[]) => check(fields, [[rows, 0]], []);
  run(2 ** 31 - 1, [field("x", Type.Null)]);
  refuses(() => run(2 ** 31, [field("x", Type.Null)]), "more than 2147483647");
  const children = [field("item", Type.Null)];
  const list = field("x", Type.List, table(), { children });
  refuses(
    () => check([list], [[1, 0], [2 ** 31, 0]], [none, int32s(0, 1)]),
    '"x.item" has 2147483648 rows',
  );
  const empty = message(3, recordBatch({ rows: 2 ** 31, nodes: [], buffers: [] }));
  const messages = [schema(), empty].map((header) => ({ header, body: NO_BODY }));
  refuses(() => checkPlainStream(messages), "it has 2147483648 rows");
});

Deno.test("checkValues() refuses a buffer that was decompressed to less", async () => {
  const verifier = new StreamVerifier({ code: "DATA_LOSS" });
  const [first, second] = splitStream(readStream("long_zstd"));
  verifier.verify(first.header, first.body);
  const batch = verifier.verify(second.header, second.body) as VerifiedRecordBatch;
  const columns = await columnsOf(batch, second.body);
  checkValues(verifier, batch, columns);
  const [column, ...rest] = columns;
  const cut = { ...column, buffers: [column.buffers[0].subarray(1)] };
  const run = () => checkValues(verifier, batch, [cut, ...rest]);
  assertEquals(assertThrows(run, FlightError, "3199 bytes").code, "DATA_LOSS");
});
