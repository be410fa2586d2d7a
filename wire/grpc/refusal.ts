/**
 * Requests that are not calls of gRPC, and how they are answered.
 *
 * @module
 */
import { ErrorCode } from "../http2/error_codes.ts";
import { StreamError } from "../http2/frames.ts";
import type { DecodedHeaders } from "../hpack/hpack_decoder.ts";
import type { RefusedRequest } from "./request_headers.ts";
import type { Stream, StreamUser } from "../http2/stream.ts";

/** A request with more than this is answered before its end. */
const MAX_BODY_BYTES = 64 * 1024;

/** Answers a request by HTTP's means when it has ended, so that its errors show before. */
export class Refusal implements StreamUser {
  readonly #stream: Stream;
  readonly #refused: RefusedRequest;

  /** The refusal of the request on this stream. */
  constructor(stream: Stream, refused: RefusedRequest) {
    this.#stream = stream;
    this.#refused = refused;
  }

  /** Answers now. */
  answer(): void {
    if (this.#stream.isLocalEnded || this.#stream.isWaiting) return;
    const { answer, body } = this.#refused;
    if (body.length === 0) return this.#stream.endWithHeaders(answer);
    this.#stream.sendHeaders(answer);
    this.#stream.sendBody(body);
  }

  /** Trailers have to be the end. */
  onHeaders(_headers: DecodedHeaders, isEnd: boolean): void {
    if (isEnd) return;
    const message = "trailers that are not the end";
    throw new StreamError(this.#stream.id, ErrorCode.PROTOCOL_ERROR, message);
  }

  /** Throws the bytes away. */
  onData(): void {
    if (this.#stream.receivedBytes > MAX_BODY_BYTES) this.answer();
  }

  /** There is no target, as the bytes are thrown away. */
  dataTarget(): undefined {}

  /** Never called, as there is no target. */
  onDataRead(): void {}

  /** The request has ended. */
  onEnd(): void {
    this.answer();
  }

  /** The client has gone. */
  onReset(): void {
    this.#stream.stop(new Error("reset"));
  }

  /** The client has broken a rule. */
  onBroken(): void {
    this.#stream.stop(new Error("broken"));
  }

  /** The connection has gone. */
  onLost(reason: Error): void {
    this.#stream.stop(reason);
  }
}
