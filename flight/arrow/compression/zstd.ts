/**
 * Zstandard, which Arrow uses to compress buffers, by means of node:zlib. That reads
 * one frame, does not say where it has ended, and accepts one that was cut off in its
 * checksum: so frames are taken apart here.
 *
 * @module
 */
import { constants, zstdCompressSync, zstdDecompress } from "node:zlib";
import { joinBytes } from "../../../base/join_bytes.ts";
import { endOfSkippableFrame } from "./skippable_frame.ts";

const MAGIC = 0xfd2fb528;
const CHECKSUM_BYTES = 4;
const BLOCK_HEADER_BYTES = 3;
/** The types of blocks that are not as long as their header says. */
const REPEATED_BYTE = 1;
const RESERVED = 3;
/** The bytes of a dictionary's id, and of the content's size, by their flags. */
const DICTIONARY_ID_BYTES = [0, 1, 2, 4];
const CONTENT_SIZE_BYTES = [0, 2, 4, 8];
/** How much memory is taken for the result at a time. */
const MAX_CHUNK = 1 << 20;
const MIN_CHUNK = 64;

/** These bytes as one frame. */
export function zstdEncode(bytes: Uint8Array): Uint8Array {
  return zstdCompressSync(bytes, {
    params: { [constants.ZSTD_c_compressionLevel]: 1 },
  });
}

/**
 * The `length` bytes that these frames hold, one after the other. Skippable frames are
 * passed over, and checksums are verified.
 *
 * @throws {Error} when a frame is damaged, when the frames hold more bytes or fewer,
 * and when they are followed by anything else.
 */
export async function zstdDecode(
  bytes: Uint8Array,
  length: number,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let missing = length;
  for (const frame of frames(bytes)) {
    const part = await decodeFrame(frame, missing);
    parts.push(part);
    missing -= part.length;
  }
  if (missing !== 0) throw new RangeError(`${missing} bytes of ${length} are missing`);
  return joinBytes(parts);
}

/**
 * The content of a frame, of no more bytes than are left. The function without a
 * callback would keep some 20 KB of memory for each frame that is damaged.
 */
function decodeFrame(frame: Uint8Array, left: number): Promise<Uint8Array> {
  const options = {
    // 0 is no length that zlib takes.
    maxOutputLength: Math.max(1, left),
    // In a chunk that is just full zlib would look for more.
    chunkSize: Math.max(MIN_CHUNK, Math.min(MAX_CHUNK, left + 1)),
  };
  return new Promise((resolve, reject) => {
    zstdDecompress(frame, options, (error, result) => {
      if (error !== null) return reject(error);
      const { buffer, byteOffset, byteLength } = result;
      if (byteLength > left) reject(new RangeError(`more than ${left} bytes came out`));
      else resolve(new Uint8Array(buffer, byteOffset, byteLength));
    });
  });
}

/** The frames in these bytes, without those that are to be skipped. */
function* frames(bytes: Uint8Array): Generator<Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  while (at < bytes.length) {
    const skipped = endOfSkippableFrame(view, at);
    const end = skipped ?? endOfFrame(view, at);
    if (end > bytes.length) throw new RangeError("a frame was cut off");
    if (skipped === undefined) yield bytes.subarray(at, end);
    at = end;
  }
}

/** Where the frame ends that starts at this byte. Reading beyond the bytes throws. */
function endOfFrame(view: DataView, start: number): number {
  if (view.getUint32(start, true) !== MAGIC) {
    throw new RangeError("no frame starts here");
  }
  const flags = view.getUint8(start + 4);
  const isSingleSegment = (flags & 32) !== 0;
  const hasChecksum = (flags & 4) !== 0;
  const contentSize = CONTENT_SIZE_BYTES[flags >> 6] || Number(isSingleSegment);
  let at = start + 5 + Number(!isSingleSegment) + DICTIONARY_ID_BYTES[flags & 3] +
    contentSize;
  while (true) {
    const header = view.getUint16(at, true) | view.getUint8(at + 2) << 16;
    const type = header >> 1 & 3;
    if (type === RESERVED) throw new RangeError("a block is of no known type");
    at += BLOCK_HEADER_BYTES + (type === REPEATED_BYTE ? 1 : header >> 3);
    if ((header & 1) !== 0) return at + (hasChecksum ? CHECKSUM_BYTES : 0);
  }
}
