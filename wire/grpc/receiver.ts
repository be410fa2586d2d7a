/**
 * The receiving half of a call, of either role: messages are put together, counted,
 * and given out one at a time, and the peer gets credit as they are taken.
 *
 * @module
 */
import { limitExceeded } from "../../rpc/limits.ts";
import { StatusError } from "../../rpc/status.ts";
import type { ByteBudget } from "./byte_budget.ts";
import type { Encoding } from "./grpc_headers.ts";
import type { MessageMemory } from "./message_memory.ts";
import { MESSAGE_OVERHEAD, MessageQueue, type QueueOwner } from "./message_queue.ts";
import { MessageReader, type MessageSink } from "./messages.ts";
import type { Stream } from "../http2/stream.ts";
import type { Turns } from "./turns.ts";
import { unpack } from "./unpack.ts";

/** What a receiver needs to know of its call. */
export interface ReceiverOptions {
  /** Whether any number of messages may come, not exactly one. */
  readonly isStream: boolean;
  /** How many messages may come. @default Infinity */
  readonly maxMessages?: number;
  /** The largest message, in bytes. */
  readonly maxMessageBytes: number;
  /** Gives memory to large messages. @default memory that is counted */
  readonly memory?: MessageMemory;
  /** The error of a message that is larger. */
  readonly tooLarge: () => StatusError;
  /** Counts the bytes of all calls that are not whole or were not read. */
  readonly arriving: ByteBudget;
  /** Decompresses one message at a time. */
  readonly turns: Turns;
  /** Whose turn it is to decompress. */
  readonly connection: object;
  /** The call has to fail with this error. */
  readonly fail: (error: StatusError) => void;
  /** The reader of the messages has left. */
  readonly leave: () => void;
}

/** The most that a compressed message may become: its sender paid a thousandth of it. */
const MAX_UNPACKED_BYTES: number = 64 * 1024 * 1024;
const MAX_UNPACKED_REQUEST: number = 4 * 1024 * 1024;

/** The messages that come on a stream. */
export class Receiver implements MessageSink, QueueOwner {
  /** The messages, for their reader. */
  readonly messages: MessageQueue = new MessageQueue(this);
  /** How those messages are compressed whose flag says that they are. */
  encoding: Encoding = "identity";
  /** How many messages have come. */
  received = 0;
  /** The stream on which they come. */
  stream: Stream | undefined;
  readonly #options: ReceiverOptions;
  readonly #reader: MessageReader;
  /** What counts as arriving of this call. */
  #arriving = 0;
  /** What came behind unread messages: the peer has no credit for it yet. */
  #unreadBytes = 0;
  /** The one message, until the peer has half-closed and it is sure to be the only one. */
  #single: { readonly bytes: Uint8Array; readonly isCompressed: boolean } | undefined;
  #isStopped = false;
  #abort: AbortController | undefined;

  /** The receiving half of a call. */
  constructor(options: ReceiverOptions) {
    this.#options = options;
    const { maxMessageBytes, memory } = options;
    this.#reader = new MessageReader(this, maxMessageBytes, memory);
  }

