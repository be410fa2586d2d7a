/**
 * HTTP/2's frames: their types, flags and codes, and how each is written
 * (RFC 9113, 4 and 6).
 *
 * @module
 */
import { ErrorCode } from "./error_codes.ts";
import type { OutBuffer } from "./out_buffer.ts";

/** The types of frames (RFC 9113, 6). */
export const FRAME = {
  DATA: 0,
  HEADERS: 1,
  PRIORITY: 2,
  RST_STREAM: 3,
  SETTINGS: 4,
  PUSH_PROMISE: 5,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
} as const;

/** The flags of frames. Which of them a frame has depends on its type. */
export const FLAG = {
  ACK: 0x1,
  END_STREAM: 0x1,
  END_HEADERS: 0x4,
  PADDED: 0x8,
  PRIORITY: 0x20,
} as const;

/** What a client says first of all (RFC 9113, 3.4). */
export const PREFACE: Uint8Array = new TextEncoder().encode(
  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
);

/** How many bytes stand before each frame's payload (RFC 9113, 4.1). */
export const FRAME_HEAD_BYTES = 9;
/** The largest number of a stream. */
export const MAX_STREAM_ID: number = 2 ** 31 - 1;

/** The peer broke a rule in such a way that the connection has to end (RFC 9113, 5.4.1). */
export class ConnectionError extends Error {
  /** The code that GOAWAY tells the peer. */
  readonly code: number;

  /** An error with this code, and what the peer did. */
  constructor(code: number, message: string) {
    super(message);
    this.name = "ConnectionError";
    this.code = code;
  }
}

/** The error of a peer that broke a rule without a code of its own. */
export function protocolError(message: string): ConnectionError {
  return new ConnectionError(ErrorCode.PROTOCOL_ERROR, message);
}

/** The peer broke a rule of one stream, which is reset (RFC 9113, 5.4.2). */
export class StreamError extends Error {
  /** The stream's number. */
  readonly stream: number;
  /** The code that RST_STREAM tells the peer. */
  readonly code: number;

  /** An error of this stream with this code, and what the peer did. */
  constructor(stream: number, code: number, message: string) {
    super(message);
    this.name = "StreamError";
    this.stream = stream;
    this.code = code;
  }
}

/** Writes a setting for each of these pairs of its number and value. */
export function writeSettings(
  out: OutBuffer,
  settings: readonly (readonly [id: number, value: number])[],
): void {
  out.frameHead(6 * settings.length, FRAME.SETTINGS, 0, 0);
  for (const [id, value] of settings) {
    out.uint16(id);
    out.uint32(value);
  }
}

/** Tells the peer that its settings are in effect. */
export function writeSettingsAck(out: OutBuffer): void {
  out.frameHead(0, FRAME.SETTINGS, FLAG.ACK, 0);
}

/** Writes a ping, or the answer to one, with its eight bytes. */
export function writePing(out: OutBuffer, data: Uint8Array, isAck: boolean): void {
  out.frameHead(8, FRAME.PING, isAck ? FLAG.ACK : 0, 0);
  out.bytes(data);
}

/** Tells the peer the last stream that was taken, and why no more are. */
export function writeGoAway(
  out: OutBuffer,
  lastStream: number,
  code: number,
  reason: string,
): void {
  const debug = new TextEncoder().encode(reason);
  out.frameHead(8 + debug.length, FRAME.GOAWAY, 0, 0);
  out.uint32(lastStream);
  out.uint32(code);
  out.bytes(debug);
}

/** Gives the peer credit: for a stream, or with 0 for the connection. */
export function writeWindowUpdate(out: OutBuffer, stream: number, bytes: number): void {
  out.frameHead(4, FRAME.WINDOW_UPDATE, 0, stream);
  out.uint32(bytes);
}

/** Ends a stream at once. */
export function writeReset(out: OutBuffer, stream: number, code: number): void {
  out.frameHead(4, FRAME.RST_STREAM, 0, stream);
  out.uint32(code);
}

/** Writes a block of headers: HEADERS, and CONTINUATION for what is too long for it. */
export function writeHeaders(
  out: OutBuffer,
  stream: number,
  block: Uint8Array,
  { endStream, maxFrameSize }: {
    readonly endStream: boolean;
    readonly maxFrameSize: number;
  },
): void {
  let type: number = FRAME.HEADERS;
  let flags = endStream ? FLAG.END_STREAM : 0;
  for (let at = 0; at === 0 || at < block.length; at += maxFrameSize) {
    const end = Math.min(at + maxFrameSize, block.length);
    if (end === block.length) flags |= FLAG.END_HEADERS;
    out.frameHead(end - at, type, flags, stream);
    out.bytes(block.subarray(at, end));
    type = FRAME.CONTINUATION;
    flags = 0;
  }
}
