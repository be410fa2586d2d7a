/** Streams by which a hostile client could harm a reader: they are refused. */
import { assert } from "@std/assert";
import { MapRow, StructRow, tableFromIPC, Vector } from "apache-arrow";
import { FlightError } from "../../flight/errors.ts";
import { joinStream, readStream, splitStream } from "../helpers/tables/arrow_stream.ts";
import { checkPlainStream, refuses } from "../helpers/tables/check_stream.ts";
import {
  field,
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

/** What one changed byte of a good stream did to apache-arrow 21.2.0. */
const regressions: [string, Uint8Array, Uint8Array | undefined, string][] = [
  [
    "more fields than the header has, which loop without end",
    message(1, table(undefined, { refs: [INT64_FIELD], count: 2 ** 24 + 1 })),
    undefined,
    "a vector lies outside",
  ],
  [
    "more metadata than the header has, which loops without end",
    message(
      1,
      table(undefined, { refs: [] }, { refs: [table("key")], count: 2 ** 24 }),
    ),
    undefined,
    "a vector lies outside",
  ],
  [
    "more nodes than the header has, which loop without end",
    schema(INT64_FIELD),
    message(3, table(int64(1), { size: 8, numbers: [1, 0], count: 2 ** 24 + 1 })),
    "a vector lies outside",
  ],
  [
    "more buffers than the header has, which loop without end",
    schema(INT64_FIELD),
    message(
      3,
      table(
        int64(1),
        { size: 8, numbers: [1, 0], count: 1 },
        { size: 8, numbers: [0, 0, 0, 8], count: 2 ** 24 + 2 },
      ),
    ),
    "a vector lies outside",
  ],
  [
    "more rows than the columns have, which allocate until the process dies",
    schema(INT64_FIELD),
    message(
      3,
      recordBatch({ rows: 2 ** 48, nodes: [[0, 0]], buffers: [[0, 0], [0, 0]] }),
    ),
    '"x" has 0 rows in a batch of',
  ],
];

for (const [what, first, second, reason] of regressions) {
  Deno.test(`StreamVerifier.verify() refuses ${what}`, () => {
    const messages = [first, ...second ? [second] : []];
    refuses(
      () => checkPlainStream(messages.map((header) => ({ header, body: NO_BODY }))),
      reason,
    );
  });
}

Deno.test("checkValues() refuses a list longer than all items, which takes hours to read", () => {
  const children = [field("item", Type.Null)];
  const body = new Uint8Array(Int32Array.of(0, 2 ** 31 - 1).buffer);
  const nodes = [[1, 0], [1, 0]] as const;
  const batch = recordBatch({ rows: 1, nodes, buffers: [[0, 0], [0, 8]] });
  const messages = [
    { header: schema(field("x", Type.List, table(), { children })), body: NO_BODY },
    { header: message(3, batch, 8), body },
  ];
  refuses(
    () => checkPlainStream(messages),
    "has offsets up to 2147483647, but only 1 to",
  );
});

/** Values that a byte is changed to: near it, and those that make numbers huge. */
const hostileValues = (
  byte: number,
): number[] => [byte ^ 1, byte ^ 0x80, byte + 8, 0xff];
/** More values than any of the streams has, so that only a mistake counts so far. */
const MANY = 2000;

/** Reads all values as a user would, and gives how many there were. */
function readAll(stream: Uint8Array): number {
  let count = 0;
  const read = (value: unknown): void => {
    if (++count > MANY) throw new RangeError("Cannot read the stream: it has no end");
    if (value instanceof Vector) { for (const item of value) read(item); }
    if (value instanceof StructRow || value instanceof MapRow) {
      for (const [, item] of value) read(item);
    }
  };
  const result = tableFromIPC(stream);
  result.schema.fields.forEach((_, index) => read(result.getChildAt(index)));
  return count;
}

const STREAMS = [
  "texts",
  "lists",
  "structs",
  "unions",
  "views",
  "deltas",
  "dictionaries",
];
for (const name of STREAMS) {
  Deno.test(`checkValues() accepts no changed byte that harms apache-arrow: ${name}`, () => {
    const messages = splitStream(readStream(name));
    let refused = 0;
    for (const part of messages.flatMap(({ header, body }) => [header, body])) {
      for (let at = 0; at < part.length; at++) {
        const byte = part[at];
        for (const value of hostileValues(byte)) {
          part[at] = value;
          try {
            checkPlainStream(messages);
          } catch (error) {
            assert(error instanceof FlightError, String(error));
            refused++;
            continue;
          }
          readAll(joinStream(messages));
        }
        part[at] = byte;
      }
    }
    assert(refused > 1000);
  });
}