  /** Takes bytes that came, which may be changed afterwards. */
  push(bytes: Uint8Array): void {
    if (this.#isStopped) return;
    this.#count(bytes.length);
    try {
      this.#reader.push(bytes);
    } catch (error) {
      this.#onError(error);
    }
  }

  /** Where the next bytes are wanted; undefined when `push` is to be called. */
  target(most: number): Uint8Array | undefined {
    return this.#isStopped ? undefined : this.#reader.target(most);
  }

  /** So many bytes are where they were wanted. */
  filled(bytes: number): void {
    if (this.#isStopped) return;
    this.#count(bytes);
    try {
      this.#reader.filled(bytes);
    } catch (error) {
      this.#onError(error);
    }
  }

  /** Whether a message has begun that is not whole. */
  get isInside(): boolean {
    return this.#reader.isInside;
  }

  /** Takes nothing more; what is whole can still be read. */
  finish(): void {
    this.#reader.stop();
    this.messages.end();
  }

  /** The peer has half-closed. */
  end(): void {
    if (this.#isStopped) return;
    if (this.#reader.isInside) {
      return this.#fail("Cannot read a message: the stream ended inside it");
    }
    if (!this.#options.isStream) {
      const single = this.#single;
      if (single === undefined) {
        return this.#fail("Cannot accept the request: it has no message");
      }
      this.#single = undefined;
      this.messages.push(single.bytes, single.isCompressed);
    }
    this.messages.end();
  }

  /** Takes nothing more, and forgets what was not read; the reader gets the error, or the end. */
  stop(error?: Error): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#reader.stop();
    this.#single = undefined;
    this.messages.stop(error);
    this.#abort?.abort(error);
    this.#options.arriving.give(this.#arriving);
    this.#arriving = 0;
  }

  /** A message is whole. */
  onMessage(bytes: Uint8Array, isCompressed: boolean): void {
    if (isCompressed && this.encoding === "identity") {
      throw new StatusError(
        "INTERNAL",
        "Cannot read a message: it is said to be compressed, and grpc-encoding names no way",
      );
    }
    const { maxMessages = Infinity } = this.#options;
    if (++this.received > maxMessages) {
      throw new StatusError(
        "INTERNAL",
        "Cannot accept the answer: it has two messages",
      );
    }
    this.#take(bytes.length + MESSAGE_OVERHEAD);
    if (this.#options.isStream) this.messages.push(bytes, isCompressed);
    else if (this.#single === undefined) this.#single = { bytes, isCompressed };
    else {throw new StatusError(
        "INTERNAL",
        "Cannot accept the request: it has two messages",
      );}
  }

  /** A message that is not whole takes so many bytes more. */
  onPartial(bytes: number): void {
    this.#take(bytes);
  }

  /** The error of a message that is larger than allowed. */
  tooLarge(): StatusError {
    return this.#options.tooLarge();
  }

  /** A message was taken by its reader. */
  onTaken(bytes: number): void {
    if (this.#isStopped) return;
    this.#take(-bytes - MESSAGE_OVERHEAD);
    const released = this.messages.length === 0
      ? this.#unreadBytes
      : Math.min(this.#unreadBytes, bytes);
    this.#unreadBytes -= released;
    this.stream?.giveCredit(released);
  }

  /** The reader has left. */
  onLeft(): void {
    this.#options.leave();
  }

  /** Decompresses a message; gives undefined when that has ended the messages. */
  async unpack(bytes: Uint8Array): Promise<Uint8Array | undefined> {
    try {
      return await this.#decompress(bytes);
    } catch (error) {
      if (this.#isStopped) return undefined;
      if (!(error instanceof StatusError)) throw error;
      this.#options.fail(error);
      // A call that was over before has lost what follows, too.
      if (!this.#isStopped) this.messages.stop();
      return undefined;
    }
  }

  /**
   * Decompresses the messages that wait, only to know whether that can be done. Gives
   * the error of the first for which it cannot.
   */
  async checkCompressed(): Promise<StatusError | undefined> {
    for (const bytes of this.messages.compressed) {
      try {
        await this.#decompress(bytes);
      } catch (error) {
        if (this.#isStopped) return undefined;
        if (error instanceof StatusError) return error;
        throw error;
      }
    }
  }

  async #decompress(bytes: Uint8Array): Promise<Uint8Array> {
    const { encoding } = this;
    const { turns, connection, isStream, maxMessageBytes } = this.#options;
    if (encoding === "identity") return bytes;
    const limit = isStream ? MAX_UNPACKED_BYTES : MAX_UNPACKED_REQUEST;
    const maxBytes = Math.min(limit, maxMessageBytes);
    const { signal } = this.#abort ??= new AbortController();
    const options = { encoding, maxBytes, signal };
    return await turns.run(connection, () => unpack(bytes, options));
  }

  /** Gives the peer credit for what came, unless a message waits that nobody reads. */
  #count(bytes: number): void {
    if (this.messages.length === 0) this.stream?.giveCredit(bytes);
    else this.#unreadBytes += bytes;
  }

  #take(bytes: number): void {
    const { arriving } = this.#options;
    this.#arriving += bytes;
    if (arriving.take(bytes) || bytes < 0) return;
    throw limitExceeded("maxArrivingBytes", arriving.most);
  }

  #onError(error: unknown): void {
    if (!(error instanceof StatusError)) throw error;
    this.#options.fail(error);
  }

  #fail(message: string): void {
    this.#options.fail(new StatusError("INTERNAL", message));
  }
}
