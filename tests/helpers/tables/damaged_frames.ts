/**
 * Decompresses frames of Zstandard that are damaged, many times, and prints by how many
 * bytes the process has grown. It is a program, as other tests would fill its memory.
 *
 * @module
 */
import {
  compressBuffer,
  decompressBuffer,
} from "../../../flight/arrow/compression/compression.ts";
import { joinBytes } from "../../../base/join_bytes.ts";
import { FlightError } from "../../../flight/errors.ts";

const WARM_UP = 2_000;
const TIMES = 10_000;

const text = new TextEncoder().encode("the same text ".repeat(400));
const damaged = joinBytes(compressBuffer(text, "zstd"));
damaged[damaged.length - 6] ^= 255;

async function refuse(times: number): Promise<void> {
  for (let time = 0; time < times; time++) {
    try {
      await decompressBuffer(damaged, "zstd", "DATA_LOSS");
    } catch (error) {
      if (error instanceof FlightError) continue;
      throw error;
    }
    throw new Error("Cannot go on: a damaged frame was decompressed");
  }
}

await refuse(WARM_UP);
const before = Deno.memoryUsage().rss;
await refuse(TIMES);
console.log(Deno.memoryUsage().rss - before);
