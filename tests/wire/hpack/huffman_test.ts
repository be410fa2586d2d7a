/** The Huffman code of header texts. */
import { assertEquals, assertThrows } from "@std/assert";
import {
  decodeHuffman,
  encodeHuffman,
  huffmanLength,
  maxDecodedLength,
} from "../../../wire/hpack/huffman.ts";

function encode(text: string): Uint8Array {
  const target = new Uint8Array(huffmanLength(text));
  assertEquals(encodeHuffman(text, target, 0), target.length);
  return target;
}

/** The text of this code; undefined when it is refused. */
function decode(bytes: Uint8Array): string | undefined {
  const target = new Uint8Array(maxDecodedLength(bytes.length));
  const length = decodeHuffman(bytes, { start: 0, end: bytes.length }, target);
  if (length === -1) return undefined;
  return String.fromCharCode(...target.subarray(0, length));
}

Deno.test("the examples of RFC 7541 have the codes that it says", () => {
  const examples = [
    ["www.example.com", "f1e3c2e5f23a6ba0ab90f4ff"],
    ["no-cache", "a8eb10649cbf"],
    ["custom-value", "25a849e95bb8e8b4bf"],
    ["Mon, 21 Oct 2013 20:13:21 GMT", "d07abe941054d444a8200595040b8166e082a62d1bff"],
    ["https://www.example.com", "9d29ad171863c78f0b97c8e9ae82ae43d3"],
  ];
  for (const [text, hex] of examples) {
    assertEquals(encode(text).toHex(), hex);
    assertEquals(decode(Uint8Array.fromHex(hex)), text);
  }
});

Deno.test("each octet, and each pair of octets, comes back", () => {
  for (let first = 0; first < 256; first++) {
    for (let second = 0; second < 256; second++) {
      const text = String.fromCharCode(first, second);
      assertEquals(decode(encode(text)), text);
    }
  }
  const all = String.fromCharCode(...Array.from({ length: 256 }, (_, index) => index));
  assertEquals(decode(encode(all)), all);
  assertEquals(decode(new Uint8Array()), "");
});

Deno.test("a code is padded by at most seven ones, and has no EOS", () => {
  // "0" and "a" have the codes 00000 and 00011, of five bits.
  const refused = {
    "padded by zeros": [0b00000_000],
    "padded by a zero and ones": [0b00011_011],
    "padded by eight ones": [0b00000_000, 0b11_111111, 0xff],
    "nothing but padding of an octet": [0xff],
    "EOS": [0xff, 0xff, 0xff, 0xff],
    "EOS behind an octet": [0b00000_111, 0xff, 0xff, 0xff, 0xff],
    "a code that is cut off": [0b00000_111, 0b11111_110],
  };
  for (const [name, bytes] of Object.entries(refused)) {
    assertEquals(decode(Uint8Array.from(bytes)), undefined, name);
  }
  assertEquals(decode(Uint8Array.of(0b00000_111)), "0");
});

Deno.test("huffmanLength() refuses what is no octet", () => {
  assertThrows(() => huffmanLength("a\u0100"), RangeError, "octets");
});
