/**
 * gRPC's messages, each behind a flag and its length ("Length-Prefixed-Message" in
 * gRPC's protocol over HTTP/2): how they are put together from what comes.
 *
 * @module
 */
import { StatusError } from "../../rpc/status.ts";
import type { MessageMemory } from "./message_memory.ts";

/** A flag of 8 bits and a length of 32 stand before each message. */
export const PREFIX_BYTES = 5;

/** A message up to this size gets its memory at once, a larger one as its bytes come. */
const MAX_TRUSTED_BYTES: number = 64 * 1024;
/** When so much has come that the memory is full, there is so many times more. */
const GROWTH = 4;

const EMPTY = new Uint8Array(0);
const COUNTED_MEMORY = { take: (length: number) => new Uint8Array(length) };

/** What receives messages, and what is told of their progress. */
export interface MessageSink {
  /** A message is whole. Its bytes have memory of their own, from offset 0. */
  onMessage(bytes: Uint8Array, isCompressed: boolean): void;
  /** So many bytes of a message that is not whole take memory, or no longer when negative. */
  onPartial(bytes: number): void;
  /** The error of a message that is larger than allowed. */
  tooLarge(): StatusError;
}

/**
 * Puts messages together. Bytes are copied once, to where they stay; a large message
 * may also be read from the socket straight to there (`target`).
 */
export class MessageReader {
  readonly #sink: MessageSink;
  readonly #maxBytes: number;
  readonly #memory: Pick<MessageMemory, "take">;
  /** The prefix of the next message, as far as it has come. */
  readonly #prefix: Uint8Array = new Uint8Array(PREFIX_BYTES);
  #prefixBytes = 0;
  /** The message that has begun; larger than what has come, or as large as announced. */
  #message: Uint8Array | undefined;
  #received = 0;
  #length = 0;
  #isCompressed = false;
  /** The largest message so far: its sender is trusted with as much again. */
  #trusted: number = MAX_TRUSTED_BYTES;

  /**
   * A reader that refuses messages of more bytes than this. Those that do not come as a
   * whole get memory from `memory`.
   */
  constructor(
    sink: MessageSink,
    maxBytes: number,
    memory: Pick<MessageMemory, "take"> = COUNTED_MEMORY,
  ) {
    this.#sink = sink;
    this.#maxBytes = maxBytes;
    this.#memory = memory;
  }

  /** Whether a message has begun that is not whole. */
  get isInside(): boolean {
    return this.#prefixBytes > 0 || this.#message !== undefined;
  }

  /**
   * Takes bytes, which may be changed afterwards.
   *
   * @throws {StatusError} when a message is too large, or its flag is unknown.
   */
  push(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#message !== undefined) {
        const count = Math.min(
          this.#message.length - this.#received,
          bytes.length - at,
        );
        this.#message.set(bytes.subarray(at, at + count), this.#received);
        at += count;
        this.filled(count);
        continue;
      }
      at = this.#readPrefix(bytes, at);
      if (this.#prefixBytes < PREFIX_BYTES) return;
      this.#begin();
      if (this.#length <= bytes.length - at) {
        const message = this.#length === 0 ? EMPTY : bytes.slice(at, at + this.#length);
        at += this.#length;
        this.#sink.onMessage(message, this.#isCompressed);
      } else {
        this.#message = this.#memory.take(Math.min(this.#length, this.#trusted));
      }
    }
  }

  /** Where the next bytes of the message are to be put, at most so many; undefined between messages. */
  target(most: number): Uint8Array | undefined {
    return this.#message?.subarray(this.#received, this.#received + most);
  }

  /** So many bytes were put to the target. */
  filled(count: number): void {
    const message = this.#message!;
    this.#received += count;
    if (this.#received === this.#length) {
      this.#message = undefined;
      this.#sink.onPartial(count - this.#received);
      this.#received = 0;
      this.#trusted = Math.max(this.#trusted, this.#length);
      this.#sink.onMessage(message, this.#isCompressed);
      return;
    }
    if (this.#received === message.length) {
      const larger = this.#memory.take(Math.min(this.#length, GROWTH * message.length));
      larger.set(message);
      this.#message = larger;
    }
    this.#sink.onPartial(count);
  }

  /** Forgets the message that is not whole, and gives its memory back. */
  stop(): void {
    if (this.#message === undefined) return;
    this.#message = undefined;
    this.#sink.onPartial(-this.#received);
    this.#received = 0;
  }

  /** Reads as much of the prefix as there is, and gives where its bytes end. */
  #readPrefix(bytes: Uint8Array, at: number): number {
    while (this.#prefixBytes < PREFIX_BYTES && at < bytes.length) {
      this.#prefix[this.#prefixBytes++] = bytes[at++];
    }
    return at;
  }

  /** Begins the message that the prefix announces. */
  #begin(): void {
    const [flag, a, b, c, d] = this.#prefix;
    this.#prefixBytes = 0;
    if (flag > 1) {
      throw new StatusError(
        "INTERNAL",
        `Cannot read a message: its compressed flag is ${flag}, and has to be 0 or 1`,
      );
    }
    this.#isCompressed = flag === 1;
    this.#length = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
    if (this.#length > this.#maxBytes) throw this.#sink.tooLarge();
  }
}
