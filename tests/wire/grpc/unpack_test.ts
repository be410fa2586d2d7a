/** Messages that are compressed by gRPC's own means. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { Buffer } from "node:buffer";
import { deflateSync, gunzipSync, gzipSync } from "node:zlib";
import { StatusError } from "../../../rpc/status.ts";
import { pack, unpack } from "../../../wire/grpc/unpack.ts";

const PACK = { gzip: gzipSync, deflate: deflateSync };
const ROOM = 1_000_000;

/** So many bytes that hardly get smaller. */
function noise(length: number): Uint8Array {
  let state = 1;
  return Uint8Array.from({ length }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return state;
  });
}

async function assertUnpackFails(
  bytes: Uint8Array,
  encoding: "gzip" | "deflate",
  { code, maxBytes = ROOM }: { code: string; maxBytes?: number },
): Promise<void> {
  const error = await assertRejects(
    () => unpack(bytes, { encoding, maxBytes }),
    StatusError,
  );
  assertEquals(error.code, code);
}

for (const encoding of ["gzip", "deflate"] as const) {
  Deno.test(`unpack() gives back what was compressed by ${encoding}, in memory of its own`, async () => {
    for (const length of [0, 1, 65_535, 65_536, 65_537, 300_000]) {
      for (const message of [noise(length), new Uint8Array(length)]) {
        const packed = PACK[encoding](message);
        const unpacked = await unpack(packed, { encoding, maxBytes: length });
        assert(Buffer.from(unpacked).equals(message), `${length}`);
        assertEquals(unpacked.buffer.byteLength, length);
      }
    }
  });

  Deno.test(`unpack() refuses more than it may by ${encoding}`, async () => {
    for (const length of [1, 65_537, 20_000_000]) {
      const packed = PACK[encoding](new Uint8Array(length));
      const refusal = { code: "RESOURCE_EXHAUSTED", maxBytes: length - 1 };
      await assertUnpackFails(packed, encoding, refusal);
    }
  });

  Deno.test(`unpack() refuses what ${encoding} has not made`, async () => {
    const packed = PACK[encoding](noise(1000));
    const spoiled = packed.slice();
    spoiled[500] ^= 0x10;
    const wrongSum = packed.slice();
    wrongSum[packed.length - (encoding === "gzip" ? 8 : 1)] ^= 1;
    const wrong = [
      new Uint8Array(),
      new Uint8Array(100),
      packed.subarray(0, 5),
      packed.subarray(0, -1),
      packed.subarray(1),
      spoiled,
      wrongSum,
    ];
    for (const bytes of wrong) {
      await assertUnpackFails(bytes, encoding, { code: "INTERNAL" });
    }
  });
}

Deno.test("unpack() counts a gzip stream of several members, which tells the last one's length", async () => {
  const members = [gzipSync(new Uint8Array(70_000).fill(1)), gzipSync(noise(10))];
  const packed = new Uint8Array(members.flatMap((member) => [...member]));
  const unpacked = await unpack(packed, { encoding: "gzip", maxBytes: ROOM });
  assertEquals(unpacked.length, 70_010);
  assertEquals(unpacked.subarray(70_000), noise(10));
  await assertUnpackFails(packed, "gzip", {
    code: "RESOURCE_EXHAUSTED",
    maxBytes: 70_009,
  });
});

Deno.test("unpack() refuses a gzip stream that tells the wrong length", async () => {
  for (const told of [0, 1, 999, 1001, 0xffffffff]) {
    const packed = Uint8Array.from(gzipSync(noise(1000)));
    new DataView(packed.buffer).setUint32(packed.length - 4, told, true);
    await assertUnpackFails(packed, "gzip", { code: "INTERNAL" });
  }
});

Deno.test("unpack() leaves turns to others, and stops when it is aborted", async () => {
  const packed = gzipSync(new Uint8Array(50_000_000));
  const controller = new AbortController();
  const reason = new Error("enough");
  let turns = 0;
  const turn = () => {
    if (++turns === 3) controller.abort(reason);
    else setImmediate(turn);
  };
  setImmediate(turn);
  const options = { maxBytes: 1e8, signal: controller.signal };
  const error = await assertRejects(() =>
    unpack(packed, { encoding: "gzip", ...options })
  );
  assertEquals(error, reason);
});

Deno.test("pack() compresses by gzip, unless that is longer", async () => {
  const zeros = new Uint8Array(1000);
  const packed = await pack(zeros);
  assert(packed !== undefined && packed.length < 100);
  assertEquals(new Uint8Array(gunzipSync(packed)), zeros);
  assertEquals(await pack(noise(100)), undefined);
});
