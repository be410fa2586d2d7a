/**
 * Connections whose client may not call: it is told why, by the answer to its first call.
 *
 * TLS could tell it as well, if `node:tls` had alerts to send: it closes connections
 * without a word. A GOAWAY alone would not do, as gRPC in C++ connects again at once after
 * it, for ever.
 *
 * @module
 */
import { CallHeaders } from "../rpc/call_headers.ts";
import { writeTrailersOnly } from "./grpc/response_headers.ts";
import { HpackEncoder } from "./hpack/hpack_encoder.ts";
import { ErrorCode } from "./http2/error_codes.ts";
import {
  FRAME,
  FRAME_HEAD_BYTES,
  MAX_STREAM_ID,
  PREFACE,
  writeGoAway,
  writeHeaders,
  writeSettings,
  writeSettingsAck,
} from "./http2/frames.ts";
import { OutBuffer } from "./http2/out_buffer.ts";
import type { Socket } from "./sockets/socket.ts";

/** How much of what a client sends is looked at for its first call, and after it. */
const MAX_BYTES = 256 * 1024;
const BUFFER_BYTES = 16 * 1024;
const MAX_FRAME_SIZE = 16 * 1024;

/**
 * Answers the first call with UNAUTHENTICATED, and closes the connection. Of all that the
 * client sends only the heads of frames are looked at. It never rejects.
 */
export async function refuseConnection(socket: Socket, reason: string): Promise<void> {
  const out = new OutBuffer();
  try {
    writeSettings(out, []);
    await socket.write(out.parts());
    out.clear();
    const bytes = new BoundedBytes(socket);
    const stream = await firstStream(bytes);
    if (stream === undefined) return;
    const block = new HpackEncoder(0).encode(writeTrailersOnly({
      code: "UNAUTHENTICATED",
      message: `Cannot accept the call: ${reason}`,
      trailers: new CallHeaders(),
    }));
    writeSettingsAck(out);
    writeHeaders(out, stream, block, { endStream: true, maxFrameSize: MAX_FRAME_SIZE });
    writeGoAway(out, stream, ErrorCode.NO_ERROR, reason);
    await socket.write(out.parts());
    await socket.closeWrite();
    // To close with unread bytes would reset the connection, and take the answer back.
    await bytes.skipAll();
  } catch {
    // The client has left, or its time is over.
  } finally {
    socket.close();
  }
}

/** The stream of the first call; undefined when there is none. */
async function firstStream(bytes: BoundedBytes): Promise<number | undefined> {
  const preface = await bytes.take(PREFACE.length);
  if (!preface?.every((byte, at) => byte === PREFACE[at])) return undefined;
  while (true) {
    const head = await bytes.take(FRAME_HEAD_BYTES);
    if (head === undefined) return undefined;
    const view = new DataView(head.buffer, head.byteOffset, head.length);
    const stream = view.getUint32(5) & MAX_STREAM_ID;
    // Those that a server opens are even.
    if (view.getUint8(3) === FRAME.HEADERS) {
      return stream % 2 === 1 ? stream : undefined;
    }
    if (await bytes.take(view.getUint32(0) >>> 8) === undefined) return undefined;
  }
}

/** The first bytes of a socket. */
class BoundedBytes {
  readonly #socket: Socket;
  #buffer: Uint8Array = new Uint8Array(BUFFER_BYTES);
  #start = 0;
  #end = 0;
  #left = MAX_BYTES;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** The next bytes; undefined when there are not so many, or they are too many. */
  async take(length: number): Promise<Uint8Array | undefined> {
    if (length > this.#buffer.length) return undefined;
    if (this.#start + length > this.#buffer.length) {
      this.#buffer.copyWithin(0, this.#start, this.#end);
      this.#end -= this.#start;
      this.#start = 0;
    }
    while (this.#end - this.#start < length) {
      const count = await this.#read(this.#buffer.subarray(this.#end));
      if (count === 0) return undefined;
      this.#end += count;
    }
    this.#start += length;
    return this.#buffer.subarray(this.#start - length, this.#start);
  }

  /** Reads until the client closes its side. */
  async skipAll(): Promise<void> {
    while (await this.#read(this.#buffer) > 0);
  }

  async #read(target: Uint8Array): Promise<number> {
    if (this.#left <= 0) return 0;
    const count = await this.#socket.read(target) ?? 0;
    this.#left -= count;
    return count;
  }
}
