/** What is given to the encoder in the place of a table, from JavaScript. */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { type Table, tableFromArrays, vectorFromArray } from "apache-arrow";
import { encode } from "../../flight/arrow/encode/encode.ts";
import type { EncodeOptions } from "../../flight/arrow/encode/encode_options.ts";
import type { EncodeSource } from "../../flight/arrow/encode/encode_source.ts";

const TABLE: Table = tableFromArrays({ n: [1, 2] });
const [BATCH] = TABLE.batches;
const NO_SOURCE = "it is no table, batch or iterable of batches";
const COLUMNS =
  "tableFromArrays({ name: values }) of apache-arrow makes a table of columns";
const BYTES = "tableFromIPC(bytes) of apache-arrow reads a table from bytes";
const NO_ITEM = "it has neither `batch` nor `appMetadata`";

function encodeAny(source: unknown, options?: unknown) {
  return encode(source as EncodeSource, options as EncodeOptions | undefined);
}

for (
  const [source, message] of [
    [undefined, `Cannot encode undefined: ${NO_SOURCE}`],
    [5, `Cannot encode 5: ${NO_SOURCE}`],
    ["quakes", `Cannot encode "quakes": ${NO_SOURCE}`],
    [new Date(), `Cannot encode a Date: ${NO_SOURCE}`],
    [{ city: ["Suva"] }, `Cannot encode { city: ["Suva"] }: ${NO_SOURCE}; ${COLUMNS}`],
    [
      new Uint8Array(3),
      `Cannot encode a Uint8Array of 3 bytes: ${NO_SOURCE}; ${BYTES}`,
    ],
    [
      new ArrayBuffer(8),
      `Cannot encode an ArrayBuffer of 8 bytes: ${NO_SOURCE}; ${BYTES}`,
    ],
    [
      new Response(),
      `Cannot encode a Response: ${NO_SOURCE}; await tableFromIPC(response) of apache-arrow reads a table from it`,
    ],
    [
      Promise.resolve(TABLE),
      `Cannot encode a Promise: ${NO_SOURCE}; await it first`,
    ],
    [
      vectorFromArray([1, 2]),
      `Cannot encode a Vector: ${NO_SOURCE}; new Table({ name: vector }) of apache-arrow makes a table of columns`,
    ],
    [
      [{ city: "Suva" }],
      `Cannot encode [{ city: "Suva" }]: ${NO_SOURCE}; tableFromJSON(rows) of apache-arrow makes a table of rows`,
    ],
    [[BATCH, 5], `Cannot encode the item 5: ${NO_ITEM}`],
    [
      [BATCH, TABLE],
      `Cannot encode the item a Table: ${NO_ITEM}; the table's \`batches\` are items`,
    ],
    [
      [new Uint8Array(2)],
      `Cannot encode the item a Uint8Array of 2 bytes: ${NO_ITEM}; ${BYTES}`,
    ],
    [
      [{ batch: TABLE }],
      "Cannot encode the item { batch: a Table }: its `batch` is no RecordBatch; the table's `batches` are items",
    ],
    [
      [{ appMetadata: "first" }],
      'Cannot encode the item { appMetadata: "first" }: its `appMetadata` is no Uint8Array',
    ],
  ] as const
) {
  Deno.test(`encode() throws a TypeError: ${message}`, () => {
    assertEquals(assertThrows(() => encodeAny(source), TypeError).message, message);
  });
}

Deno.test("encode() says what is wrong with an item as it comes", async () => {
  async function* items() {
    yield BATCH;
    yield { city: ["Suva"] };
  }
  const error = await assertRejects(
    () => Array.fromAsync(encodeAny(items())),
    TypeError,
  );
  assertEquals(
    error.message,
    `Cannot encode the item { city: ["Suva"] }: ${NO_ITEM}; ${COLUMNS}`,
  );
});

for (
  const [options, message] of [
    [
      "lz4",
      'Cannot use "lz4" as the options of encode(): they have to be an object, such as { compression: "lz4" }',
    ],
    [
      { compression: true },
      'Cannot use the compression true: it has to be "lz4" or "zstd"',
    ],
    [{ alignment: "64" }, 'Cannot use the alignment "64": it has to be 8 or 64'],
    [
      { schema: { n: "int32" } },
      'Cannot use the schema { n: "int32" }: it has to be a Schema of apache-arrow',
    ],
    [
      { descriptor: "quakes" },
      'Cannot use the descriptor "quakes": it has to be a descriptor, such as commandDescriptor("quakes")',
    ],
    [
      { maxMessageByte: 1 },
      'Cannot use the option "maxMessageByte": encode() does not have it; perhaps you mean maxMessageBytes',
    ],
  ] as const
) {
  Deno.test(`encode() throws a TypeError: ${message}`, () => {
    assertEquals(
      assertThrows(() => encodeAny(TABLE, options), TypeError).message,
      message,
    );
  });
}
