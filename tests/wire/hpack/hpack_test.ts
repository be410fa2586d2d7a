/** Header compression: our decoder and our encoder. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { CompressionError, HpackDecoder } from "../../../wire/hpack/hpack_decoder.ts";
import { HpackEncoder } from "../../../wire/hpack/hpack_encoder.ts";
import { fieldSize, type HeaderField } from "../../../wire/hpack/hpack_table.ts";

const ROOM = 16_384;

/** The requests of RFC 7541, C.3 and C.4. */
const REQUESTS: readonly HeaderField[][] = [
  [
    [":method", "GET"],
    [":scheme", "http"],
    [":path", "/"],
    [":authority", "www.example.com"],
  ],
  [
    [":method", "GET"],
    [":scheme", "http"],
    [":path", "/"],
    [":authority", "www.example.com"],
    ["cache-control", "no-cache"],
  ],
  [
    [":method", "GET"],
    [":scheme", "https"],
    [":path", "/index.html"],
    [":authority", "www.example.com"],
    ["custom-key", "custom-value"],
  ],
];
/** The responses of RFC 7541, C.5 and C.6, for a table of 256 bytes. */
const RESPONSES: readonly HeaderField[][] = [
  [
    [":status", "302"],
    ["cache-control", "private"],
    ["date", "Mon, 21 Oct 2013 20:13:21 GMT"],
    ["location", "https://www.example.com"],
  ],
  [
    [":status", "307"],
    ["cache-control", "private"],
    ["date", "Mon, 21 Oct 2013 20:13:21 GMT"],
    ["location", "https://www.example.com"],
  ],
  [
    [":status", "200"],
    ["cache-control", "private"],
    ["date", "Mon, 21 Oct 2013 20:13:22 GMT"],
    ["location", "https://www.example.com"],
    ["content-encoding", "gzip"],
    ["set-cookie", "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1"],
  ],
];
/** Each appendix: the size of the table, the lists, and the blocks. */
const VECTORS: {
  readonly [name: string]: readonly [number, readonly HeaderField[][], string[]];
} = {
  "C.3": [4096, REQUESTS, [
    "828684410f7777772e6578616d706c652e636f6d",
    "828684be58086e6f2d6361636865",
    "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565",
  ]],
  "C.4": [4096, REQUESTS, [
    "828684418cf1e3c2e5f23a6ba0ab90f4ff",
    "828684be5886a8eb10649cbf",
    "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf",
  ]],
  "C.5": [256, RESPONSES, [
    "4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d546e1768747470733a2f2f7777772e6578616d706c652e636f6d",
    "4803333037c1c0bf",
    "88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d4153444a4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b2076657273696f6e3d31",
  ]],
  "C.6": [256, RESPONSES, [
    "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3",
    "4883640effc1c0bf",
    "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007",
  ]],
};

function bytes(...parts: (string | readonly number[])[]): Uint8Array {
  return Uint8Array.from(
    parts.flatMap((part) =>
      typeof part === "string" ? [...Uint8Array.fromHex(part)] : part
    ),
  );
}

for (const [name, [tableSize, lists, blocks]] of Object.entries(VECTORS)) {
  Deno.test(`HpackDecoder decodes RFC 7541, ${name}`, () => {
    const decoder = new HpackDecoder(tableSize);
    for (const [index, block] of blocks.entries()) {
      const { headers, size, isTooLarge } = decoder.decode(bytes(block), ROOM);
      assertEquals(headers, lists[index]);
      assertEquals(
        size,
        lists[index].reduce((sum, field) => sum + fieldSize(field), 0),
      );
      assertEquals(isTooLarge, false);
    }
  });
}

Deno.test("HpackDecoder decodes the literals of RFC 7541, C.2, and keeps one of them", () => {
  const decoder = new HpackDecoder();
  const decode = (block: string) => decoder.decode(bytes(block), ROOM).headers;
  const custom: HeaderField = ["custom-key", "custom-header"];
  assertEquals(
    decode("400a637573746f6d2d6b65790d637573746f6d2d686561646572"),
    [custom],
  );
  assertEquals(decode("040c2f73616d706c652f70617468"), [[":path", "/sample/path"]]);
  assertEquals(decode("100870617373776f726406736563726574"), [["password", "secret"]]);
  assertEquals(decode("82be"), [[":method", "GET"], custom]);
  assertThrows(() => decode("bf"), CompressionError, "entry 63");
});

