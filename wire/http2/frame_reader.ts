/**
 * Frames from the bytes of a socket (RFC 9113, 4.1).
 *
 * @module
 */
import { ErrorCode } from "./error_codes.ts";
import {
  ConnectionError,
  FLAG,
  FRAME,
  FRAME_HEAD_BYTES,
  MAX_STREAM_ID,
} from "./frames.ts";
import { OUR_MAX_FRAME_SIZE } from "./settings.ts";
import { Rests } from "./rests.ts";
import type { Socket } from "../sockets/socket.ts";

/** A connection that is silent has a small buffer, one that is busy a large one. */
const MIN_BUFFER_BYTES = 4 * 1024;
const MAX_BUFFER_BYTES = 256 * 1024;
/** After so many reads that would have fitted into the small buffer it is enough again. */
const MAX_SMALL_READS = 64;
/** So much of a payload is read straight to where it stays; less is not worth a read. */
const MIN_DIRECT_BYTES = 16 * 1024;
/**
 * Behind a payload that was read so, another one comes mostly: no more is read with its
 * frame's head, as that has to be copied.
 */
const HEAD_READ_BYTES = 4 * 1024;

/** What is told of each frame. What it throws ends the reading. */
export interface FrameSink {
  /**
   * A frame other than DATA begins. Gives whether its payload is wanted; if it is not,
   * it is passed over.
   */
  frameHead(type: number, flags: number, stream: number, length: number): boolean;
  /** A frame other than DATA is whole. Its payload is valid during the call. */
  frame(type: number, flags: number, stream: number, payload: Uint8Array): void;
  /** A DATA frame begins, of so many bytes with so many of padding. */
  dataBegin(stream: number, endStream: boolean, length: number, padding: number): void;
  /** Bytes of its payload, valid during the call. */
  data(bytes: Uint8Array): void;
  /** Where to read the next bytes to; undefined when they are to be given to `data`. */
  dataTarget(most: number): Uint8Array | undefined;
  /** So many bytes were read to the target. */
  dataRead(bytes: number): void;
  /** The DATA frame is whole. */
  dataEnd(): void;
  /** All frames that have come were told. */
  passEnd(): void;
}

/** Reads a socket's frames, all that came with one read in one go. */
export class FrameReader {
  readonly #socket: Socket;
  readonly #sink: FrameSink;
  readonly #rests: Rests;
  #buffer: Uint8Array = new Uint8Array(MIN_BUFFER_BYTES);
  #start = 0;
  #end = 0;
  #smallReads = 0;
  /** Whether the last bytes were read straight to where they stay. */
  #wasDirect = false;
  /** Whether a DATA frame has begun, and how much of its payload is to come. */
  #isInData = false;
  #dataLeft = 0;
  /** Padding, or the payload of a frame that is not wanted. */
  #skipLeft = 0;
  /** How many bytes the frame at the start needs, when it is not whole. */
  #needed = 0;

  /** A reader that tells this sink of the frames. */
  constructor(socket: Socket, sink: FrameSink, rests: Rests = new Rests()) {
    this.#socket = socket;
    this.#sink = sink;
    this.#rests = rests;
  }

  /**
   * Reads at least so many bytes before the first frame, such as the preface.
   * Gives fewer when the peer ends before, or when `isEnough` says so.
   */
  async first(
    length: number,
    isEnough: (bytes: Uint8Array) => boolean,
  ): Promise<Uint8Array> {
    while (this.#end < length && !isEnough(this.#buffer.subarray(0, this.#end))) {
      const count = await this.#socket.read(this.#buffer.subarray(this.#end));
      if (count === null) break;
      this.#end += count;
    }
    return this.#buffer.subarray(0, this.#end);
  }

  /** Passes over so many bytes that `first` gave. */
  skip(length: number): void {
    this.#start += length;
  }

