/** StreamVerifier on messages of all kinds. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { FlightError, type FlightErrorCode } from "../../flight/errors.ts";
import {
  StreamVerifier,
  type VerifiedMessage,
  type VerifiedRecordBatch,
} from "../../flight/arrow/verify/stream_verifier.ts";
import {
  readStream,
  splitStream,
  streamNames,
} from "../helpers/tables/arrow_stream.ts";
import { refuses } from "../helpers/tables/check_stream.ts";
import {
  type BatchParts,
  field,
  type FlatTable,
  int32,
  int8,
  message,
  NO_BODY,
  recordBatch,
  schema,
  table,
  Type,
} from "../helpers/tables/flat_builder.ts";

const int = (bits: number, signed = 1): FlatTable => table(int32(bits), int8(signed));
const int32Field = (name: string): FlatTable => field(name, Type.Int, int(32));

/** Verifies a stream of one batch, with a body of zeros. */
function verifyBatch(
  fields: FlatTable[],
  parts: BatchParts,
  body: Uint8Array = new Uint8Array(64),
): VerifiedMessage {
  const verifier = new StreamVerifier();
  verifier.verify(schema(...fields), NO_BODY);
  return verifier.verify(message(3, recordBatch(parts), body.length), body);
}

function verifyAll(stream: Uint8Array): VerifiedMessage[] {
  const verifier = new StreamVerifier();
  return splitStream(stream).map(({ header, body }) => verifier.verify(header, body));
}

for (const name of streamNames()) {
  Deno.test(`StreamVerifier.verify() accepts what pyarrow writes: ${name}`, () => {
    const [first, ...others] = verifyAll(readStream(name));
    assertEquals(first.kind, "schema");
    assert(others.every((other) => other.kind !== "schema"));
  });
}

Deno.test("StreamVerifier.verify() tells what a batch consists of", () => {
  const [, batch] = verifyAll(readStream("views")) as VerifiedRecordBatch[];
  assertEquals(batch.rows, 4);
  for (const { node, buffers, variadicBuffers } of batch.columns) {
    assertEquals(node, { length: 4, nullCount: 1 });
    assertEquals([buffers.length, variadicBuffers.length], [2, 1]);
  }
  assertEquals(batch.columns[0].buffers[1], { offset: 8, length: 64 });
  assertEquals(batch.compression, undefined);
  assertEquals(batch.columns.map(({ field }) => field.type.name), [
    "Utf8View",
    "BinaryView",
    "Utf8View",
  ]);
});

Deno.test("StreamVerifier.verify() tells how a batch is compressed", () => {
  for (const codec of ["lz4", "zstd"] as const) {
    const [, batch] = verifyAll(readStream(`long_${codec}`)) as VerifiedRecordBatch[];
    assertEquals(batch.compression, codec);
  }
});

Deno.test("StreamVerifier.schema is there once it was seen", () => {
  const verifier = new StreamVerifier();
  assertEquals(verifier.schema, undefined);
  const verified = verifier.verify(schema(int32Field("x")), NO_BODY);
  assertEquals(verifier.schema, verified);
});

Deno.test("StreamVerifier.verify() reads a header wherever it lies in memory", () => {
  for (let shift = 0; shift < 8; shift++) {
    const verifier = new StreamVerifier();
    for (const { header, body } of splitStream(readStream("unions"))) {
      const memory = new Uint8Array(shift + header.length + body.length);
      memory.set(header, shift);
      memory.set(body, shift + header.length);
      verifier.verify(
        memory.subarray(shift, shift + header.length),
        memory.subarray(shift + header.length),
      );
    }
  }
});

Deno.test("StreamVerifier.verify() accepts zero bytes after the header", () => {
  for (let zeros = 1; zeros < 8; zeros++) {
    const header = schema(int32Field("x"));
    const padded = new Uint8Array(header.length + zeros);
    padded.set(header);
    new StreamVerifier().verify(padded, NO_BODY);
  }
});

