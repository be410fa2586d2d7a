/** LZ4 and Zstandard frames, and the compressed buffers that have them. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  compressBuffer,
  decompressBuffer,
} from "../../flight/arrow/compression/compression.ts";
import { lz4Decode } from "../../flight/arrow/compression/lz4_decode.ts";
import { lz4Encode } from "../../flight/arrow/compression/lz4_encode.ts";
import { xxh32 } from "../../flight/arrow/compression/xxh32.ts";
import { zstdDecode, zstdEncode } from "../../flight/arrow/compression/zstd.ts";
import { FlightError } from "../../flight/errors.ts";

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

const QUAKES = new TextEncoder().encode("quakes, quakes, quakes\n");
/** QUAKES as the reference implementations write it, with all sizes and checksums. */
const FRAME = {
  lz4: Uint8Array.fromHex(
    "04224d187c401700000000000000f011000000867175616b65732c20080050616b65730afdbb977f" +
      "0000000026343284",
  ),
  zstd: Uint8Array.fromHex("28b52ffd24177d0000487175616b65732c200a0100930b170a26562e"),
};
/** The same without size and checksum. */
const BARE_ZSTD = Uint8Array.fromHex(
  "28b52ffd00007d0000487175616b65732c200a0100930b17",
);
/** QUAKES three times, in a frame whose blocks may refer to those before. */
const LINKED_FRAME = Uint8Array.fromHex(
  "04224d186440a71c0000008a7175616b65732c2008001a0a0f00041f000f17000050616b65730a" +
    "00000000e3e71c58",
);
/** A frame for an application, with five bytes. */
const SKIPPABLE = Uint8Array.fromHex("532a4d1805000000736b697073");

const DECODERS = {
  lz4: (bytes: Uint8Array, length: number) =>
    Promise.try(() => lz4Decode(bytes, length)),
  zstd: zstdDecode,
};

Deno.test("xxh32() gives the values of the reference implementation", () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  assertEquals(xxh32(bytes("")), 0x02cc5d05);
  assertEquals(xxh32(bytes("a")), 0x550d7456);
  assertEquals(xxh32(bytes("abc")), 0x32d153ff);
  assertEquals(xxh32(bytes("Nobody inspects the spammish repetition")), 0xe2293b2f);
  assertEquals(xxh32(Uint8Array.from({ length: 200 }, (_, at) => at)), 0xc0a2f79c);
});

Deno.test("lz4Decode() reads frames with sizes, checksums, and blocks that refer back", () => {
  assertEquals(lz4Decode(FRAME.lz4, 23), QUAKES);
  assertEquals(lz4Decode(LINKED_FRAME, 69), joined([QUAKES, QUAKES, QUAKES]));
});

Deno.test("zstdDecode() reads frames with and without sizes and checksums", async () => {
  for (const frame of [FRAME.zstd, BARE_ZSTD]) {
    assertEquals(await zstdDecode(frame, 23), QUAKES);
  }
});

