/**
 * Connections whose client says too little.
 *
 * @module
 */
import type { Random } from "../helpers/random.ts";

const PREFACE = new TextEncoder().encode("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
const SETTINGS = new Uint8Array([0, 0, 0, 4, 0, 0, 0, 0, 0]);
/** The beginning of a frame that is longer than what comes of it. */
const HALF_FRAME = new Uint8Array([0, 64, 0, 1, 4, 0, 0, 0, 1, 1, 2, 3]);

/** Connects, says some part of what a client says, and keeps the connection open. */
export async function connectHalf(port: number, random: Random): Promise<Deno.Conn> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  const words = new Uint8Array([...PREFACE, ...SETTINGS, ...HALF_FRAME]);
  try {
    await conn.write(words.subarray(0, random.below(words.length + 1)));
  } catch (error) {
    conn.close();
    throw error;
  }
  return conn;
}