Deno.test("StreamVerifier.verify() refuses with the code it was given", () => {
  const code: FlightErrorCode = "DATA_LOSS";
  const run = () => new StreamVerifier({ code }).verify(NO_BODY, NO_BODY);
  assertEquals(assertThrows(run, FlightError).code, code);
});

Deno.test("StreamVerifier.verify() refuses every header that is cut off", () => {
  for (const { header, body } of splitStream(readStream("numbers")).slice(0, 1)) {
    const end = header.findLastIndex((byte) => byte !== 0);
    for (let length = 0; length < end; length++) {
      refuses(() => new StreamVerifier().verify(header.subarray(0, length), body), "");
    }
  }
});

Deno.test("StreamVerifier.verify() refuses a header that is too long", () => {
  const header = schema(int32Field("x"));
  const verifier = new StreamVerifier({ maxHeaderBytes: header.length - 1 });
  refuses(
    () => verifier.verify(header, NO_BODY),
    `more than ${header.length - 1} (maxHeaderBytes)`,
  );
});

Deno.test("StreamVerifier.verify() refuses a message of another version", () => {
  const old = message(1, table(undefined, { refs: [] }), 0, 2);
  refuses(() => new StreamVerifier().verify(old, NO_BODY), "V3, and only V4 and V5");
  const verifier = new StreamVerifier();
  verifier.verify(schema(), NO_BODY);
  const other = message(3, recordBatch({ rows: 0, nodes: [], buffers: [] }), 0, 3);
  refuses(() => verifier.verify(other, NO_BODY), "another version");
});

Deno.test("StreamVerifier.verify() wants one schema, and first", () => {
  const batch = message(3, recordBatch({ rows: 0, nodes: [], buffers: [] }));
  const verifier = new StreamVerifier();
  refuses(() => verifier.verify(batch, NO_BODY), "the first of a stream is its schema");
  verifier.verify(schema(), NO_BODY);
  refuses(() => verifier.verify(schema(), NO_BODY), "second schema");
  verifier.verify(batch, NO_BODY);
});

Deno.test("StreamVerifier.verify() refuses messages that a stream of batches cannot have", () => {
  const verifier = new StreamVerifier();
  verifier.verify(schema(), NO_BODY);
  refuses(() => verifier.verify(message(4, table()), NO_BODY), "it is a tensor");
  refuses(() => verifier.verify(message(0, table()), NO_BODY), "unknown kind 0");
  refuses(() => verifier.verify(message(9, table()), NO_BODY), "unknown kind 9");
  refuses(() => verifier.verify(message(3, undefined), NO_BODY), "unknown kind 3");
});

Deno.test("StreamVerifier.verify() refuses a body that is not as declared", () => {
  const verifier = new StreamVerifier();
  refuses(
    () => verifier.verify(message(1, table(), 8), NO_BODY),
    "a body of 8 bytes, but it has 0",
  );
  refuses(
    () => verifier.verify(message(1, table(), 8), new Uint8Array(8)),
    "8 bytes of body",
  );
  verifier.verify(schema(), NO_BODY);
  const batch = recordBatch({ rows: 0, nodes: [], buffers: [] });
  refuses(
    () => verifier.verify(message(3, batch, 4), new Uint8Array(4)),
    "multiple of 8",
  );
});

function list(
  name: string,
  type: number,
  ...parameters: FlatTable["fields"]
): FlatTable {
  return field(name, type, table(...parameters), { children: [int32Field("item")] });
}

/** A good batch of two Int32, the second of them null, which the cases change. */
const GOOD: BatchParts = { rows: 2, nodes: [[2, 1]], buffers: [[0, 1], [8, 8]] };

