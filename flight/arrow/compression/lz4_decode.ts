/**
 * Reads the LZ4 frame format, which Arrow uses to compress buffers. It is written here
 * because a decoder of bytes from strangers has to stop at the length that they have
 * announced, and the JavaScript packages do not.
 *
 * @module
 */
import {
  LZ4_MAGIC,
  MIN_LONG_COPY,
  MIN_MATCH,
  UNCOMPRESSED_BLOCK,
} from "./lz4_frame.ts";
import { endOfSkippableFrame } from "./skippable_frame.ts";
import { xxh32 } from "./xxh32.ts";

/**
 * The `length` bytes that these frames hold, one after the other. Skippable frames are
 * passed over, and checksums are verified.
 *
 * @throws {SyntaxError} when a frame is damaged, when the frames hold more bytes or
 * fewer, and when they are followed by anything else.
 */
export function lz4Decode(source: Uint8Array, length: number): Uint8Array {
  const decoder = new Decoder(source, length);
  do decoder.frame(); while (!decoder.isAtEnd);
  return decoder.result();
}

/** Reads the frames of one buffer. */
class Decoder {
  readonly #source: Uint8Array;
  readonly #view: DataView;
  readonly #target: Uint8Array;
  #at = 0;
  #written = 0;

  constructor(source: Uint8Array, length: number) {
    this.#source = source;
    this.#view = new DataView(source.buffer, source.byteOffset, source.byteLength);
    this.#target = new Uint8Array(length);
  }

  get isAtEnd(): boolean {
    return this.#at === this.#source.length;
  }

  result(): Uint8Array {
    if (this.#written !== this.#target.length) throw damaged();
    return this.#target;
  }

  frame(): void {
    const end = endOfSkippableFrame(this.#view, this.#at);
    if (end !== undefined) this.#take(end - this.#at);
    else this.#dataFrame();
  }

  #dataFrame(): void {
    if (this.#uint32() !== LZ4_MAGIC) {
      throw new SyntaxError("Cannot read an LZ4 frame: it does not start as one");
    }
    const [flags] = this.#source.subarray(this.#at);
    if (flags >> 6 !== 1) {
      throw new SyntaxError(
        `Cannot read an LZ4 frame: its version is ${flags >> 6}, not 1`,
      );
    }
    const hasContentSize = (flags & 8) !== 0;
    const hasDictionaryId = (flags & 1) !== 0;
    const descriptor = this.#take(
      2 + (hasContentSize ? 8 : 0) + (hasDictionaryId ? 4 : 0),
    );
    const [checksum] = this.#take(1);
    if ((xxh32(descriptor) >> 8 & 0xff) !== checksum) throw damaged();
    const start = this.#written;
    this.#blocks(start, (flags & 16) !== 0);
    if ((flags & 4) !== 0) {
      this.#verify(this.#target.subarray(start, this.#written));
    }
    if (hasContentSize) {
      const { buffer, byteOffset } = descriptor;
      const size = new DataView(buffer, byteOffset + 2, 8).getBigUint64(0, true);
      if (size !== BigInt(this.#written - start)) throw damaged();
    }
  }

  /** Reads blocks up to the end mark. They may refer to bytes from `start` on. */
  #blocks(start: number, hasChecksums: boolean): void {
    while (true) {
      const word = this.#uint32();
      if (word === 0) return;
      const block = this.#take(word % UNCOMPRESSED_BLOCK);
      if (hasChecksums) this.#verify(block);
      if (word < UNCOMPRESSED_BLOCK) {
        this.#written = decodeBlock(block, this.#target, start, this.#written);
      } else {
        if (this.#written + block.length > this.#target.length) throw damaged();
        this.#target.set(block, this.#written);
        this.#written += block.length;
      }
    }
  }

  /** Reads the checksum of these bytes. */
  #verify(bytes: Uint8Array): void {
    if (this.#uint32() !== xxh32(bytes)) {
      throw new SyntaxError("Cannot read an LZ4 frame: a checksum does not fit");
    }
  }

  #uint32(): number {
    const { byteOffset } = this.#take(4);
    return this.#view.getUint32(byteOffset - this.#view.byteOffset, true);
  }

  #take(length: number): Uint8Array {
    const start = this.#at;
    if (start + length > this.#source.length) throw damaged();
    this.#at += length;
    return this.#source.subarray(start, this.#at);
  }
}

/**
 * Reads a block into `target`, after the bytes that were written, and gives where it ends
 * there. It may refer to what was written from `start` on.
 */
function decodeBlock(
  source: Uint8Array,
  target: Uint8Array,
  start: number,
  written: number,
): number {
  const size = target.length;
  const end = source.length;
  let at = 0;
  while (at < end) {
    const token = source[at++];
    let literals = token >> 4;
    if (literals === 15) {
      let more = 255;
      while (more === 255) {
        if (at >= end) throw damaged();
        literals += more = source[at++];
      }
    }
    if (literals > end - at || literals > size - written) throw damaged();
    if (literals < MIN_LONG_COPY) {
      for (const to = at + literals; at < to;) target[written++] = source[at++];
    } else {
      target.set(source.subarray(at, at + literals), written);
      written += literals;
      at += literals;
    }
    if (at === end) break;

    if (at + 2 > end) throw damaged();
    const distance = source[at] | source[at + 1] << 8;
    at += 2;
    let length = MIN_MATCH + (token & 15);
    if (length === MIN_MATCH + 15) {
      let more = 255;
      while (more === 255) {
        if (at >= end) throw damaged();
        length += more = source[at++];
      }
    }
    if (distance === 0 || distance > written - start || length > size - written) {
      throw damaged();
    }
    let from = written - distance;
    const to = written + length;
    if (length < MIN_LONG_COPY) {
      while (written < to) target[written++] = target[from++];
    } else {
      // A repetition is copied in steps, each as long as all that is there already.
      while (written < to) {
        const step = Math.min(written - from, to - written);
        target.copyWithin(written, from, from + step);
        written += step;
      }
    }
  }
  return written;
}

function damaged(): SyntaxError {
  return new SyntaxError(
    "Cannot read an LZ4 frame: it is damaged, or not as long as announced",
  );
}