  /**
   * Reads until the peer closes its side.
   *
   * @throws {Error} when the connection is lost, or what the sink throws.
   */
  async run(): Promise<void> {
    while (true) {
      this.#parse();
      this.#sink.passEnd();
      const target = this.#dataLeft < MIN_DIRECT_BYTES
        ? undefined
        : this.#sink.dataTarget(this.#dataLeft);
      const count = await this.#socket.read(target ?? this.#room());
      if (count === null) return;
      if (target === undefined) {
        if (!this.#wasDirect) {
          this.#smallReads = count <= MIN_BUFFER_BYTES ? this.#smallReads + 1 : 0;
        }
        this.#end += count;
      } else {
        this.#dataLeft -= count;
        this.#sink.dataRead(count);
      }
      this.#wasDirect = target !== undefined;
      if (count >= MIN_DIRECT_BYTES && this.#rests.isDue) await this.#rests.take();
    }
  }

  /** Tells the sink all that is in the buffer. */
  #parse(): void {
    while (true) {
      if (this.#dataLeft > 0) {
        const count = Math.min(this.#dataLeft, this.#end - this.#start);
        if (count === 0) return;
        this.#dataLeft -= count;
        this.#start += count;
        this.#sink.data(this.#buffer.subarray(this.#start - count, this.#start));
        if (this.#dataLeft > 0) return;
      }
      if (this.#skipLeft > 0) {
        const count = Math.min(this.#skipLeft, this.#end - this.#start);
        this.#skipLeft -= count;
        this.#start += count;
        if (this.#skipLeft > 0) return;
      }
      if (this.#isInData) {
        this.#isInData = false;
        this.#sink.dataEnd();
      }
      if (!this.#parseFrame()) return;
    }
  }

  /** Begins the next frame. False when more has to come before. */
  #parseFrame(): boolean {
    const available = this.#end - this.#start;
    if (available < Math.max(FRAME_HEAD_BYTES, this.#needed)) return false;
    const at = this.#start;
    const buffer = this.#buffer;
    const length = buffer[at] << 16 | buffer[at + 1] << 8 | buffer[at + 2];
    const type = buffer[at + 3];
    const flags = buffer[at + 4];
    // The first bit is reserved (RFC 9113, 4.1).
    const stream = (buffer[at + 5] << 24 | buffer[at + 6] << 16 |
      buffer[at + 7] << 8 | buffer[at + 8]) & MAX_STREAM_ID;
    if (this.#needed > 0) {
      this.#needed = 0;
      this.#start += FRAME_HEAD_BYTES + length;
      this.#sink.frame(
        type,
        flags,
        stream,
        buffer.subarray(at + FRAME_HEAD_BYTES, this.#start),
      );
      return true;
    }
    if (length > OUR_MAX_FRAME_SIZE) {
      throw new ConnectionError(
        ErrorCode.FRAME_SIZE_ERROR,
        `a frame of ${length} bytes`,
      );
    }
    if (type === FRAME.DATA) return this.#beginData(length, flags, stream);
    if (this.#sink.frameHead(type, flags, stream, length)) {
      this.#needed = FRAME_HEAD_BYTES + length;
    } else {
      this.#start += FRAME_HEAD_BYTES;
      this.#skipLeft = length;
    }
    return true;
  }

  #beginData(length: number, flags: number, stream: number): boolean {
    const isPadded = (flags & FLAG.PADDED) !== 0 && length > 0;
    const headBytes = FRAME_HEAD_BYTES + (isPadded ? 1 : 0);
    if (this.#end - this.#start < headBytes) return false;
    // The padding's length counts as padding (RFC 9113, 6.1).
    const padding = isPadded ? 1 + this.#buffer[this.#start + FRAME_HEAD_BYTES] : 0;
    if (padding > length || ((flags & FLAG.PADDED) !== 0 && length === 0)) {
      throw new ConnectionError(
        ErrorCode.PROTOCOL_ERROR,
        "padding larger than its frame",
      );
    }
    this.#start += headBytes;
    this.#isInData = true;
    this.#dataLeft = length - padding;
    this.#skipLeft = isPadded ? padding - 1 : 0;
    this.#sink.dataBegin(stream, (flags & FLAG.END_STREAM) !== 0, length, padding);
    return true;
  }

  /** Where in the buffer the next bytes go, with room for the frame that has begun. */
  #room(): Uint8Array {
    const kept = this.#end - this.#start;
    const isFull = this.#end === this.#buffer.length;
    let size = this.#buffer.length;
    if (isFull && size < MAX_BUFFER_BYTES) size = Math.min(4 * size, MAX_BUFFER_BYTES);
    if (this.#smallReads > MAX_SMALL_READS) size = MIN_BUFFER_BYTES;
    size = Math.max(size, this.#needed);
    if (size !== this.#buffer.length) {
      const larger = new Uint8Array(size);
      larger.set(this.#buffer.subarray(this.#start, this.#end));
      this.#buffer = larger;
    } else if (kept > 0 && this.#start > 0) {
      this.#buffer.copyWithin(0, this.#start, this.#end);
    }
    this.#start = 0;
    this.#end = kept;
    const most = this.#wasDirect ? kept + HEAD_READ_BYTES : size;
    return this.#buffer.subarray(kept, most);
  }
}