Deno.test("HpackEncoder writes RFC 7541, C.4", () => {
  const [, lists, blocks] = VECTORS["C.4"];
  const encoder = new HpackEncoder();
  for (const [index, list] of lists.entries()) {
    assertEquals(encoder.encode(list).toHex(), blocks[index]);
  }
});

Deno.test("HpackDecoder refuses blocks that break a rule", () => {
  const refused: { readonly [name: string]: readonly [Uint8Array, string] } = {
    "index 0": [bytes("80"), "entry 0"],
    "an index without entry": [bytes("be"), "entry 62"],
    "a name without entry": [bytes("7e", "0161"), "entry 62"],
    "an integer that is cut off": [bytes("ff80"), "inside an integer"],
    "an integer without end": [bytes("ff808080808000"), "too large"],
    "an integer of 2^32": [bytes("ff81ffffff0f"), "too large"],
    "a field without name": [bytes("40"), "inside a field"],
    "a field without value": [bytes("400161"), "inside a field"],
    "a text that is longer than the block": [
      bytes("400261"),
      "longer than what follows",
    ],
    "a text of 2^28": [bytes("40", "7f80ffff7f", "61"), "longer than what follows"],
    "padding of zeros": [bytes("40", "8100", "0161"), "Huffman"],
    "padding of eight ones": [bytes("40", "81ff", "0161"), "Huffman"],
    "EOS": [bytes("40", "84ffffffff", "0161"), "Huffman"],
    "a table above what was announced": [bytes("3fe21f"), "4097"],
    "a table that changes behind a field": [bytes("8220"), "behind a field"],
    "a table that changes three times": [bytes("202020"), "more than twice"],
  };
  for (const [name, [block, message]] of Object.entries(refused)) {
    const error = assertThrows(
      () => new HpackDecoder().decode(block, ROOM),
      CompressionError,
    );
    assert(error.message.includes(message), `${name}: ${error.message}`);
    // The same holds for what is not kept any more.
    assertThrows(() => new HpackDecoder().decode(block, 0), CompressionError);
  }
});

Deno.test("HpackDecoder refuses or decodes a block that is cut at any position", () => {
  const whole = bytes(...VECTORS["C.6"][2]);
  for (let length = 0; length <= whole.length; length++) {
    const decoder = new HpackDecoder(256);
    try {
      decoder.decode(whole.subarray(0, length), ROOM);
    } catch (error) {
      assert(error instanceof CompressionError, String(error));
    }
  }
});

Deno.test("HpackDecoder evicts by size, and takes two changes of it in a block", () => {
  const decoder = new HpackDecoder();
  const decode = (block: string) => decoder.decode(bytes(block), ROOM).headers;
  decode("40016101314001620132"); // two entries of 34 bytes
  assertEquals(decode("bebf"), [["b", "2"], ["a", "1"]]);
  assertEquals(decode("3f03be"), [["b", "2"]]); // 34 bytes
  assertThrows(() => decode("bf"), CompressionError);
  decode("203fe11f"); // 0, then 4096 bytes
  assertThrows(() => decode("be"), CompressionError);
  decode("4001610131");
  // An entry that is larger than the table empties it.
  const large = new HpackDecoder(64);
  large.decode(bytes("4001610131"), ROOM);
  assertEquals(large.decode(bytes("be"), ROOM).headers, [["a", "1"]]);
  large.decode(bytes("40016140", Array.from({ length: 64 }, () => 0x62)), ROOM);
  assertThrows(() => large.decode(bytes("be"), ROOM), CompressionError);
});

Deno.test("HpackDecoder keeps no field from which the list is too large, and its table right", () => {
  const decoder = new HpackDecoder();
  const block = bytes("82", "4001610131", "0001630133", "82", "4001620132");
  const { headers, isTooLarge } = decoder.decode(block, 42 + 34);
  assertEquals(headers, [[":method", "GET"], ["a", "1"]]);
  assertEquals(isTooLarge, true);
  assertEquals(decoder.decode(bytes("bebf"), ROOM).headers, [["b", "2"], ["a", "1"]]);
  const exact = decoder.decode(bytes("bebf"), 68);
  assertEquals([exact.size, exact.isTooLarge, exact.headers.length], [68, false, 2]);
  assertEquals(decoder.decode(bytes("bebf"), 67).headers.length, 1);
});

