/**
 * Blocks of headers: HEADERS and the CONTINUATION frames that follow (RFC 9113, 4.3,
 * 6.2 and 6.10).
 *
 * @module
 */
import { joinBytes } from "../../base/join_bytes.ts";
import { ErrorCode } from "./error_codes.ts";
import { ConnectionError, FLAG, MAX_STREAM_ID } from "./frames.ts";

/** More CONTINUATION frames than this do not come from somebody who means well. */
const MAX_CONTINUATIONS = 64;
/** A priority has so many bytes: a stream, and a weight. */
const PRIORITY_BYTES = 5;

/** Puts the block of a connection together: there is one at a time. */
export class HeaderBlock {
  readonly #maxBytes: number;
  #parts: Uint8Array[] = [];
  #bytes = 0;
  /** The stream of the block that is not whole; 0 when there is none. */
  stream = 0;
  /** Whether HEADERS has ended the stream. */
  endStream = false;
  /** Whether the stream's priority depends on the stream itself (RFC 7540, 5.3.1). */
  dependsOnItself = false;

  /** One that ends the connection when a block has more bytes than this. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * Checks how much the next frame brings, before it is read.
   *
   * @throws {ConnectionError} when the block gets too large or has too many frames.
   */
  expect(length: number): void {
    const isTooLong = this.#bytes + length > this.#maxBytes ||
      this.#parts.length > MAX_CONTINUATIONS;
    if (!isTooLong) return;
    throw new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, "headers without end");
  }

  /** Takes HEADERS. Gives the block if it is whole; valid as long as the payload. */
  begin(stream: number, flags: number, payload: Uint8Array): Uint8Array | undefined {
    this.endStream = (flags & FLAG.END_STREAM) !== 0;
    this.dependsOnItself = false;
    let fragment = withoutPadding(flags, payload);
    if ((flags & FLAG.PRIORITY) !== 0) {
      if (fragment.length < PRIORITY_BYTES) {
        throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, "HEADERS too short");
      }
      this.dependsOnItself = readDependency(fragment) === stream;
      fragment = fragment.subarray(PRIORITY_BYTES);
    }
    if ((flags & FLAG.END_HEADERS) !== 0) return fragment;
    this.stream = stream;
    this.#add(fragment);
    return undefined;
  }

  /** Takes CONTINUATION. Gives the block if it is whole now. */
  continue(flags: number, payload: Uint8Array): Uint8Array | undefined {
    this.#add(payload);
    if ((flags & FLAG.END_HEADERS) === 0) return undefined;
    const block = joinBytes(this.#parts);
    this.#parts = [];
    this.#bytes = 0;
    this.stream = 0;
    return block;
  }

  #add(fragment: Uint8Array): void {
    this.#parts.push(fragment.slice());
    this.#bytes += fragment.length;
  }
}

/** The stream on which a priority depends (RFC 9113, 6.3). */
export function readDependency(priority: Uint8Array): number {
  const [a, b, c, d] = priority;
  return (a << 24 | b << 16 | c << 8 | d) & MAX_STREAM_ID;
}

function withoutPadding(flags: number, payload: Uint8Array): Uint8Array {
  if ((flags & FLAG.PADDED) === 0) return payload;
  if (payload.length === 0 || payload[0] >= payload.length) {
    const message = "padding larger than its frame";
    throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, message);
  }
  return payload.subarray(1, payload.length - payload[0]);
}
