import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  compressBuffer,
  decompressBuffer,
} from "../../flight/arrow/format/compression.ts";
import { FlightError } from "../../flight/errors.ts";
import { lz4Decode, lz4Encode } from "../../flight/arrow/format/lz4.ts";

/** Numbers that look like chance, and are always the same. */
function* noise(): Generator<number, never> {
  let state = 1;
  while (true) yield (state = Math.imul(state, 1664525) + 1013904223) >>> 24;
}

function bytesOf(length: number, value: (index: number) => number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => value(index));
}

/** Bytes of this length that compress well, somewhat, and not at all. */
function samples(length: number): Record<string, Uint8Array> {
  const random = noise();
  return {
    zeros: new Uint8Array(length),
    text: bytesOf(length, (index) => "earthquakes off Fiji"[index % 20].charCodeAt(0)),
    numbers: bytesOf(length, (index) => index % 4 === 0 ? index >> 4 : 0),
    mixed: bytesOf(length, (index) => index % 100 < 50 ? random.next().value : 7),
    noise: bytesOf(length, () => random.next().value),
  };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

const LENGTHS = [0, 1, 4, 5, 12, 13, 14, 15, 17, 64, 270, 285, 300, 5000, 70_000];

Deno.test("lz4Decode() gives back what lz4Encode() was given", () => {
  for (const length of [...LENGTHS, (4 << 20) + 5]) {
    for (const [name, bytes] of Object.entries(samples(length))) {
      const found = lz4Decode(lz4Encode(bytes), length);
      assert(found.every((byte, index) => byte === bytes[index]), `${length} ${name}`);
    }
  }
});

Deno.test("lz4Encode() makes bytes that repeat themselves small", () => {
  const { zeros, text, noise } = samples(70_000);
  assert(lz4Encode(zeros).length < 400);
  assert(lz4Encode(text).length < 400);
  assert(lz4Encode(noise).length <= noise.length + 15);
});

Deno.test("lz4Decode() reads frames with sizes and checksums", () => {
  // As the lz4 command writes "quakes, quakes, quakes\n", with all that it can add.
  const head = [0x04, 0x22, 0x4d, 0x18, 0x7c, 0x40, 23, 0, 0, 0, 0, 0, 0, 0, 0x99];
  const block = [0x89, ..."quakes, ".split("").map((char) => char.charCodeAt(0)), 8, 0];
  const tail = [0x20, ..."s\n".split("").map((char) => char.charCodeAt(0))];
  const size = block.length + tail.length;
  const checksum = [1, 2, 3, 4];
  const frame = [
    ...head,
    size,
    0,
    0,
    0,
    ...block,
    ...tail,
    ...checksum,
    0,
    0,
    0,
    0,
    ...checksum,
  ];
  const found = lz4Decode(Uint8Array.from(frame), 23);
  assertEquals(new TextDecoder().decode(found), "quakes, quakes, quakes\n");
});

Deno.test("lz4Decode() refuses frames of another length, or damaged ones", () => {
  const { mixed } = samples(300);
  const frame = lz4Encode(mixed);
  for (const length of [0, 299, 301, 10_000]) {
    assertThrows(() => lz4Decode(frame, length), SyntaxError);
  }
  for (let length = 0; length < frame.length; length++) {
    assertThrows(() => lz4Decode(frame.subarray(0, length), 300), SyntaxError);
  }
  for (let at = 0; at < frame.length; at++) {
    for (const flip of [1, 16, 128, 255]) {
      const damaged = new Uint8Array(frame);
      damaged[at] ^= flip;
      try {
        assertEquals(lz4Decode(damaged, 300).length, 300);
      } catch (error) {
        assert(error instanceof SyntaxError);
      }
    }
  }
});

Deno.test("decompressBuffer() gives back what compressBuffer() was given", () => {
  for (const compression of ["lz4", "zstd"] as const) {
    for (const length of LENGTHS) {
      for (const bytes of Object.values(samples(length))) {
        const buffer = joined(compressBuffer(bytes, compression));
        assertEquals(decompressBuffer(buffer, compression, "INTERNAL"), bytes);
      }
    }
  }
});

Deno.test("compressBuffer() leaves as it is what does not get smaller", () => {
  const { noise } = samples(300);
  for (const compression of ["lz4", "zstd"] as const) {
    const [prefix, bytes] = compressBuffer(noise, compression);
    assertEquals(new DataView(prefix.buffer).getBigInt64(0, true), -1n);
    assert(bytes === noise);
    assertEquals(compressBuffer(new Uint8Array(0), compression), []);
  }
});

Deno.test("decompressBuffer() refuses bytes that are not what they announce", () => {
  const { text } = samples(300);
  for (const compression of ["lz4", "zstd"] as const) {
    const good = joined(compressBuffer(text, compression));
    for (const announced of [299n, 301n, 10_000n, -2n, 1n << 62n]) {
      const bad = new Uint8Array(good);
      new DataView(bad.buffer).setBigInt64(0, announced, true);
      const error = assertThrows(
        () => decompressBuffer(bad, compression, "DATA_LOSS"),
        FlightError,
        "Cannot decompress a buffer",
      );
      assertEquals(error.code, "DATA_LOSS");
    }
    for (const length of [1, 7, 9, 12, good.length - 1]) {
      const cut = good.subarray(0, length);
      assertThrows(() => decompressBuffer(cut, compression, "DATA_LOSS"), FlightError);
    }
  }
});