const hostileBatches: [string, Partial<BatchParts>, string][] = [
  ["a negative number of rows", { rows: -1 }, "its number of rows is -1"],
  ["a number of rows beyond 2^53", { rows: 2n ** 53n }, "its number of rows is"],
  ["columns shorter than the batch", { rows: 3 }, '"x" has 2 rows in a batch of 3'],
  [
    "a node too many",
    { nodes: [[2, 1], [2, 1]] },
    "2 field nodes, but its fields need 1",
  ],
  ["a node too few", { nodes: [] }, "0 field nodes"],
  ["a buffer too few", { buffers: [[0, 1]] }, "1 buffers, but its fields need 2"],
  ["a buffer too many", { buffers: [[0, 1], [8, 8], [16, 8]] }, "3 buffers"],
  ["a variadic count", { variadics: [0] }, "1 counts of variadic buffers"],
  ["a node of negative length", { nodes: [[-2, 0]] }, '"x" has the length -2'],
  ["more nulls than rows", { nodes: [[2, 3]] }, '"x" has 3 nulls in 2 rows'],
  ["a negative null count", { nodes: [[2, -1]] }, '"x" has -1 nulls'],
  ["nulls without a bitmap", { buffers: [[0, 0], [8, 8]] }, "0 bytes of validity"],
  [
    "a node longer than its buffers",
    { rows: 3, nodes: [[3, 1]] },
    "8 bytes of values, but 3 rows need 12",
  ],
  [
    "a buffer past the body",
    { buffers: [[0, 1], [64, 8]] },
    "outside of the body's 64",
  ],
  ["a buffer before the body", { buffers: [[0, 1], [-8, 8]] }, "outside of the body"],
  ["a negative buffer", { buffers: [[0, 1], [8, -8]] }, "-8 bytes of values at 8"],
  [
    "an offset that would overflow",
    { buffers: [[0, 1], [2n ** 63n - 8n, 16]] },
    "outside of the body",
  ],
  ["a buffer that is not aligned", { buffers: [[0, 1], [12, 8]] }, "no multiple of 8"],
  ["buffers that overlap", { buffers: [[0, 40], [8, 40]] }, "more bytes in all than"],
  ["an unknown codec", { compression: [2, 0] }, "unknown codec 2"],
  ["an unknown method", { compression: [0, 1] }, "unknown method 1"],
];

for (const [what, change, reason] of hostileBatches) {
  Deno.test(`StreamVerifier.verify() refuses ${what}`, () => {
    verifyBatch([int32Field("x")], GOOD);
    refuses(() => verifyBatch([int32Field("x")], { ...GOOD, ...change }), reason);
  });
}

Deno.test("StreamVerifier.verify() accepts a validity bitmap without nulls", () => {
  verifyBatch([int32Field("x")], { ...GOOD, nodes: [[2, 0]] });
});

Deno.test("StreamVerifier.verify() accepts empty offsets of an empty column", () => {
  const parts = {
    rows: 0,
    nodes: [[0, 0]],
    buffers: [[0, 0], [0, 0], [0, 0]],
  } as const;
  verifyBatch([field("x", Type.Utf8)], parts);
});

Deno.test("StreamVerifier.verify() accepts a column of nulls whatever it counts", () => {
  for (const nulls of [5, 0, -1]) {
    const parts: BatchParts = { rows: 5, nodes: [[5, nulls]], buffers: [] };
    const batch = verifyBatch([field("x", Type.Null)], parts) as VerifiedRecordBatch;
    assertEquals(batch.columns[0].node, { length: 5, nullCount: 5 });
  }
  refuses(
    () =>
      verifyBatch([field("x", Type.Null)], { rows: 5, nodes: [[5, 1]], buffers: [] }),
    "is of nulls only, but counts 1 in 5 rows",
  );
});

Deno.test("StreamVerifier.verify() refuses children shorter than their parent", () => {
  const parts: BatchParts = {
    rows: 2,
    nodes: [[2, 0], [3, 0]],
    buffers: [[0, 0], [0, 0], [0, 16]],
  };
  verifyBatch(
    [field("s", Type.Struct, table(), { children: [int32Field("x")] })],
    parts,
  );
  refuses(
    () => verifyBatch([list("l", Type.FixedSizeList, int32(2))], parts),
    '"l.item" has 3 rows, but its parent needs 4',
  );
});