for (const name of ["lz4", "zstd"] as const) {
  const decode = DECODERS[name];
  const frame = FRAME[name];

  Deno.test(`${name}Decode() reads several frames, and passes over skippable ones`, async () => {
    const empty = name === "lz4"
      ? lz4Encode(new Uint8Array(0))
      : zstdEncode(new Uint8Array(0));
    const cases: [number, Uint8Array[]][] = [
      [2, [frame, frame]],
      [3, [frame, SKIPPABLE, frame, frame, SKIPPABLE]],
      [1, [SKIPPABLE, frame]],
      [1, [SKIPPABLE, SKIPPABLE, frame, SKIPPABLE]],
      [1, [frame, SKIPPABLE]],
      [1, [empty, frame, empty]],
    ];
    for (const [times, frames] of cases) {
      const found = await decode(joined(frames), 23 * times);
      assertEquals(found, joined(Array(times).fill(QUAKES)));
    }
  });

  Deno.test(`${name}Decode() refuses several frames of another length in all`, async () => {
    for (const length of [1, 22, 24, 45, 47, 69]) {
      await assertRejects(() => decode(joined([frame, frame]), length));
    }
    await assertRejects(() => decode(SKIPPABLE, 1));
  });

  Deno.test(`${name}Decode() refuses frames that are cut off, also in a checksum`, async () => {
    for (let length = 0; length < frame.length; length++) {
      const cut = frame.subarray(0, length);
      await assertRejects(() => decode(cut, 23));
      if (length > 0) await assertRejects(() => decode(joined([frame, cut]), 23));
      await assertRejects(() => decode(joined([SKIPPABLE, cut]), 23));
    }
    for (let length = 1; length < SKIPPABLE.length; length++) {
      const cut = SKIPPABLE.subarray(0, length);
      await assertRejects(() => decode(joined([frame, cut]), 23));
    }
  });

  Deno.test(`${name}Decode() refuses what follows after the frames`, async () => {
    for (const more of [[0], [1, 2, 3, 4], [0, 0, 0, 0, 0, 0, 0, 0]]) {
      await assertRejects(() => decode(joined([frame, Uint8Array.from(more)]), 23));
    }
  });

  Deno.test(`${name}Decode() finds damage by the checksums`, async () => {
    for (let at = 0; at < frame.length; at++) {
      for (const flip of [1, 16, 128, 255]) {
        const damaged = new Uint8Array(frame);
        damaged[at] ^= flip;
        const found = await decode(damaged, 23).catch(() => undefined);
        // Some bits of a header say nothing about the content.
        if (found !== undefined) assertEquals(found, QUAKES, `${flip} at ${at}`);
      }
    }
  });
}

Deno.test("lz4Decode() keeps a frame from reaching into the one before", () => {
  // A block that copies 8 bytes from 8 bytes before, where the frame has none yet.
  const block = Uint8Array.of(0x04, 8, 0, 0x50, 1, 2, 3, 4, 5);
  const head = Uint8Array.fromHex("04224d186070730900000000000000").subarray(0, 11);
  const reaching = joined([head, block, new Uint8Array(4)]);
  assertThrows(() => lz4Decode(joined([lz4Encode(QUAKES), reaching]), 23 + 13));
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

Deno.test("decompressBuffer() gives back what compressBuffer() was given", async () => {
  for (const compression of ["lz4", "zstd"] as const) {
    for (const length of LENGTHS) {
      for (const bytes of Object.values(samples(length))) {
        const buffer = joined(compressBuffer(bytes, compression));
        assertEquals(await decompressBuffer(buffer, compression, "INTERNAL"), bytes);
      }
    }
  }
});

Deno.test("compressBuffer() does not compress bytes that would not get smaller", () => {
  const { noise } = samples(300);
  for (const compression of ["lz4", "zstd"] as const) {
    const [prefix, bytes] = compressBuffer(noise, compression);
    assertEquals(new DataView(prefix.buffer).getBigInt64(0, true), -1n);
    assert(bytes === noise);
    assertEquals(compressBuffer(new Uint8Array(0), compression), []);
  }
});

Deno.test("decompressBuffer() refuses bytes that are not what they announce", async () => {
  const { text } = samples(300);
  for (const compression of ["lz4", "zstd"] as const) {
    const good = joined(compressBuffer(text, compression));
    for (const announced of [299n, 301n, 10_000n, -2n, 1n << 62n]) {
      const bad = new Uint8Array(good);
      new DataView(bad.buffer).setBigInt64(0, announced, true);
      const error = await assertRejects(
        () => decompressBuffer(bad, compression, "DATA_LOSS"),
        FlightError,
        "Cannot decompress a buffer",
      );
      assertEquals(error.code, "DATA_LOSS");
    }
    for (const length of [1, 7, 9, 12, good.length - 1]) {
      const cut = good.subarray(0, length);
      await assertRejects(
        () => decompressBuffer(cut, compression, "DATA_LOSS"),
        FlightError,
      );
    }
  }
});