Deno.test("HpackDecoder keeps nothing of an entry that is indexed 100,000 times", () => {
  const decoder = new HpackDecoder();
  const value = Array.from({ length: 4000 }, () => 0x62);
  const indexed = Array.from({ length: 100_000 }, () => 0xbe);
  const { headers, size, isTooLarge } = decoder.decode(
    bytes("400161", "7fa11e", value, indexed),
    ROOM,
  );
  assertEquals(headers.length, 4);
  assertEquals(isTooLarge, true);
  assertEquals(size, 4033 * 100_001);
});

Deno.test("HpackEncoder writes a repeated list as indices", () => {
  const list: HeaderField[] = [
    [":method", "POST"],
    [":path", "/arrow.flight.protocol.FlightService/DoGet"],
    ["content-type", "application/grpc"],
    ["x-empty", ""],
    ["te", "trailers"],
  ];
  const encoder = new HpackEncoder();
  const decoder = new HpackDecoder();
  for (const length of [undefined, list.length, list.length]) {
    const block = encoder.encode(list);
    assertEquals(block.length, length ?? block.length);
    assertEquals(block.buffer.byteLength, block.length);
    assertEquals(decoder.decode(block, ROOM).headers, list);
  }
});

Deno.test("HpackEncoder keeps sensitive values out of every table, and changing ones out of its own", () => {
  const encoder = new HpackEncoder();
  const first = (name: string) => encoder.encode([[name, "Value"]])[0];
  for (
    const name of [
      "authorization",
      "cookie",
      "set-cookie",
      "auth-token-bin",
      "x-token-x",
    ]
  ) {
    assertEquals(first(name) & 0xf0, 0x10, name);
    assertEquals(first(name) & 0xf0, 0x10, name);
  }
  for (const name of ["grpc-timeout", "grpc-message", "content-length"]) {
    assertEquals(first(name) & 0xf0, 0x00, name);
    assertEquals(first(name) & 0xf0, 0x00, name);
  }
  const large: HeaderField = ["x-large", "v".repeat(2000)];
  assertEquals(encoder.encode([large])[0], 0);
  assertEquals(encoder.encode([["x-large", "v"]])[0], 0x40);
  assertEquals(encoder.encode([["x-large", "v"]]).length, 1);
});

Deno.test("HpackEncoder tells the sizes of its table, the smallest first", () => {
  const encoder = new HpackEncoder();
  const decoder = new HpackDecoder();
  const list: HeaderField[] = [["x-a", "1"], ["x-b", "2"]];
  const start = () => {
    const block = encoder.encode(list);
    assertEquals(decoder.decode(block, ROOM).headers, list);
    return block.toHex();
  };
  start();
  assertEquals(start(), "bfbe");
  encoder.setMaxTableSize(65_536);
  assertEquals(start(), "bfbe");
  encoder.setMaxTableSize(0);
  assert(start().startsWith("20"));
  encoder.setMaxTableSize(36);
  assert(start().startsWith("3f05"));
  encoder.setMaxTableSize(100);
  encoder.setMaxTableSize(0);
  encoder.setMaxTableSize(4096);
  assert(start().startsWith("203fe11f"));
  assertEquals(start(), "bfbe");
  const small = new HpackEncoder(128);
  assert(small.encode(list).toHex().startsWith("3f61"));
});

Deno.test("HpackEncoder and HpackDecoder agree while entries come and go", () => {
  const encoder = new HpackEncoder();
  const decoder = new HpackDecoder();
  for (let round = 0; round < 2000; round++) {
    if (round % 97 === 0) encoder.setMaxTableSize((round * 31) % 5000);
    const list: HeaderField[] = [
      [":status", `${200 + round % 7}`],
      ["x-round", `${round}`],
      [`x-name-${round % 50}`, `${round % 3}`],
      ["x-long", "é".repeat(round % 900)],
      ["x-name-1", "1"],
    ];
    assertEquals(decoder.decode(encoder.encode(list), 1e6).headers, list);
  }
});

Deno.test("HpackEncoder refuses characters that are no octets", () => {
  const encoder = new HpackEncoder();
  assertThrows(() => encoder.encode([["x-a", "\u2026"]]), RangeError, "octets");
});
