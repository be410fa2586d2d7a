/**
 * Headers that come: they open streams, or are the headers and trailers of streams that
 * are open (RFC 9113, 5.1 and 8.1).
 *
 * @module
 */
import { ErrorCode } from "./error_codes.ts";
import { ConnectionError, protocolError, StreamError } from "./frames.ts";
import { HeaderBlock } from "./header_block.ts";
import {
  CompressionError,
  type DecodedHeaders,
  HpackDecoder,
} from "../hpack/hpack_decoder.ts";
import type { Session } from "./session.ts";
import type { Stream } from "./stream.ts";

/** Blocks of headers have no more bytes than this, or than four times the headers allowed. */
const MIN_BLOCK_BYTES = 64 * 1024;
const MAX_BLOCK_BYTES: number = 16 * 1024 * 1024;
/** Headers of so many times the size that is allowed are more than a mistake. */
const BOMB_FACTOR = 4;

/** Acts on the headers of one connection. */
export class IncomingHeaders {
  readonly #session: Session;
  readonly #decoder: HpackDecoder = new HpackDecoder();
  readonly #block: HeaderBlock;

  /** What acts on the headers of this session. */
  constructor(session: Session) {
    this.#session = session;
    const blockBytes = Math.max(MIN_BLOCK_BYTES, 4 * session.options.maxHeaderBytes);
    this.#block = new HeaderBlock(Math.min(blockBytes, MAX_BLOCK_BYTES));
  }

  /** The stream of a block that is not whole, which only CONTINUATION may follow; or 0. */
  get openBlock(): number {
    return this.#block.stream;
  }

  /** Checks how many bytes the next frame of a block has, before they are read. */
  expect(length: number): void {
    this.#block.expect(length);
  }

  /** Takes a HEADERS frame. */
  begin(stream: number, flags: number, payload: Uint8Array): void {
    this.#onBlock(stream, this.#block.begin(stream, flags, payload));
  }

  /** Takes a CONTINUATION frame. */
  continue(stream: number, flags: number, payload: Uint8Array): void {
    this.#onBlock(stream, this.#block.continue(flags, payload));
  }

  #onBlock(id: number, block: Uint8Array | undefined): void {
    if (block === undefined) return;
    // Each block is decoded, whatever becomes of it: both sides share one table.
    const headers = this.#decode(block);
    const { options, budget } = this.#session;
    if (headers.size > BOMB_FACTOR * options.maxHeaderBytes) budget.bomb();
    const { endStream, dependsOnItself } = this.#block;
    const stream = this.#session.streams.get(id);
    if (stream === undefined) {
      if (this.#opens(id)) this.#open(id, headers, endStream);
    } else if (stream.isRemoteEnded) {
      throw new StreamError(id, ErrorCode.STREAM_CLOSED, "HEADERS after the end");
    } else {
      if (endStream) checkLength(stream);
      stream.user.onHeaders(headers, endStream);
      if (endStream && !stream.isClosed) endRemote(stream);
    }
    if (dependsOnItself) throw dependencyError(id);
  }

  #decode(block: Uint8Array): DecodedHeaders {
    try {
      return this.#decoder.decode(block, this.#session.options.maxHeaderBytes);
    } catch (error) {
      if (!(error instanceof CompressionError)) throw error;
      throw new ConnectionError(ErrorCode.COMPRESSION_ERROR, error.message);
    }
  }

  /** Whether HEADERS open a stream; on a closed stream they are ignored, or an error. */
  #opens(id: number): boolean {
    const session = this.#session;
    const { numbers } = session;
    if (!session.options.isServer) {
      if (!session.isIdle(id)) return false;
      throw protocolError(`headers of stream ${id}, which is idle`);
    }
    if (id % 2 === 0) throw protocolError(`a client opens stream ${id}`);
    if (id <= numbers.last) {
      if (numbers.wasReset(id)) return false;
      throw numbers.headersError(id);
    }
    numbers.open(id);
    return id <= session.lastTaken;
  }

  #open(id: number, headers: DecodedHeaders, isEnd: boolean): void {
    const session = this.#session;
    const stream = session.addStream(id);
    stream.isRemoteEnded = isEnd;
    session.user.opened(stream, headers, isEnd);
  }
}

/** Ends the peer's side of a stream. */
export function endRemote(stream: Stream): void {
  stream.remoteEnded();
  stream.user.onEnd();
}

/**
 * Checks at the end that as many bytes came as content-length says (RFC 9113, 8.1.1).
 *
 * @throws {StreamError} when it were others.
 */
export function checkLength({ id, contentLength, receivedBytes }: Stream): void {
  if (contentLength === undefined || contentLength === receivedBytes) return;
  throw new StreamError(id, ErrorCode.PROTOCOL_ERROR, "content-length is wrong");
}

/** The error of a stream whose priority depends on itself (RFC 7540, 5.3.1). */
export function dependencyError(id: number): StreamError {
  return new StreamError(id, ErrorCode.PROTOCOL_ERROR, "a stream depends on itself");
}