Deno.test("StreamVerifier.verify() refuses runs without ends or values", () => {
  const runs = field("r", Type.RunEndEncoded, table(), {
    children: [int32Field("ends"), int32Field("values")],
  });
  const buffers: BatchParts["buffers"] = [[0, 0], [0, 8], [0, 0], [0, 8]];
  const parts = (ends: [number, number], values: number): BatchParts => ({
    rows: 4,
    nodes: [[4, 0], ends, [values, 0]],
    buffers,
  });
  verifyBatch([runs], parts([2, 0], 2));
  refuses(() => verifyBatch([runs], parts([0, 0], 2)), "has 4 rows, but no run ends");
  refuses(() => verifyBatch([runs], parts([2, 0], 1)), "2 run ends, but 1 values");
  const nulls = [[0, 1], [0, 8], [0, 0], [0, 8]] as const;
  const withNulls = { ...parts([2, 1], 2), buffers: nulls };
  refuses(() => verifyBatch([runs], withNulls), "has run ends that are null");
});

Deno.test("StreamVerifier.verify() refuses counts of variadic buffers that do not fit", () => {
  const views: BatchParts = {
    rows: 1,
    nodes: [[1, 0]],
    buffers: [[0, 0], [0, 16], [16, 8]],
    variadics: [1],
  };
  const text = [field("x", Type.Utf8View)];
  verifyBatch(text, views);
  refuses(() => verifyBatch(text, { ...views, variadics: [2] }), "3 buffers, but");
  refuses(
    () => verifyBatch(text, { ...views, variadics: [-1] }),
    "variadic buffers is -1",
  );
  refuses(() => verifyBatch(text, { ...views, variadics: undefined }), "0 counts");
});

Deno.test("StreamVerifier.verify() checks what compressed buffers declare", () => {
  const parts: BatchParts = { ...GOOD, nodes: [[2, 0]], compression: [1, 0] };
  const verify = (declared: bigint, length: number, max?: number) => {
    const body = new Uint8Array(32);
    new DataView(body.buffer).setBigInt64(0, declared, true);
    const verifier = new StreamVerifier({ maxDecompressedBytes: max });
    verifier.verify(schema(int32Field("x")), NO_BODY);
    const batch = recordBatch({ ...parts, buffers: [[0, 0], [0, length]] });
    return verifier.verify(message(3, batch, body.length), body);
  };
  verify(8n, 20);
  verify(-1n, 16);
  refuses(() => verify(7n, 20), "7 bytes of values, but 2 rows need 8");
  refuses(() => verify(-1n, 15), "7 bytes of values");
  refuses(() => verify(-2n, 20), "declare a length of -2");
  refuses(() => verify(8n, 7), "of 7 bytes, less than a prefix");
  refuses(() => verify(2n ** 32n + 1n, 20), "more than 4294967296 bytes");
  refuses(() => verify(2n ** 60n, 20), "declare a length of");
  refuses(() => verify(100n, 20, 99), "more than 99 bytes when decompressed");
});

Deno.test("StreamVerifier.verify() changes nothing when it refuses", () => {
  const verifier = new StreamVerifier();
  for (const { header, body } of splitStream(readStream("deltas"))) {
    const { schema } = verifier;
    const rows = verifier.dictionaryRows(0n);
    const cut = body.subarray(0, body.length - 8);
    if (cut.length < body.length) {
      refuses(() => verifier.verify(header, cut), "declares");
    }
    const withoutEnd = header.slice();
    withoutEnd.fill(255, header.length - 16);
    refuses(() => verifier.verify(withoutEnd, body), "");
    assertEquals(verifier.schema, schema);
    assertEquals(verifier.dictionaryRows(0n), rows);
    verifier.verify(header, body);
  }
});
